/** Where a text first stands in a content that comes piece by piece: no more than a piece is held. */

export interface Seeker {
  /** Bytes up to the end of the first occurrence; infinite when there is none. Stops reading there. */
  firstEnd(pieces: AsyncIterable<Uint8Array>): Promise<number>;
}

/** `ignoreCase`: capital and small letters are the same. */
export function seekerFor(text: string, ignoreCase: boolean): Seeker {
  return ignoreCase ? foldedSeeker(text) : exactSeeker(Buffer.from(text));
}

function exactSeeker(needle: Buffer): Seeker {
  const endIn = (bytes: Buffer): number => {
    const at = bytes.indexOf(needle);
    return at < 0 ? -1 : at + needle.length;
  };
  return { firstEnd: pieces => walk(pieces, needle.length - 1, endIn) };
}

/** A letter that is folded takes up to three bytes for each UTF-16 unit it becomes. */
const bytesOfUnit = 3;
const longestLetter = 4;

function foldedSeeker(text: string): Seeker {
  const needle = fold(text);
  const holds = (bytes: Buffer, length: number): boolean => fold(bytes.toString('utf8', 0, length)).includes(needle);
  const endIn = (bytes: Buffer): number => {
    if (!holds(bytes, bytes.length)) return -1;
    let [low, high] = [0, bytes.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (holds(bytes, wholeLetters(bytes, middle))) high = middle;
      else low = middle;
    }
    return high;
  };
  return { firstEnd: pieces => walk(pieces, needle.length * bytesOfUnit + longestLetter, endIn) };
}

/** Letter by letter, whatever stands beside it: a final sigma is a sigma. */
function fold(text: string): string {
  return text.toLowerCase().replaceAll('ς', 'σ');
}

/** `overlap`: bytes of a piece that may be the beginning of what ends in the next. */
async function walk(
  pieces: AsyncIterable<Uint8Array>,
  overlap: number,
  endIn: (bytes: Buffer) => number,
): Promise<number> {
  let rest: Buffer = Buffer.alloc(0);
  let start = 0;
  for await (const piece of pieces) {
    const bytes = Buffer.concat([rest, piece]);
    const end = endIn(bytes);
    if (end >= 0) return start + end;
    const from = letterAt(bytes, Math.max(0, bytes.length - overlap));
    start += from;
    rest = bytes.subarray(from);
  }
  return Number.POSITIVE_INFINITY;
}

/** Where the letter begins that stands at `at` (UTF-8): no window begins within one. */
function letterAt(bytes: Buffer, at: number): number {
  let start = at;
  while (start > 0 && at - start < longestLetter - 1 && isWithin(bytes[start])) start--;
  return start;
}

/** The most bytes up to `length` that end with a whole letter. */
function wholeLetters(bytes: Buffer, length: number): number {
  return length < bytes.length ? letterAt(bytes, length) : length;
}

function isWithin(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
