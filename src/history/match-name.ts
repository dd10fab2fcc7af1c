/** Which kept file or folder a person means by a name, or by the last parts of a path. */
import { nearest } from '../nearest.ts';
import type { PathKey } from '../store/store.ts';

export type NameMatch =
  | { readonly kind: 'file' | 'folder'; readonly at: PathKey }
  | { readonly kind: 'several'; readonly among: readonly PathKey[] }
  /** Nothing has that name; `near` holds up to `mostNear` paths that look like it. */
  | { readonly kind: 'none'; readonly near: readonly PathKey[] };

export const mostNear = 3;

/**
 * The whole path goes before its last parts (`MEMORY.md`, `memory/MEMORY.md`), the same letters before other capitals. A
 * folder is named as its files are. `wants: 'file'` leaves folders out. Names are compared in Unicode's composed form (NFC),
 * for macOS writes them decomposed.
 */
export function matchName(typed: string, files: readonly PathKey[], wants: 'file' | 'any' = 'any'): NameMatch {
  const isFolder = typed.endsWith('/');
  const word = typed
    .normalize('NFC')
    .replace(/^(?:\.\/)+/, '')
    .replace(/\/+$/, '');
  if (word === '') return { kind: 'none', near: [] };
  const folders = wants === 'any' ? foldersOf(files) : [];
  const kinds = [
    ['file', isFolder ? [] : files],
    ['folder', folders],
  ] as const;
  for (const isSame of samenesses(word)) {
    const found = kinds.flatMap(([kind, known]) => known.filter(({ path }) => isSame(path)).map(at => ({ kind, at })));
    if (found.length === 1) return found[0]!;
    if (found.length > 1) return { kind: 'several', among: found.map(({ at }) => at) };
  }
  return {
    kind: 'none',
    near: nearTo(word, isFolder ? folders : /\.\w+$/.test(word) ? files : [...files, ...folders]),
  };
}

type IsSame = (path: string) => boolean;

function samenesses(word: string): readonly IsSame[] {
  const end = `/${word}`;
  const [loose, looseEnd] = [word.toLowerCase(), end.toLowerCase()];
  return [
    path => path === word,
    path => path.endsWith(end),
    path => path.normalize('NFC') === word || path.normalize('NFC').endsWith(end),
    path => path.toLowerCase() === loose || path.toLowerCase().endsWith(looseEnd),
  ];
}

function foldersOf(files: readonly PathKey[]): readonly PathKey[] {
  const known = new Map<string, PathKey>();
  for (const { root, path } of files) {
    if (path.startsWith('../')) continue;
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      const folder = path.slice(0, at);
      const key = `${root}\0${folder}`;
      if (known.has(key)) break;
      known.set(key, { root, path: folder });
    }
  }
  return [...known.values()];
}

/** Paths whose last part holds the word, or else whose last part is a few keystrokes away. */
function nearTo(word: string, known: readonly PathKey[]): readonly PathKey[] {
  const name = lastPart(word).toLowerCase();
  const byPath = known.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const holding = byPath.filter(({ path }) => name.length > 2 && lastPart(path).toLowerCase().includes(name));
  if (holding.length > 0) return holding.slice(0, mostNear);
  const names = new Set(byPath.map(({ path }) => withoutEnding(lastPart(path))));
  const best = nearest(withoutEnding(lastPart(word)), [...names]);
  return byPath.filter(({ path }) => withoutEnding(lastPart(path)) === best).slice(0, mostNear);
}

/** `notes.md` and `other.md` are no more alike for what they end in. */
function withoutEnding(name: string): string {
  return name.replace(/(?<=.)\.\w+$/, '');
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
