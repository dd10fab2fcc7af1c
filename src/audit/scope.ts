/** What an audit looks at when only some paths changed. */
import { foldersOf } from '../history/history.ts';
import type { FolderHistory, Incident, PathHistory } from '../model.ts';
import { keyOf } from './run.ts';

/** Logs have rules of their own; caches are nobody's loss; what is secret cannot be read. */
export function isLookedAt(file: PathHistory): boolean {
  return (file.class === 'authored' || file.class === 'state') && file.versions.length > 0;
}

export function isIn(only: ReadonlySet<string> | undefined, file: PathHistory): boolean {
  return only === undefined || only.has(keyOf(file));
}

export function folderIsIn(only: ReadonlySet<string> | undefined, folder: FolderHistory): boolean {
  return only === undefined || [...only].some(key => holdsKey(folder, key));
}

/** An incident is looked at again when its path changed, or a file below its folder. */
export function isInScope(incident: Incident, only: ReadonlySet<string> | undefined): boolean {
  if (only === undefined || only.has(keyOf(incident))) return true;
  const path = incident.path.slice(0, Math.max(0, incident.path.lastIndexOf('/')));
  return [...only].some(key => holdsKey({ root: incident.root, path }, key));
}

function holdsKey(folder: { readonly root: string; readonly path: string }, key: string): boolean {
  const [root, path = ''] = key.split('\0');
  return root === folder.root && foldersOf(path).includes(folder.path);
}
