/** The lines of two versions of a text, and which line of the one became which line of the other although its characters changed. */
import { coarseChanges } from './coarse-diff.ts';
import { formatOf } from './document.ts';
import { dropped, escaped, type Misreading, misreadings } from './misread.ts';

export interface Line {
  /** One character for each byte, without the line end. */
  readonly raw: string;
  readonly text: string;
  /** True when the bytes are no UTF-8, so that each stands for itself. */
  readonly isRaw: boolean;
  /** Characters of its line end. */
  readonly end: number;
}

/** A line before and after, by number. */
export interface Pair {
  readonly at: number;
  readonly to: number;
}

/** Lines that stand in one place on both sides and are no pairs. */
export interface Place {
  readonly mine: readonly number[];
  readonly theirs: readonly number[];
}

export interface Comparison {
  /** Both texts line by line, one character for each byte. */
  readonly old: readonly string[];
  readonly young: readonly string[];
  /** Lines that pairs and places speak of, by number; the others are not read. */
  readonly mine: readonly Line[];
  readonly theirs: readonly Line[];
  /** `by`: the way in which the line was misread, where one explains it. */
  readonly pairs: readonly (Pair & { readonly by: Misreading | null })[];
  readonly places: readonly Place[];
  /** So many lines stand as they were and have characters above ASCII. */
  readonly kept: number;
}

/** Lines of one version: half a second where each of them is damaged. */
const mostLines = 50_000;
/** So many lines are enough to see in which way a text was misread. */
const sample = 100;
/** … and so many for ways that change the letters of ASCII as well, which all edited lines are tried with. */
const few = 10;
/** Pairs of lines that are compared within one changed place: 3 ms. */
const mostPairs = 250_000;

export const high = /[^\0-\x7f]/;
export const control = /[\0-\x08\x0b-\x1f\x7f]/;
/** A run of characters that may be damaged: above ASCII, control characters, question marks. */
export const run = /[^\x20-\x3e\x40-\x7e\t]+/g;

/** Null when no line changed that has a character above ASCII and no control character came, and for too many lines. */
export function compareLines(path: string, before: Uint8Array, after: Uint8Array): Comparison | null {
  const [old, young] = [rawLines(before), rawLines(after)];
  if (Math.max(old.length, young.length) > mostLines) return null;
  const [inOld, inYoung] = [new Set(old), new Set(young)];
  const isNew = (at: number) => !inOld.has(young[at]!);
  const fresh = young.flatMap((_, at) => (isNew(at) ? [at] : []));
  const hasControl = fresh.some(at => control.test(young[at]!.replace(/\r$/, '')));
  const suspects = old.flatMap((raw, at) => (!inYoung.has(raw) && (hasControl || high.test(raw)) ? [at] : []));
  if (fresh.length === 0 || suspects.length === 0) return null;
  const [mine, theirs]: [Line[], Line[]] = [[], []];
  for (const at of suspects) mine[at] = lineOf(old[at]!);
  for (const at of fresh) theirs[at] = lineOf(young[at]!);
  const now = outcomesIn(fresh.map(at => theirs[at]!));
  const ways = waysIn(
    path,
    suspects.map(at => mine[at]!),
    now,
  );
  // Equal tokens are pairs: of a line that stands, of one that a way explains, of one whose runs alone changed.
  const known = { plain: new Map<string, Misreading>(), exact: new Map<string, Misreading>() };
  const tokens = old.map(raw => `l${raw}`);
  for (const at of suspects) {
    const { text, isRaw } = mine[at]!;
    const way = isRaw ? undefined : ways.find(each => isAmong(now, each, text));
    const outcome = way ? outcomeOf(way, text)! : null;
    if (way && outcome !== null) known[way.isExact ? 'exact' : 'plain'].set(outcome, way);
    tokens[at] = way ? `${way.isExact ? 'x' : 'n'}${outcome}` : `k${keyOf(text)}`;
  }
  const others = young.map((raw, at) => {
    if (!isNew(at)) return `l${raw}`;
    const line = theirs[at]!;
    const exact = [line.text, line.raw].find(text => known.exact.has(text));
    if (exact !== undefined) return `x${exact}`;
    return known.plain.has(bare(line.text)) ? `n${bare(line.text)}` : `k${keyOf(line.text)}`;
  });
  const wayOf = (token: string) =>
    (token[0] === 'x' ? known.exact : token[0] === 'n' ? known.plain : null)?.get(token.slice(1)) ?? null;
  const isSuspect = new Set(suspects);
  const pairs: Comparison['pairs'][number][] = [];
  const take = (at: number, to: number): void => {
    if (isSuspect.has(at) && old[at] !== young[to]) pairs.push({ at, to, by: wayOf(tokens[at]!) });
  };
  const places: Place[] = [];
  let [at, to] = [0, 0];
  for (const { start, end, otherStart, otherEnd } of coarseChanges(tokens, others)) {
    while (at < start) take(at++, to++);
    const left = unpaired(tokens.slice(start, end), others.slice(otherStart, otherEnd), (i, j) =>
      take(start + i, otherStart + j),
    );
    places.push({
      mine: left.mine.map(i => start + i).filter(line => isSuspect.has(line)),
      theirs: left.theirs.map(j => otherStart + j).filter(isNew),
    });
    [at, to] = [end, otherEnd];
  }
  while (at < old.length) take(at++, to++);
  const kept = old.filter(raw => inYoung.has(raw) && high.test(raw)).length;
  return { old, young, mine, theirs, pairs, places, kept };
}

