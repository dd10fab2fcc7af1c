/** The copies that the client made and that were not taken in yet, each at the moment at which it was made. */
import { join } from 'node:path';
import type { Root, Time } from '../../model.ts';
import type { SessionFacts } from '../act.ts';
import type { Sighting } from '../contents/reconstruct.ts';
import type { EvidenceFile } from '../evidence/evidence-file.ts';
import type { Known } from '../evidence/evidence-lines.ts';
import type { Place } from '../evidence.ts';
import { placeKey } from '../keys.ts';
import { largest, textOf } from '../texts.ts';
import { findTranscripts } from '../transcripts/find.ts';
import { type Backup, backupNames, backupTimes, findBackups } from './backups.ts';

export interface CopiesDeps {
  readonly roots: readonly Root[];
  readonly evidence: Pick<EvidenceFile, 'marks' | 'session'>;
  /** All paths that the roots have or had, as clients spelled them. */
  readonly spelled: readonly string[];
  /** Every path that a copy may be one of. */
  readonly paths: () => Iterable<Place>;
  /** True when some of them were not known the last time. */
  readonly hasNewPaths: boolean;
  /** Sessions whose transcripts are new or changed, with what is known of them. */
  readonly sessions: ReadonlyMap<string, SessionFacts | null>;
  isWanted(place: Place): boolean;
  read(root: Root, path: string): Uint8Array | null;
}

export interface Copies {
  readonly byPlace: ReadonlyMap<string, readonly { readonly place: Place; readonly sighting: Sighting }[]>;
  readonly known: readonly Known[];
  readonly skipped: readonly Unseen[];
  readonly unreadable: readonly Unseen[];
}

export interface Unseen {
  readonly root: string;
  readonly path: string;
  readonly why: string;
}

/** Of one session: the copies that were dealt with, and how many there are of which nobody knows what they are. */
interface FolderMark {
  readonly done: readonly string[];
  readonly rest: number;
}

export async function freshCopies(deps: CopiesDeps): Promise<Copies> {
  const byPlace = new Map<string, { place: Place; sighting: Sighting }[]>();
  const known: Known[] = [];
  const skipped: Unseen[] = [];
  const unreadable: Unseen[] = [];
  for (const root of deps.roots) {
    const marks = deps.evidence.marks(root.name) as ReadonlyMap<string, Partial<FolderMark>>;
    const folderOf = (session: string) => `file-history/${session}`;
    const isAsked = (session: string): boolean => {
      const mark = marks.get(folderOf(session));
      return !mark || deps.sessions.has(session) || (deps.hasNewPaths && (mark.rest ?? 0) > 0);
    };
    const sessions = bySession(findBackups(root, isAsked));
    if (sessions.size === 0) continue;
    const pathOf = backupNames(root, [root.path, ...deps.spelled], pathsIn(root, deps.paths()));
    const transcripts = bySession(findTranscripts(root.path));
    for (const [session, backups] of sessions) {
      const folder = session === null ? 'backups' : folderOf(session);
      const before = marks.get(folder)?.done ?? [];
      const done = new Set(before);
      const fresh = backups.filter(({ name }) => !done.has(name)).map(backup => ({ backup, path: pathOf(backup) }));
      const wanted = fresh.filter(({ path }) => path !== null && deps.isWanted({ root: root.name, path }));
      const own = (session === null ? [] : (transcripts.get(session) ?? [])).map(({ path }) => join(root.path, path));
      const times = wanted.length > 0 ? await backupTimes(own) : new Map<string, Time>();
      const facts = session === null ? undefined : (deps.sessions.get(session) ?? sessionOf(deps, session));
      const failed = new Set<string>();
      for (const { backup, path } of wanted) {
        const place = { root: root.name, path: path! };
        const sighting = sightingOf(backup, { facts, times, read: () => deps.read(root, backup.file) });
        const unseen = { root: root.name, path: backup.file };
        if (sighting === null) {
          unreadable.push({ ...unseen, why: 'it could not be read' });
          failed.add(backup.name);
        } else if (typeof sighting === 'string') skipped.push({ ...unseen, why: sighting });
        else byPlace.set(placeKey(place), [...(byPlace.get(placeKey(place)) ?? []), { place, sighting }]);
      }
      // One that fits no path yet may fit one that is named later.
      for (const { backup, path } of fresh) if (path !== null && !failed.has(backup.name)) done.add(backup.name);
      const mark: FolderMark = { done: [...done], rest: backups.filter(({ name }) => !done.has(name)).length };
      const isSame = marks.get(folder)?.rest === mark.rest && before.length === done.size;
      if (!isSame) known.push({ kind: 'mark', data: { root: root.name, transcript: folder, mark } });
    }
  }
  return { byPlace, known, skipped, unreadable };
}

function sessionOf({ evidence }: CopiesDeps, session: string): SessionFacts | undefined {
  return evidence.session({ session, agent: null });
}

function bySession<T extends { readonly session: string | null }>(all: readonly T[]): ReadonlyMap<string | null, T[]> {
  const groups = new Map<string | null, T[]>();
  for (const each of all) groups.set(each.session, [...(groups.get(each.session) ?? []), each]);
  return groups;
}

function* pathsIn(root: Root, places: Iterable<Place>): Iterable<string> {
  for (const { root: name, path } of places) if (name === root.name) yield path;
}

interface About {
  readonly facts: SessionFacts | undefined;
  readonly times: ReadonlyMap<string, Time>;
  read(): Uint8Array | null;
}

/** A word where it cannot be used, and why; null where it cannot be read. */
function sightingOf({ size, mtime, from, name, at }: Backup, { facts, times, read }: About): Sighting | string | null {
  if (size > largest) return 'it is too big to be a text';
  const told = at ?? times.get(name);
  // Where the files were copied, their times say nothing.
  const isCopied = facts !== undefined && (mtime < facts.first - 60_000 || mtime > facts.last + 60_000);
  if (told === undefined && isCopied) return 'nothing says when it was made';
  const bytes = read();
  return bytes && { at: told ?? mtime, text: textOf(bytes), source: 'backup', from, isTimeSure: told !== undefined };
}
