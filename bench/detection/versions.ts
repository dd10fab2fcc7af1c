/** A history as undertext would have kept it. */
import { createHash } from 'node:crypto';
import { historyOf } from '../../src/history/history.ts';
import { classifier } from '../../src/home/classes.ts';
import { defaultConfig } from '../../src/home/config.ts';
import type { PathHistory, Version } from '../../src/model.ts';
import type { Write } from './play.ts';
import { noon } from './play.ts';

export interface Kept {
  readonly versions: readonly Version[];
  readonly histories: readonly PathHistory[];
  readonly writes: ReadonlyMap<string, Write>;
  read(blob: string): Promise<Uint8Array>;
}

const classify = classifier(defaultConfig);
const root = { name: 'home', path: '/home/me/.claude', beside: [] };

export function keep(writes: readonly Write[]): Kept {
  const contents = new Map<string, Uint8Array>();
  const byId = new Map<string, Write>();
  const versions = writes.map((write, i): Version => {
    const bytes = Buffer.from(write.text);
    const isGone = write.pieces === null;
    const blob = isGone ? null : blobOf(bytes);
    if (blob) contents.set(blob, bytes);
    const id = `v${i}`.padEnd(10, 'x');
    byId.set(id, write);
    return {
      id,
      root: root.name,
      path: write.path,
      kind: isGone ? 'gone' : 'file',
      at: write.at,
      // What stood there at first may be much older than the first look.
      seenAt: (write.deed === 'first' ? Math.max(write.at, noon) : write.at) + 2,
      blob,
      size: isGone ? 0 : bytes.length,
      mode: isGone ? 0 : 0o644,
      mtime: isGone ? null : write.at,
      how: write.deed === 'first' ? 'scan' : 'event',
      settled: true,
      snapshot: null,
    };
  });
  return {
    versions,
    writes: byId,
    histories: [...new Set(writes.map(({ path }) => path))].map(path =>
      historyOf(
        versions.filter(version => version.path === path),
        // A synthetic name may be of any class; what is played here are notes.
        classify(root, path) === 'noise' ? 'authored' : classify(root, path),
      ),
    ),
    async read(blob) {
      const bytes = contents.get(blob);
      if (!bytes) throw new Error(`no blob ${blob}`);
      return bytes;
    },
  };
}

export function blobOf(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
