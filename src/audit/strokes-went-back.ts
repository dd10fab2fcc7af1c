/** Files that went back to the byte, in one stroke, to what stood there at one earlier moment: a stale tree, a bad copy. */
import type { PathHistory, Time, Version } from '../model.ts';
import type { Change, Group, Groups } from './strokes-grouped.ts';

/** One file that goes back is an undo. */
const FEWEST = 2;
/** A content that stood there more often than this is looked for in the newest of those times. */
const TIMES = 20;
/** Files whose times are as near as this were written together (milliseconds). */
const MOMENT_MS = 2_000;
/** A stroke that changed more files than this is looked at in the first of them. */
const LARGEST = 5_000;

export interface WentBack {
  /** Paths that went back. */
  readonly paths: ReadonlySet<string>;
  /** The newest moment at which all of that stood there. */
  readonly backTo: Time;
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
  if (together.length < FEWEST || together.length * 2 <= back.length) return null;
  if (!together.some(({ file }) => file.class === 'authored')) return null;
  const backTo = common.at;
  const taken = together.flatMap(({ file, index }) =>
    file.versions.slice(1, index + 1).filter(({ at }) => at > backTo),
  );
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

/** A scan that came late says of a file with an older time only when it looked: then the file's own time counts. */
function momentOf(version: Version, groups: Groups): Group | null | number {
  const { how, at, seenAt, mtime } = version;
  const isLate = how === 'scan' && at === seenAt && mtime !== null && seenAt - mtime > MOMENT_MS;
  return isLate ? Math.floor(mtime / MOMENT_MS) : groups.of(version);
}

/** When the content stood there before. Nothing for a file that is new, empty, or as it never was. */
function spansOf({ file: { path, versions }, before, after, index }: Change): readonly Span[] {
  if (before?.kind !== 'file' || after.kind !== 'file' || after.size === 0 || after.blob === before.blob) return [];
  const spans: Span[] = [];
  for (let i = index - 1; i >= 0 && spans.length < TIMES; i--) {
    const { blob, kind, at, settled } = versions[i]!;
    if (settled && kind === 'file' && blob === after.blob) spans.push({ path, from: at, to: versions[i + 1]!.at });
  }
  return spans;
}

/** True when what goes had gone once before, and was put back: the second time it goes is a habit. */
function hadComeBack({ file: { versions }, before, index }: Change): boolean {
  for (let i = index - 2; i >= 0; i--) if (versions[i]!.blob === before!.blob) return true;
  return false;
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
