/** What the history index says of each commit, whether the commits can be read or not. */
import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { errno } from '../../errors.ts';
import type { Layout } from '../repository.ts';
import type { HistoryBlock } from './history-index.ts';

/**
 * Every whole block of the history index, in its order. Unlike who reads it as a cache, this goes on behind a block that
 * is damaged: a line that a commit has lost may stand nowhere else.
 */
export function knownBlocks(layout: Layout): readonly HistoryBlock[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(layout.history);
  } catch (error) {
    if (['ENOENT', 'EISDIR'].includes(errno(error))) return [];
    throw error;
  }
  const blocks: HistoryBlock[] = [];
  for (let at = bytes.indexOf('@'); at >= 0; ) {
    const block = blockAt(bytes, at);
    if (block) blocks.push(block.block);
    at = block ? bytes.indexOf('@', block.end) : bytes.indexOf('\n@', at) + 1 || -1;
  }
  return blocks;
}

function blockAt(bytes: Buffer, at: number): { readonly block: HistoryBlock; readonly end: number } | null {
  const lineEnd = bytes.indexOf(0x0a, at);
  const head = lineEnd < 0 ? '' : bytes.toString('utf8', at, lineEnd);
  const match = /^(@([0-9a-f]{40}) (\S+) (\d{1,15}) )(\d{1,10})$/.exec(head);
  if (!match) return null;
  const end = lineEnd + 1 + Number(match[4]);
  const body = bytes.subarray(lineEnd + 1, end);
  // The checksum is of the lines, or of the head and the lines.
  const isWhole = end <= bytes.length && [crc32(body), crc32(body, crc32(match[1]!))].includes(Number(match[5]));
  if (!isWhole) return null;
  const lines = body.toString('utf8').split('\n').slice(0, -1);
  return { block: { commit: match[2]!, ref: match[3]!, lines }, end };
}
