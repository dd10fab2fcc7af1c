/** How a client spells a path, made one spelling: `/`, no `.` and `..`, absolute where that is possible. */

/** An absolute path with `/`, and whether case matters in it. */
export interface Spelled {
  readonly path: string;
  readonly isWindows: boolean;
}

const drive = /^[A-Za-z]:(?=[\\/]|$)/;
/** How the shells of Windows spell a drive. */
const unixDrive = /^\/(?:mnt\/|cygdrive\/)?([A-Za-z])(\/.*)$/s;
const share = /^\\\\[^\\]/;
/** How a shell or a person says "my home". Windows names are told apart by nothing but what they are. */
const homeWord = /^(?:~|\$HOME|\$\{HOME\}|%USERPROFILE%|\$env:USERPROFILE|\$\{env:USERPROFILE\})(?=[\\/]|$)/i;

/** What is left after a word for the home folder: `~/x` → `/x`; null for other paths. */
export function afterHome(spelled: string): string | null {
  const word = homeWord.exec(spelled)?.[0];
  return word === undefined ? null : slashes(spelled.slice(word.length));
}

/** Null for a relative path when `cwd` is not known. */
export function absolute(spelled: string, cwd: string | null): Spelled | null {
  if (isWindows(spelled)) return { path: tidy(slashes(spelled)), isWindows: true };
  const [, letter, rest] = isWindowsCwd(cwd) ? (unixDrive.exec(spelled) ?? []) : [];
  if (letter !== undefined) return { path: tidy(`${letter}:${rest}`), isWindows: true };
  if (spelled.startsWith('/')) return { path: tidy(mounted(spelled)), isWindows: false };
  if (cwd === null || spelled === '') return null;
  if (isWindows(cwd)) return { path: tidy(`${slashes(cwd)}/${slashes(spelled)}`), isWindows: true };
  return cwd.startsWith('/') ? { path: tidy(`${cwd}/${spelled}`), isWindows: false } : null;
}

export function isWindows(path: string): boolean {
  return drive.test(path) || share.test(path);
}

function isWindowsCwd(cwd: string | null): boolean {
  return cwd !== null && isWindows(cwd);
}

/** Folds what does not tell two paths apart on Windows. */
export function folded(path: Spelled): string {
  return path.isWindows ? path.path.toLowerCase() : path.path;
}

function slashes(path: string): string {
  return path.replaceAll('\\', '/');
}

/** `/private/var` and `/private/tmp` are what macOS calls `/var` and `/tmp`. */
function mounted(path: string): string {
  return path.replace(/^\/private(?=\/(?:var|tmp)\/)/, '');
}

function tidy(path: string): string {
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (kept.length > 0 && !drive.test(kept.at(-1)!)) kept.pop();
    } else kept.push(part);
  }
  const start = path.startsWith('//') && !path.startsWith('///') ? '//' : drive.test(path) ? '' : '/';
  return start + kept.join('/');
}
