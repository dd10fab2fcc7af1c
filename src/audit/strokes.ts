/**
 * What happened to several files of a root in one moment, and what git did to them: looked for by name before anything is
 * said of a single file. `rules/README.md` says what each kind means.
 */
import { hash } from 'node:crypto';
import type { PathHistory, Version } from '../model.ts';
import type { Stroke } from '../rule.ts';
import { clock } from '../rule.ts';
import type { Reader } from './reader.ts';
import type { GitFacts } from './strokes-git.ts';
import { gitStrokes } from './strokes-git.ts';
import type { Group } from './strokes-grouped.ts';
import { groupsOf } from './strokes-grouped.ts';
import type { ProgramStroke } from './strokes-programs.ts';
import { programs } from './strokes-programs.ts';
import { birthOf, type WentBack, wentBack } from './strokes-went-back.ts';
import type { Testimony } from './testimony.ts';

/** For more versions than these nobody is asked who wrote them. */
const MOST_TAKEN = 200;

export interface StrokesDeps {
  readonly reader: Reader;
  readonly git?: GitFacts;
  readonly testimony?: Pick<Testimony, 'writer'>;
  /** True when whoever committed that version said that it takes back what came before. Left out: nobody did. */
  isAnnounced?(version: Version): boolean;
}

export interface Strokes {
  of(version: Version): Promise<Stroke | null>;
  /** Changes whenever the answer may change. */
  signature(version: Version): string;
}

export function strokes(histories: readonly PathHistory[], deps: StrokesDeps): Strokes {
  const groups = groupsOf(histories);
  const git = gitStrokes(deps.git, groups, deps.reader);
  const byProgram = programs(histories, groups, deps.reader);
  const known = new Map<Group, WentBack | null>();
  const wentBackOf = (group: Group): WentBack | null => {
    const made = known.get(group);
    if (made !== undefined) return made;
    const found = wentBack(group, groups);
    known.set(group, found);
    return found;
  };

  /** What stood there before; a deletion just before is a part of the write. */
  const beforeOf = (version: Version, group: Group | null): Version | null => {
    const change = group?.changes.get(version.path);
    if (change?.after.id === version.id) return change.before;
    const versions = groups.file(version)?.versions ?? [];
    const at = versions.findIndex(({ id }) => id === version.id);
    return versions.slice(0, Math.max(0, at)).findLast(({ settled }) => settled) ?? null;
  };

  /** Where a scan found that a file went: the strokes of that look. */
  const groupsFor = (version: Version): readonly Group[] => {
    const own = groups.of(version);
    const others = version.how === 'scan' && version.kind === 'gone' ? groups.ofSameScan(version) : [];
    return own ? [own, ...others.filter(other => other !== own)] : others;
  };

  const strokeOfGit = async (version: Version): Promise<Stroke | null> => {
    const own = groups.of(version);
    const before = beforeOf(version, own);
    if (own && deps.isAnnounced?.(version)) {
      const { from, to, id, changes } = own;
      const stood = stoodBefore(version) ? 'it is what stood there before, and ' : '';
      const why = `${stood}its commit says that it takes an earlier one back`;
      return { id, kind: 'git', from, to, files: changes.size, backTo: null, says: 'meant', why };
    }
    const found = own && (await git.of(version, before, own));
    if (!found) return null;
    // Others that the same scan found were put there by that very move.
    const isJoined = found.says === 'meant' && version.kind === 'gone' && (await isGitOf(version, found.move.text));
    const { from, to, id, changes } = own;
    const says = isJoined && found.move.what !== 'pull' && found.move.what !== 'merge' ? 'kept' : found.says;
    return { id, kind: 'git', from, to, files: changes.size, backTo: null, says, why: found.why };
  };

  const named = (program: ProgramStroke, { id, from, to, changes }: Group): Stroke => {
    return { id, from, to, files: changes.size, backTo: null, ...program };
  };

  /** A file that is deleted was not there before it came. */
  const stoodBefore = ({ id, root, path, blob, kind }: Version): boolean => {
    if (kind === 'gone') return true;
    const versions = groups.file({ root, path })?.versions ?? [];
    return versions
      .slice(
        0,
        Math.max(
          0,
          versions.findIndex(other => other.id === id),
        ),
      )
      .some(other => other.blob === blob);
  };

  const isGitOf = async (gone: Version, text: string): Promise<boolean> => {
    for (const group of groups.ofSameScan(gone)) {
      for (const { after, before } of group.changes.values()) {
        if (after.kind !== 'file') continue;
        const found = await git.of(after, before, group);
        if (found?.move.text === text) return true;
        break;
      }
    }
    return false;
  };

  const strokeOfWentBack = async (version: Version): Promise<Stroke | null> => {
    for (const group of groupsFor(version)) {
      const found = wentBackOf(group);
      if (!found || !isPart(version, group, found)) continue;
      const { id, from, to, changes } = group;
      const number = found.paths.size;
      const then = found.backTo === null ? 'each had been before' : `they were at ${clock(found.backTo, from)}`;
      const moment = `${number} files went back to the byte, in one moment, to what ${then}`;
      const stroke = { id, kind: 'went-back', from, to, files: changes.size, backTo: found.backTo } as const;
      if (found.isSwitch) return { ...stroke, says: 'meant', why: `${moment}, and not for the first time` };
      if (await isOfOne(found.taken))
        return { ...stroke, says: 'unclear', why: `${moment}; one session had written all of it` };
      if (found.isUndo) return { ...stroke, says: 'unclear', why: `${moment}; it may be an undo of one step` };
      return { ...stroke, says: 'lost', why: `${moment}: a stale tree, or a copy of one` };
    }
    return null;
  };

  /** True when records say that one session wrote all of it: it may have taken back its own steps, as `/rewind` does. */
  const isOfOne = async (taken: readonly Version[]): Promise<boolean> => {
    if (!deps.testimony || taken.length > MOST_TAKEN) return false;
    const writers = new Set<string | null>();
    for (const version of taken) {
      const writer = await deps.testimony.writer(version);
      writers.add(writer?.kind === 'session' ? writer.id : null);
      if (writers.size > 1 || writers.has(null)) return false;
    }
    return true;
  };

  const isPart = (version: Version, group: Group, { paths, isYoung }: WentBack): boolean => {
    if (version.kind !== 'gone')
      return paths.has(version.path) && group.changes.get(version.path)?.after.id === version.id;
    const file = groups.file(version);
    const birth = file && birthOf(file, version);
    return birth !== null && isYoung(birth);
  };

  return {
    async of(version) {
      const byGit = await strokeOfGit(version);
      if (byGit !== null && byGit.says !== 'unclear') return byGit;
      const group = groups.of(version);
      const update = group && (await byProgram.update(version, group));
      if (update) return named(update, group);
      // What git threw away, and has nowhere, is as lost as what a copy wrote over.
      const back = await strokeOfWentBack(version);
      const synced = byProgram.sync(version);
      if (back) {
        const says = byGit ? 'lost' : back.says;
        return { ...back, says, why: [back.why, byGit?.why, synced?.why].filter(Boolean).join('; ') };
      }
      const other = group && ((await byProgram.format(version, group)) ?? synced);
      return byGit ?? (other && named(other, group));
    },
    signature(version) {
      const own = groups.of(version);
      const parts = groupsFor(version).map(({ signature }) => signature);
      return hash('sha1', [...parts, git.signature(version, beforeOf(version, own), own)].join(), 'hex');
    },
  };
}
