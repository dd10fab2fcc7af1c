/** What a program did to several files in one moment: an update of what it had brought, a formatter, a sync tool. */
import type { PathHistory, Version } from '../model.ts';
import type { Reader } from './reader.ts';
import type { Change, Group, Groups } from './strokes-grouped.ts';

export interface ProgramStroke {
  readonly kind: 'update' | 'format' | 'sync';
  readonly says: 'kept' | 'meant' | 'unclear';
  readonly why: string;
}

export interface Programs {
  update(version: Version, group: Group): Promise<ProgramStroke | null>;
  format(version: Version, group: Group): Promise<ProgramStroke | null>;
  sync(version: Version): ProgramStroke | null;
}

/** A formatter or an update of one file alone cannot be told from a person. */
const FEWEST = 2;
/** Of larger strokes, and of files with more bytes, nobody looks whether they keep their words. */
const MOST_FILES = 200;
const MOST_BYTES = 2_000_000;
/** A text of so many lines that has less than this part of them afterwards collapsed, though every word stands. */
const LINES = 4;
const STAYS = 0.25;
/** A file that came so long after it was written (milliseconds) was written somewhere else. */
const TRAVELLED_MS = 5_000;
/** What sync tools keep in the folders that they carry. */
const traces =
  /(^|\/)(\.(stfolder|stignore|stversions|dropbox|dropbox\.cache|owncloudsync\.log|nextcloudsync\.log)(\/|$)|\.syncthing\.[^/]*\.tmp$)|\.sync-conflict-\d{8}-|\(.*conflicted copy/i;
/** Files in which a bundle says which version it is. */
const manifest = /(^|\/)(plugin\.json|package\.json|SKILL\.md|VERSION)$/;
const registry = /(^|\/)plugins\/installed_plugins\.json$/;

export function programs(histories: readonly PathHistory[], groups: Groups, reader: Reader): Programs {
  const formats = new Map<string, Promise<boolean>>();
  const versions = new Map<string, Promise<string | null>>();
  const synced = new Map<string, boolean>();
  const rewritten = new Map<Group, ReadonlyMap<string, readonly Change[]>>();

  /** What the stroke replaced, by each folder above it. */
  const rewrittenIn = (group: Group): ReadonlyMap<string, readonly Change[]> => {
    const known = rewritten.get(group);
    if (known) return known;
    const made = new Map<string, Change[]>();
    for (const change of group.changes.values()) {
      if (change.before === null) continue;
      for (const folder of foldersAbove(change.file.path)) {
        const inside = made.get(folder);
        if (inside) inside.push(change);
        else made.set(folder, [change]);
      }
    }
    rewritten.set(group, made);
    return made;
  };

  /** `from 1.2.0 to 1.3.0`, where a file of the bundle says so; null where none does. */
  const newVersion = async (bundle: string, changes: readonly Change[]): Promise<string | null> => {
    for (const { file, before, after } of changes) {
      if (!manifest.test(file.path) || !file.path.startsWith(bundle) || !before) continue;
      const [was, is] = [numberIn(await reader.text(before)), numberIn(await reader.text(after))];
      if (was !== null && is !== null && was !== is) return `from ${was} to ${is}`;
    }
    return null;
  };

  return {
    async update(version, group) {
      const own = group.changes.get(version.path);
      if (!own?.before || own.after.id !== version.id || !version.path.includes('/')) return null;
      const plugins = /^(profiles\/[^/]+\/)?plugins\//.exec(version.path)?.[0];
      const replaced = rewrittenIn(group);
      for (const bundle of foldersAbove(version.path)) {
        const inside = replaced.get(bundle) ?? [];
        if (inside.length < FEWEST) continue;
        const key = `${group.id} ${bundle}`;
        const said = versions.get(key) ?? newVersion(bundle, inside);
        versions.set(key, said);
        const isBooked =
          plugins !== undefined && (replaced.get(plugins) ?? []).some(({ file }) => registry.test(file.path));
        const step = (await said) ?? (isBooked ? 'as installed_plugins.json says' : null);
        if (step === null) continue;
        // Who wrote into a file since it came would lose that: then it is no update alone.
        if (!cameWith(own, inside.slice(0, MOST_FILES), groups)) return null;
        const why = `${inside.length} files below ${bundle} were updated in one moment, ${step}; nobody had written into this one since it came`;
        return { kind: 'update', says: 'meant', why };
      }
      return null;
    },

    async format(version, group) {
      const own = group.changes.get(version.path);
      if (!own || own.after.id !== version.id || group.changes.size > MOST_FILES || version.how === 'import')
        return null;
      const extension = extensionOf(version.path);
      const alike = [...group.changes.values()].filter(
        ({ file, before, after }) =>
          before?.kind === 'file' && after.kind === 'file' && extensionOf(file.path) === extension,
      );
      if (alike.length < FEWEST || alike.some(({ after, before }) => after.size + before!.size > MOST_BYTES))
        return null;
      const key = `${group.id} ${extension}`;
      const kept = formats.get(key) ?? everyWordStays(alike, reader);
      formats.set(key, kept);
      if (!(await kept)) return null;
      return {
        kind: 'format',
        says: 'kept',
        why: `${alike.length} files were written in one moment, and all kept their words`,
      };
    },

    sync({ root, how, at, mtime }) {
      if (how !== 'event' || mtime === null || at - mtime < TRAVELLED_MS) return null;
      const isSynced = synced.get(root) ?? histories.some(file => file.root === root && traces.test(file.path));
      synced.set(root, isSynced);
      if (!isSynced) return null;
      return { kind: 'sync', says: 'unclear', why: 'a sync tool brought it: it is older than its coming here' };
    },
  };
}

/** True when what goes came in one moment with others that go now, or was there at the first look; nobody touched it since. */
function cameWith({ before, index }: Change, others: readonly Change[], groups: Groups): boolean {
  if (index === 0) return true;
  const group = groups.of(before!);
  return group !== null && others.filter(other => other.before && groups.of(other.before) === group).length >= FEWEST;
}

async function everyWordStays(changes: readonly Change[], reader: Reader): Promise<boolean> {
  for (const { before, after } of changes) {
    if (!keepsWords(await reader.text(before!), await reader.text(after))) return false;
  }
  return true;
}

/** Blanks, marks, quotes, wrapping and order may differ; words may not, nor may a text become a single line. */
function keepsWords(before: string, after: string): boolean {
  const lines = (text: string) => text.split('\n').filter(line => line.trim() !== '').length;
  const had = lines(before);
  if (had >= LINES && lines(after) < STAYS * had) return false;
  const counts = new Map<string, number>();
  const words = (text: string) => text.match(/[\p{L}\p{N}]+/gu) ?? [];
  for (const word of words(before)) counts.set(word, (counts.get(word) ?? 0) + 1);
  for (const word of words(after)) {
    const left = counts.get(word) ?? 0;
    if (left === 0) return false;
    if (left === 1) counts.delete(word);
    else counts.set(word, left - 1);
  }
  return counts.size === 0;
}

/** `version: 1.2.0`, `"version": "1.2.0"`, or a file that says nothing else. */
function numberIn(text: string): string | null {
  const head = text.slice(0, 20_000);
  const number = /^v?(\d{1,9}(?:\.\d{1,9}){1,3})$/.exec(head.trim().slice(0, 50));
  const said = /^\s*"?version"?\s*[:=]\s*["']?v?(\d{1,9}(?:\.\d{1,9}){1,3})\b/m.exec(head);
  return (number ?? said)?.[1] ?? null;
}

/** `skills/a/b.md` → `['skills/a/', 'skills/']`. */
function foldersAbove(path: string): readonly string[] {
  const folders: string[] = [];
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) folders.push(path.slice(0, at + 1));
  return folders;
}

function extensionOf(path: string): string {
  return /\.[^./]+$/.exec(path)?.[0] ?? '';
}
