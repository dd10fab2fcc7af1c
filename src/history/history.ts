/** The versions of one path in their order, and the edits between them. */
import type { Edit, FileClass, FolderHistory, PathHistory, Time, Version } from '../model.ts';

/**
 * Orders by `seenAt`. The same content in a row is one version (the earliest, settled if any of them was); an unsettled
 * version that was replaced drops out, for the next reading saw what it should have been. An unsettled newest version
 * stays in `versions` but takes part in no edit: it raises nothing by itself.
 */
export function historyOf(versions: readonly Version[], fileClass: FileClass): PathHistory {
  // Most paths of a home never change: no copies for them.
  const [only] = versions;
  if (only && versions.length === 1) return { root: only.root, path: only.path, class: fileClass, versions, edits: [] };
  const ordered = inARow([...versions].sort((a, b) => a.seenAt - b.seenAt));
  const kept = inARow(ordered.filter((version, i) => version.settled || i === ordered.length - 1));
  return {
    root: kept[0]?.root ?? '',
    path: kept[0]?.path ?? '',
    class: fileClass,
    versions: kept,
    edits: editsOf(kept),
  };
}

/** The edits between settled versions that follow each other; the same content in a row makes none. */
export function editsOf(versions: readonly Version[]): readonly Edit[] {
  const settled = inARow(versions.filter(version => version.settled));
  return settled.slice(1).map((after, i) => ({ before: settled[i]!, after }));
}

/**
 * Every folder that holds a path at any depth, the root itself (`''`) included; sorted by root and path. With `only`
 * (`${root}\0${folder}`), those alone.
 */
export function folderHistories(paths: readonly PathHistory[], only?: ReadonlySet<string>): readonly FolderHistory[] {
  const folders = new Map<string, { root: string; path: string; files: PathHistory[] }>();
  for (const file of paths) {
    for (const path of foldersOf(file.path)) {
      const key = `${file.root}\0${path}`;
      if (only && !only.has(key)) continue;
      const folder = folders.get(key);
      if (folder) folder.files.push(file);
      else folders.set(key, { root: file.root, path, files: [file] });
    }
  }
  return [...folders].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, folder]) => folder);
}

/** `a/b/c.md` → `['', 'a', 'a/b']`. A file beside its root (`../x`) belongs to the root alone. */
export function foldersOf(path: string): readonly string[] {
  const folders = [''];
  if (path.startsWith('../')) return folders;
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) folders.push(path.slice(0, at));
  return folders;
}

/**
 * When `versions[i]` was written. A scan reads a file long after its write, and a copy may keep a modification time that is
 * older than the copy: so it is `at`, but no earlier than the reading before and no later than its own.
 */
export function writtenAt(versions: readonly Version[], i: number): Time {
  const { at, seenAt } = versions[i]!;
  return Math.min(seenAt, Math.max(at, versions[i - 1]?.seenAt ?? at));
}

export function isSameContent(a: Version, b: Version): boolean {
  return a.kind === b.kind && a.blob === b.blob && (a.blob !== null || a.size === b.size);
}

/**
 * The same content in a row as one version: the earliest, settled if any of them was. Two processes may have seen one
 * write; when one of them was the restore that made it, that is how it came to be.
 */
export function inARow(versions: readonly Version[]): readonly Version[] {
  const kept: Version[] = [];
  for (const version of versions) {
    const last = kept.at(-1);
    if (!last || !isSameContent(last, version)) kept.push(version);
    else {
      const how = version.how === 'restore' ? version.how : last.how;
      kept[kept.length - 1] = { ...last, how, settled: last.settled || version.settled };
    }
  }
  return kept;
}
