/** Where in a module of somebody's own something was thrown: a line number is worth more than any message. */
import { realpathSync } from 'node:fs';
import { dirname, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `x.mjs:12`, relative to the folder of the module; null when nothing on the stack lies in it. */
export function placeIn(file: string, error: unknown): string | null {
  if (!(error instanceof Error) || typeof error.stack !== 'string') return null;
  const folder = realFolderOf(file);
  for (const frame of error.stack.split('\n')) {
    const [, where = '', line = ''] =
      /(?:\(|at (?:async )?)((?:file:\/\/|[\\/]|[A-Za-z]:\\)[^()]*?):(\d+):\d+\)?$/.exec(frame) ?? [];
    const path = pathOf(where);
    if (path?.startsWith(folder + sep) && !path.includes(`${sep}node_modules${sep}`)) {
      return `${relative(folder, path)}:${line}`;
    }
  }
  return null;
}

function realFolderOf(file: string): string {
  try {
    return dirname(realpathSync(file));
  } catch {
    return dirname(file);
  }
}

function pathOf(where: string): string | null {
  try {
    return where.startsWith('file:') ? fileURLToPath(where.replace(/\?.*$/, '')) : where;
  } catch {
    return null;
  }
}
