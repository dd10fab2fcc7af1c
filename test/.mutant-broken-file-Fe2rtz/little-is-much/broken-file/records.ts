/** The last lines of a file of records, and those among them that are none. */

export interface TornLine {
  /** Counted from 1 within what was looked at. */
  readonly line: number;
  /** Where it ends in the file, in bytes. */
  readonly end: number;
  readonly hasNul: boolean;
}

/** So many bytes at the end of a file are looked at. */
const TAIL = 256_000;
/** A file of which fewer lines are records is none of records. */
const MOSTLY = 0.75;

/** What is no record between whole ones; the last line may still be being written. */
export function tornLines(bytes: Uint8Array): readonly TornLine[] {
  const start = Math.max(0, bytes.length - TAIL);
  const tail = Buffer.from(bytes.buffer, bytes.byteOffset + start, bytes.length - start);
  const torn: TornLine[] = [];
  let whole = 0;
  let line = 0;
  let from = start === 0 ? 0 : tail.indexOf(0x0a) + 1;
  for (let to = tail.indexOf(0x0a, from); to >= 0; to = tail.indexOf(0x0a, from)) {
    line++;
    const text = tail.toString('utf8', from, to).trim();
    if (text !== '' && !isRecord(text)) torn.push({ line, end: start + to, hasNul: text.includes('\0') });
    else if (text !== '') whole++;
    from = to + 1;
  }
  return whole >= 3 && whole >= MOSTLY * (whole + torn.length) ? torn : [];
}

function isRecord(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    return error instanceof RangeError;
  }
}
