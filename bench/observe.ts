import type { Observation } from '../src/model.ts';

/** An observation of a whole file, or of a content that was kept before. */
export function observe(
  path: string,
  content: Buffer | { readonly blob: string; readonly size: number },
  time = Date.now(),
): Observation {
  const isHere = content instanceof Uint8Array;
  return {
    root: 'bench',
    path,
    kind: 'file',
    at: time,
    seenAt: time,
    content: isHere ? content : { blob: content.blob },
    size: isHere ? content.length : content.size,
    mode: 0o644,
    mtime: time,
    how: 'event',
    settled: true,
  };
}
