/**
 * Many small packs become one by concatenation: entries keep their bytes, and the distances between a delta and its
 * base stay what they were, so nothing is inflated (git's Documentation/gitformat-pack).
 */
import { createHash } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import type { Disk } from './disk.ts';
import type { Objects } from './objects.ts';
import type { IndexEntry } from './pack-index.ts';
import type { Pack } from './pack-read.ts';
import { PackFile, packHead } from './pack-write.ts';

/** Packs below `bytes` are merged when there are more than `count`: few packs, and each byte is copied seldom. */
const levels = [
  { bytes: 1 << 20, count: 32 },
  { bytes: 16 << 20, count: 12 },
] as const;
/** Other readers take a whole pack into memory. */
const biggestMerged = 128 << 20;
const headBytes = 12;
const sumBytes = 20;
const chunkBytes = 1 << 20;

/** The caller holds the store's lock. The new pack stands before the old ones go. */
export async function mergePacks(disk: Disk, folder: string, token: string, objects: Objects): Promise<void> {
  for (const { bytes, count } of levels) {
    const small = objects.packs.filter(({ path, size }) => size < bytes && !existsSync(`${path}.keep`));
    if (small.length <= count) continue;
    const { parts, contained } = choose(small);
    if (parts.length > 1 && !(await concatenate(disk, folder, token, parts))) continue;
    for (const { path } of parts.length > 1 ? [...parts, ...contained] : contained) {
      rmSync(`${path}.idx`, { force: true });
      rmSync(`${path}.pack`, { force: true });
    }
    objects.loadPacks();
  }
}

/** Packs that share no object; and those that hold nothing new, as a kill in a merge leaves them. */
function choose(packs: readonly Pack[]): { parts: readonly Pack[]; contained: readonly Pack[] } {
  const seen = new Set<string>();
  const parts: Pack[] = [];
  const contained: Pack[] = [];
  let bytes = 0;
  for (const pack of [...packs].sort((a, b) => b.size - a.size)) {
    const names = Array.from({ length: pack.index.count }, (_, i) => pack.index.name(i));
    const known = names.filter(name => seen.has(name)).length;
    if (known === names.length) contained.push(pack);
    if (known > 0 || bytes + pack.size > biggestMerged) continue;
    for (const name of names) seen.add(name);
    parts.push(pack);
    bytes += pack.size;
  }
  return { parts, contained };
}

/** False when a pack does not have its checksum: then nothing was written, and all stays as it is. */
async function concatenate(disk: Disk, folder: string, token: string, parts: readonly Pack[]): Promise<boolean> {
  const merged = new PackFile(disk, folder, token);
  try {
    await merged.open();
    await merged.add(packHead(parts.reduce((sum, { index }) => sum + index.count, 0)));
    const rows: IndexEntry[] = [];
    for (const part of parts) {
      const shift = merged.position - headBytes;
      if (!(await copy(part, merged))) {
        await merged.abandon();
        return false;
      }
      for (let i = 0; i < part.index.count; i++) {
        const name = Buffer.from(part.index.name(i), 'hex');
        rows.push({ name, offset: part.index.offset(i) + shift, crc: part.index.crc(i) });
      }
    }
    await merged.finish(rows);
    return true;
  } catch (error) {
    await merged.abandon();
    throw error;
  }
}

async function copy(part: Pack, merged: PackFile): Promise<boolean> {
  const hash = createHash('sha1').update(part.bytes(0, headBytes));
  const end = part.size - sumBytes;
  for (let at = headBytes; at < end; at += chunkBytes) {
    const chunk = part.bytes(at, Math.min(chunkBytes, end - at));
    hash.update(chunk);
    await merged.add(chunk);
  }
  return hash.digest().equals(part.bytes(end, sumBytes));
}
