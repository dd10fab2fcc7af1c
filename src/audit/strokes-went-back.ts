/** Files that went back to the byte, in one stroke, to what stood there at one earlier moment: a stale tree, a bad copy. */
import type { PathHistory, Time, Version } from '../model.ts';
import type { Change, Group, Groups } from './strokes-grouped.ts';

/** One file that goes back is an undo. */
const FEWEST = 2;
/** So many that go back at once, each to another time, are a copy from a folder that is looked after elsewhere. */
const FEWEST_APART = 3;
/** A content that stood there more often than this is looked for in the newest of those times. */
const TIMES = 20;
/** Files whose times are as near as this were written together (milliseconds). */
const MOMENT_MS = 2_000;
/** A stroke that changed more files than this is looked at in the first of them. */
const LARGEST = 5_000;

export interface WentBack {
  /** Paths that went back. */
  readonly paths: ReadonlySet<string>;
  /** The newest moment at which all of that stood there; null when there was none: each went back to a time of its own. */
  readonly backTo: Time | null;
  /** What a stale copy of that moment does not have, as it was made later. */
  readonly isYoung: (birth: Version) => boolean;
  /** True when two files undo one step to the byte, and nothing else was written, nor went. */
  readonly isUndo: boolean;
  /** True when what goes had come back itself before: such files are switched to and fro. */
  readonly isSwitch: boolean;
  /** Of what goes: the versions that brought it, for whoever asks who wrote them. */
  readonly taken: readonly Version[];
}

interface Span {
  readonly path: string;
  readonly from: Time;
  readonly to: Time;
}

export function wentBack(group: Group, groups: Groups): WentBack | null {
  if (group.changes.size < FEWEST) return null;
  const spans: Span[] = [];
  const back: Change[] = [];
  for (const change of [...group.changes.values()].slice(0, LARGEST)) {
    const stood = spansOf(change);
    if (stood.length === 0) continue;
    spans.push(...stood);
    back.push(change);
  }
  if (back.length < FEWEST) return null;
  const common = mostCovered(spans);
  const together = back.filter(({ file }) => common.paths.has(file.path));
  // Files that go back to different moments are no copy of one tree.
  if (together.length < FEWEST || together.length * 2 <= back.length) return apart(back);
  if (!together.some(({ file }) => file.class === 'authored')) return null;
  const backTo = common.at;
  const taken = together.flatMap(change => sinceThen(change, backTo));
  const strokes = new Set(taken.map(version => momentOf(version, groups)));
  const isOwn = ({ file }: Change) => file.class === 'authored' && !common.paths.has(file.path);
  const switched = together.filter(change => hadComeBack(change));
  return {
    paths: new Set(together.map(({ file }) => file.path)),
    backTo,
    isYoung: birth => birth.at > backTo,
    isUndo: together.length === FEWEST && strokes.size === 1 && ![...group.changes.values()].some(isOwn),
    isSwitch: switched.length * 2 > together.length,
    taken,
  };
}

/** Files that each went back to a time of its own: nobody undoes so, and no tree of one moment is so. */
function apart(back: readonly Change[]): WentBack | null {
  const mine = back.filter(({ file }) => file.class === 'authored');
  if (mine.length < FEWEST_APART) return null;
  return {
    paths: new Set(mine.map(({ file }) => file.path)),
    backTo: null,
    isYoung: () => false,
    isUndo: false,
    isSwitch: mine.filter(change => hadComeBack(change)).length * 2 > mine.length,
    taken: mine.map(({ before }) => before!),
  };
}

/** A scan that came late says of a file with an older time only when it looked: then the file's own time counts. */
function momentOf(version: Version, groups: Groups): Group | null | number {
  const { how, at, seenAt, mtime } = version;
  const isLate = how === 'scan' && at === seenAt && mtime !== null && seenAt - mtime > MOMENT_MS;
  return isLate ? Math.floor(mtime / MOMENT_MS) : groups.of(version);
}

/** What came into the file after that moment, the newest first. */
function sinceThen({ file: { versions }, index }: Change, then: Time): readonly Version[] {
  const taken: Version[] = [];
  for (let i = index; i > 0 && versions[i]!.at > then; i--) taken.push(versions[i]!);
  return taken;
}

/** When the content stood there before. Nothing for a file that is new, empty, or as it never was. */
function spansOf({ file, before, after, index }: Change): readonly Span[] {
  if (before?.kind !== 'file' || after.kind !== 'file' || after.size === 0 || after.blob === before.blob) return [];
  const { path, versions } = file;
  const stood = (timesOf(file).get(after.blob!) ?? []).filter(i => i < index).slice(-TIMES);
  return stood.map(i => ({ path, from: versions[i]!.at, to: versions[i + 1]!.at }));
}

/** True when what goes had gone once before, and was put back: the second time it goes is a habit. */
function hadComeBack({ file, before, index }: Change): boolean {
  return (timesOf(file).get(before!.blob!)?.[0] ?? index) < index - 1;
}

const times = new WeakMap<PathHistory, ReadonlyMap<string, readonly number[]>>();

/** By content: the indexes of the versions that had it. Worked out once for each file: a long history is asked often. */
function timesOf(file: PathHistory): ReadonlyMap<string, readonly number[]> {
  const known = times.get(file);
  if (known) return known;
  const made = new Map<string, number[]>();
  for (const [i, { blob, kind, settled }] of file.versions.entries()) {
    if (blob === null || kind !== 'file' || !settled) continue;
    const same = made.get(blob);
    if (same) same.push(i);
    else made.set(blob, [i]);
  }
  times.set(file, made);
  return made;
}

/** The newest moment at which most files had what they have now. */
function mostCovered(spans: readonly Span[]): { readonly at: Time; readonly paths: ReadonlySet<string> } {
  const ends = spans
    .filter(({ from, to }) => from < to)
    .flatMap(span => [
      { at: span.from, isStart: true },
      { at: span.to, isStart: false },
    ])
    // What ends as another one begins does not stand beside it.
    .sort((a, b) => a.at - b.at || Number(a.isStart) - Number(b.isStart));
  let open = 0;
  let most = 0;
  let newest = 0;
  for (const { at, isStart } of ends) {
    open += isStart ? 1 : -1;
    if (!isStart || open < most) continue;
    most = open;
    newest = at;
  }
  const covering = spans.filter(({ from, to }) => from <= newest && newest < to);
  return { at: newest, paths: new Set(covering.map(({ path }) => path)) };
}

/** The version with which the life of a file began that ends with this one. */
export function birthOf({ versions }: PathHistory, gone: Version): Version | null {
  const end = versions.findIndex(({ id }) => id === gone.id);
  for (let i = end - 1; i >= 0; i--) {
    if (versions[i]!.kind === 'gone') return versions[i + 1] === gone ? null : versions[i + 1]!;
  }
  return end > 0 ? versions[0]! : null;
}