/** Pairs what is equal in one changed place, in order, and gives what is left; a large place is left as it is. */
export function unpaired(
  one: readonly string[],
  other: readonly string[],
  take: (at: number, to: number) => void,
): Place {
  const [mine, theirs] = [new Set(one.keys()), new Set(other.keys())];
  if (one.length * other.length <= mostPairs) {
    const longest = [...one, ''].map(() => new Uint32Array(other.length + 1));
    for (let i = one.length - 1; i >= 0; i--) {
      for (let j = other.length - 1; j >= 0; j--) {
        const isEqual = one[i] === other[j];
        longest[i]![j] = isEqual ? longest[i + 1]![j + 1]! + 1 : Math.max(longest[i + 1]![j]!, longest[i]![j + 1]!);
      }
    }
    for (let i = 0, j = 0; i < one.length && j < other.length; ) {
      if (one[i] === other[j]) {
        take(i, j);
        mine.delete(i++);
        theirs.delete(j++);
      } else if (longest[i + 1]![j]! >= longest[i]![j + 1]!) i++;
      else j++;
    }
  }
  return { mine: [...mine], theirs: [...theirs] };
}

/** What stands in new lines, to be compared with what a way makes of old ones. */
interface Outcomes {
  readonly plain: ReadonlySet<string>;
  readonly exact: ReadonlySet<string>;
  /** Their letters and digits of ASCII. */
  readonly letters: ReadonlySet<string>;
}

function lettersOf(text: string): string {
  return text.replace(/[^a-z0-9]+/gi, '');
}

function outcomesIn(fresh: readonly Line[]): Outcomes {
  return {
    plain: new Set(fresh.map(({ text }) => bare(text))),
    exact: new Set(fresh.flatMap(({ text, raw }) => [text, raw])),
    letters: new Set(fresh.map(({ text }) => lettersOf(text))),
  };
}

function isAmong(now: Outcomes, way: Misreading, text: string): boolean {
  const outcome = outcomeOf(way, text);
  return outcome !== null && (way.isExact ? now.exact : now.plain).has(outcome);
}

/** The ways in which some of the lines became new lines; the doubtful ones only where no other fits. */
function waysIn(path: string, lines: readonly Line[], now: Outcomes): readonly Misreading[] {
  const tried = lines.filter(({ text, isRaw }) => !isRaw && high.test(text)).slice(0, sample);
  // Most lines that changed were edited: then no line has their letters, and most ways need not be tried.
  const alike = tried.filter(({ text }) => now.letters.has(lettersOf(text)));
  // In code an escape reads the same.
  const isProse = formatOf(path) === 'markdown' || /\.txt$/i.test(path);
  const ways = [...misreadings, dropped, ...(isProse ? [escaped] : [])];
  const found = ways.filter(way =>
    (way.keepsAscii ? alike : tried.slice(0, few)).some(({ text }) => isAmong(now, way, text)),
  );
  const isSure = found.some(way => way.isSureAlone);
  return found.filter(way => way.isSureAlone || !isSure);
}

/** What a way makes of a line, as it is compared; null when that proves nothing. */
export function outcomeOf(way: Misreading, text: string): string | null {
  const outcome = high.test(text) ? way.of(text) : null;
  if (outcome === null || outcome === text || way.isExact) return outcome === text ? null : outcome;
  const said = bare(outcome);
  return high.test(said) && said !== bare(text) ? said : null;
}

const nothing = /[\0-\x08\x0b-\x1f\x7f-\x9f\ufffd?\u00ad]/g;

/** Without what programs write for bytes that an encoding does not have, and without blanks that editors take away. */
export function bare(text: string): string {
  return text.replace(nothing, '').replaceAll('\u00a0', ' ').trimEnd();
}

/** The line with one mark for each run: lines with the same key say the same but for their runs. */
function keyOf(text: string): string {
  return text.replace(run, '\u0001');
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** `rawLine`: with a `\r` where it ends with one. */
export function lineOf(rawLine: string): Line {
  const isReturn = rawLine.endsWith('\r');
  const raw = isReturn ? rawLine.slice(0, -1) : rawLine;
  const end = isReturn ? 2 : 1;
  if (!high.test(raw)) return { raw, text: raw, isRaw: false, end };
  try {
    return { raw, text: strictUtf8.decode(Buffer.from(raw, 'latin1')), isRaw: false, end };
  } catch {
    return { raw, text: raw, isRaw: true, end };
  }
}

/** One character for each byte; a byte order mark is left out, as in a document. */
export function rawLines(bytes: Uint8Array): readonly string[] {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    .toString('latin1', hasMark(bytes) ? 3 : 0)
    .split('\n');
}

export function hasMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

/** Where each line starts in the decoded text: one character for each byte of a text that is no UTF-8. */
export function startsOf(lines: readonly Line[], isBytes: boolean): readonly number[] {
  let next = 0;
  return lines.map(({ raw, text, end }) => {
    const start = next;
    next += (isBytes ? raw : text).length + end;
    return start;
  });
}
