/** What an audit looks at when only some paths changed. */
import { foldersOf } from '../history/history.ts';
import type { FileClass, Incident, PathHistory } from '../model.ts';
import type { Rule } from '../rule.ts';

const usual: readonly FileClass[] = ['authored', 'state'];

/** Caches are nobody's loss, what is secret cannot be read, and logs are read only for the rules that ask for them. */
export function isAskedFor(rule: Rule, file: PathHistory): boolean {
  return (rule.classes ?? usual).includes(file.class);
}

export function isLookedAt(rules: readonly Rule[]): (file: PathHistory) => boolean {
  const classes = new Set([...usual, ...rules.flatMap(rule => (rule.checkPath && rule.classes) ?? [])]);
  return file => file.versions.length > 0 && classes.has(file.class);
}

/** What changed, without the logs that only grew: they do so all day, and the next audit of everything looks at them. */
export function withoutGrownLogs(
  only: ReadonlySet<string>,
  files: ReadonlyMap<string, PathHistory>,
): ReadonlySet<string> {
  return new Set([...only].filter(key => !isGrownLog(files.get(key))));
}

function isGrownLog(file: PathHistory | undefined): boolean {
  if (file?.class !== 'log') return false;
  const last = file.edits.at(-1);
  return !last || (last.after.kind === 'file' && last.after.size >= last.before.size);
}

export function isIn(only: ReadonlySet<string> | undefined, file: PathHistory): boolean {
  return only === undefined || only.has(keyIn(file));
}

/** `${root}\0${folder}` of all folders that hold something that changed, at any depth. */
export function foldersIn(only: ReadonlySet<string>): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const key of only) {
    const [root, path = ''] = key.split('\0');
    for (const folder of foldersOf(path)) folders.add(`${root}\0${folder}`);
  }
  return folders;
}

/**
 * An incident is looked at again when its path changed; one that only rules about folders tell (`isOfFolder`), also when
 * a file below its folder did.
 */
export function isInScope(
  incident: Incident,
  only: ReadonlySet<string> | undefined,
  isOfFolder: (rule: string) => boolean,
): boolean {
  if (only === undefined || only.has(keyIn(incident))) return true;
  if (!incident.findings.every(({ rule }) => isOfFolder(rule))) return false;
  const path = incident.path.slice(0, Math.max(0, incident.path.lastIndexOf('/')));
  return [...only].some(key => holdsKey({ root: incident.root, path }, key));
}

function holdsKey(folder: { readonly root: string; readonly path: string }, key: string): boolean {
  const [root, path = ''] = key.split('\0');
  return root === folder.root && foldersOf(path).includes(folder.path);
}

function keyIn({ root, path }: { readonly root: string; readonly path: string }): string {
  return `${root}\0${path}`;
}
