/** A log that grew is read from where it was whole; anything else that happened to it makes us read all of it. */
import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Root } from '../../src/model.ts';
import { memoryStore } from '../../src/store/memory-store.ts';
import { segmentBytes } from '../../src/store/store.ts';
import { lookAtBig } from '../../src/watch/big-file.ts';
import { Tails } from '../../src/watch/tails.ts';

const folder = mkdtempSync(join(tmpdir(), 'undertext-tails-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const root: Root = { name: 'claude', path: folder, beside: [] };
const path = 's.jsonl';
const file = join(folder, path);
const day = 24 * 60 * 60_000;

const text = (bytes: number): string =>
  '{"a line of a log":"that is 40 bytes long"}\n'.repeat(bytes / 40).slice(0, bytes);

/** What the second look reads of a log of four segments and a bit, after something happened to it. */
async function bytesReadAfter(happens: () => void, later = 0, forgetful = false): Promise<number> {
  rmSync(file, { force: true });
  writeFileSync(file, text(4 * segmentBytes + 1000));
  const store = memoryStore();
  const tails = new Tails();
  let read = 0;
  let time = 1_000_000;
  const deps = {
    class: 'log' as const,
    tails,
    now: () => time,
    store: {
      keep: (content: AsyncIterable<Uint8Array>, size: number, beginning?: { blob: string; bytes: number }) => {
        const counted = async function* () {
          for await (const piece of content) {
            read += piece.length;
            yield piece;
          }
        };
        const inner = forgetful && beginning ? memoryStore() : store;
        return beginning ? inner.keep(counted(), size, beginning) : inner.keep(counted(), size);
      },
    },
  };
  await lookAtBig(root, path, 'event', deps);
  expect(read).toBe(4 * segmentBytes + 1000);
  read = 0;
  time += later;
  happens();
  const seen = await lookAtBig(root, path, 'event', deps);
  if (seen?.kind !== 'seen') throw new Error('it is there');
  const handle = await openFile(file);
  const whole = await handle.readFile();
  await handle.close();
  expect(Buffer.from(await store.read(seen.blob!)).equals(whole)).toBe(true);
  return read;
}

const changeAt = (offset: number): void => {
  const bytes = Buffer.from(text(4 * segmentBytes + 3000));
  bytes[offset] = 0x58;
  writeFileSync(file, bytes);
};

describe('of a log of four segments and a bit', () => {
  it.each<[string, () => void, number]>([
    ['that grew, the tail is read', () => appendFileSync(file, text(2000)), 3000],
    ['that grew by a segment, that too', () => appendFileSync(file, text(segmentBytes)), segmentBytes + 1000],
    ['that did not change, the tail is read', () => {}, 1000],
    [
      'that was made anew under its name, all is read',
      () => {
        writeFileSync(`${file}.new`, text(4 * segmentBytes + 3000));
        renameSync(`${file}.new`, file);
      },
      4 * segmentBytes + 3000,
    ],
    ['that became shorter, all is read', () => truncateSync(file, 3 * segmentBytes), 3 * segmentBytes],
    [
      'whose last whole segment begins otherwise, all is read',
      () => changeAt(3 * segmentBytes),
      4 * segmentBytes + 3000,
    ],
    [
      'whose last whole segment ends otherwise, all is read',
      () => changeAt(4 * segmentBytes - 1),
      4 * segmentBytes + 3000,
    ],
  ])('%s', async (_, happens, expected) => {
    expect(await bytesReadAfter(happens)).toBe(expected);
  });

  it('that was read as a whole more than a day ago, all is read', async () => {
    const grow = () => appendFileSync(file, text(2000));
    expect(await bytesReadAfter(grow, day - 1)).toBe(3000);
    expect(await bytesReadAfter(grow, day + 1)).toBe(4 * segmentBytes + 3000);
  });

  it('whose beginning the store does not have any more, all is read after the tail', async () => {
    expect(await bytesReadAfter(() => appendFileSync(file, text(2000)), 0, true)).toBe(4 * segmentBytes + 3000);
  });
});
