/**
 * The file `history`: every version and note that is in a commit, one line each, a block for each commit.
 *
 *     undertext history 2
 *     @<commit> <ref> <bytes of the lines that follow> <CRC-32 of what stands before it in this line, and of the lines>
 *     <line of version-line.ts>
 *     …
 *
 * A block counts only when it is whole.
 */
import { crc32 } from 'node:zlib';
import type { SharedFile } from './shared-file.ts';

export interface HistoryBlock {
  readonly commit: string;
  readonly ref: string;
  readonly lines: readonly string[];
}

/** A block as it stands in the file. */
export interface PlacedBlock {
  readonly commit: string;
  readonly ref: string;
  /** Position of its `@`. */
  readonly at: number;
  /** Its lines, each with its line end; they begin at `bodyAt`. */
  readonly body: Buffer;
  readonly bodyAt: number;
  readonly end: number;
}

export const historyStart = 'undertext history 2\n';
const pieceBytes = 1 << 20;
/** No name of a ref is longer than file systems and git allow. */
const longestHead = 4_096;

export function encodeBlock({ commit, ref, lines }: HistoryBlock): Buffer {
  const body = Buffer.from(lines.map(line => `${line}\n`).join(''));
  const head = `@${commit} ${ref} ${body.length} `;
  return Buffer.concat([Buffer.from(`${head}${crc32(body, crc32(head))}\n`), body]);
}

/** How a block begins; what follows is its length and its checksum. */
export function blockStart(commit: string, ref: string): string {
  return `@${commit} ${ref} `;
}

export function linesOf({ body }: PlacedBlock): readonly string[] {
  const lines = body.toString('utf8').split('\n');
  lines.pop();
  return lines;
}

/** The blocks between two positions, up to the first that is not whole; read in pieces. */
export function* readBlocks(file: SharedFile, from: number, end: number): Generator<PlacedBlock> {
  let window: Buffer = Buffer.alloc(0);
  let windowAt = from;
  const reaches = (start: number, stop: number): boolean => {
    if (stop > windowAt + window.length) {
      window = file.read(start, Math.min(Math.max(stop - start, pieceBytes), end - start));
      windowAt = start;
    }
    return stop <= windowAt + window.length;
  };
  for (let at = from; at < end; ) {
    if (!reaches(at, Math.min(at + longestHead, end))) return;
    const lineEnd = window.subarray(0, at - windowAt + longestHead).indexOf(0x0a, at - windowAt);
    if (lineEnd < 0) return;
    const text = window.toString('utf8', at - windowAt, lineEnd);
    const head = /^@([0-9a-f]{40}) (\S+) (\d{1,15}) (\d{1,10})$/.exec(text);
    if (!head) return;
    const headSum = crc32(window.subarray(at - windowAt, lineEnd - head[4]!.length));
    const bodyAt = windowAt + lineEnd + 1;
    const stop = bodyAt + Number(head[3]);
    if (stop > end || !reaches(at, stop)) return;
    const body = window.subarray(bodyAt - windowAt, stop - windowAt);
    if (crc32(body, headSum) !== Number(head[4])) return;
    yield { commit: head[1]!, ref: head[2]!, at, body, bodyAt, end: stop };
    at = stop;
  }
}
