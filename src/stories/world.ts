/** Steps of a story as what an audit reads: versions, and their bytes by name. */
import { createHash } from 'node:crypto';
import { historyOf } from '../history/history.ts';
import type { FileClass, How, PathHistory, Time, Version } from '../model.ts';

export interface Step {
  readonly path: string;
  readonly at: Time;
  /** When it was read; left out: at once. */
  readonly seenAt?: Time;
  /** Null: the file is gone. */
  readonly text: string | null;
  readonly who?: string;
  readonly how?: How;
  readonly settled?: boolean;
}

export interface World {
  readonly histories: readonly PathHistory[];
  readonly end: Time;
  read(blob: string): Promise<Uint8Array>;
}

export function world(steps: readonly Step[], classes: (path: string) => FileClass = () => 'authored'): World {
  const contents = new Map<string, Uint8Array>();
  const versions = steps.map((step, i) => versionOf(step, i, contents));
  const paths = [...new Set(steps.map(step => step.path))];
  return {
    histories: paths.map(path =>
      historyOf(
        versions.filter(version => version.path === path),
        classes(path),
      ),
    ),
    end: Math.max(...steps.map(step => step.at)),
    async read(blob) {
      const bytes = contents.get(blob);
      if (!bytes) throw new Error(`no blob ${blob}`);
      return bytes;
    },
  };
}

function versionOf(step: Step, i: number, contents: Map<string, Uint8Array>): Version {
  const bytes = new TextEncoder().encode(step.text ?? '');
  const blob = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
  if (step.text !== null) contents.set(blob, bytes);
  const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789';
  const name = createHash('sha1').update(`${step.path} ${i}`).digest();
  return {
    id: [...name.subarray(0, 10)].map(byte => alphabet[byte % 32]).join(''),
    root: 'home',
    path: step.path,
    kind: step.text === null ? 'gone' : 'file',
    at: step.at,
    seenAt: step.seenAt ?? step.at,
    blob: step.text === null ? null : blob,
    size: bytes.length,
    mode: step.text === null ? 0 : 0o644,
    mtime: step.text === null ? null : step.at,
    how: step.how ?? 'event',
    settled: step.settled ?? true,
    snapshot: null,
  };
}
