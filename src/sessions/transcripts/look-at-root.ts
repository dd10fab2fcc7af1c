/** What `placesOf` asks the disk about a root. */
import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { Root } from '../../model.ts';
import { projectFolders } from './find.ts';
import type { RootLook } from './places.ts';

export function lookAtRoot(root: Root): RootLook {
  return {
    root,
    real: real(root.path),
    projects: projectFolders(root.path),
    has: path => existsSync(join(root.path, path)),
    isHere: path => existsSync(path),
  };
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
