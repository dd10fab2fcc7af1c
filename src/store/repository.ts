/**
 * The folder of a store: a bare git repository (git's Documentation/gitrepository-layout) with a few files of ours.
 *
 *     format            `undertext store 2`; a store of a newer format is refused
 *     HEAD config       written by us; nobody's global configuration is asked
 *     objects/ refs/    git's
 *     journal/          what is not in a pack yet (journal.ts)
 *     history           the history index, a cache (history-block.ts)
 *     tables/           where what stands in it, a cache (table-layout.ts)
 *     lock watcher      who seals, who watches (lock.ts)
 */
import { chmodSync, lstatSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errno, UndertextError } from '../errors.ts';
import { type Disk, discard, diskError } from './disk.ts';
import { readNow } from './read-now.ts';

/** 2: logs as segments. A store of format 1 is read as it is, and becomes one of format 2 when it is written. */
export const storeFormat = 2;
const formatLine = /^undertext store (\d+)\n/;

export const storeConfig = `[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
\tlogallrefupdates = false
[gc]
\tauto = 0
[maintenance]
\tauto = false
[receive]
\tautogc = false
\tdenyNonFastForwards = true
\tdenyDeletes = true
[transfer]
\tfsckObjects = true
`;

export interface Layout {
  readonly root: string;
  readonly format: string;
  readonly head: string;
  readonly config: string;
  readonly objects: string;
  readonly packs: string;
  readonly heads: string;
  readonly journals: string;
  readonly history: string;
  readonly tables: string;
  readonly lock: string;
}

export function layoutOf(root: string): Layout {
  return {
    root,
    format: join(root, 'format'),
    head: join(root, 'HEAD'),
    config: join(root, 'config'),
    objects: join(root, 'objects'),
    packs: join(root, 'objects', 'pack'),
    heads: join(root, 'refs', 'heads'),
    journals: join(root, 'journal'),
    history: join(root, 'history'),
    tables: join(root, 'tables'),
    lock: join(root, 'lock'),
  };
}

/** Makes a folder with mode 0700, whatever the umask is; false when there is one. */
export function makeFolder(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (errno(error) === 'EEXIST' && lstatSync(path).isDirectory()) return false;
    throw error;
  }
  chmodSync(path, 0o700);
  return true;
}

function makeFolders(path: string): void {
  const parent = join(path, '..');
  if (errnoOf(() => lstatSync(parent)) === 'ENOENT') makeFolders(parent);
  makeFolder(path);
}

function errnoOf(act: () => unknown): string {
  try {
    act();
    return '';
  } catch (error) {
    return errno(error);
  }
}

/** Writes a small file whole or not at all, durably. */
export async function writeWhole(disk: Disk, folder: string, name: string, content: string | Buffer): Promise<void> {
  const temporary = join(folder, `tmp_${name}_${Math.random().toString(36).slice(2)}`);
  try {
    const fd = await disk.open(temporary, 'wx', 0o600);
    try {
      await disk.write(fd, [Buffer.from(content)], 0);
      await disk.syncData(fd);
    } finally {
      await disk.close(fd);
    }
    renameSync(temporary, join(folder, name));
  } catch (error) {
    discard(temporary);
    throw error;
  }
  await disk.syncFolder(folder);
}

/** Says whether there is a store of ours. @throws UndertextError `newer-format`, `refused`, `disk` */
export function inspect(layout: Layout): 'ours' | 'nothing' {
  let format: string;
  try {
    format = readNow(layout.format).toString('utf8');
  } catch (error) {
    if (errno(error) !== 'ENOENT') throw diskError(error, `the store ${layout.root} cannot be opened`);
    return inspectWithoutFormat(layout);
  }
  const version = Number(formatLine.exec(format)?.[1] ?? 'NaN');
  if (version > storeFormat) {
    throw new UndertextError(
      'newer-format',
      `the store ${layout.root} has format ${version}, and this undertext knows only format ${storeFormat}`,
      'install the undertext that wrote it: npm install -g undertext@latest',
    );
  }
  // A power cut leaves nothing, or zeros.
  if (version >= 1 || (/^\0*$/.test(format) && looksLikeOurs(readdirSync(layout.root)))) return 'ours';
  const mend = `; if it is one, write the line "undertext store ${storeFormat}" into its file \`format\``;
  throw refused(layout, 'its file `format` is none of undertext', mend);
}

function looksLikeOurs(names: readonly string[]): boolean {
  return ['HEAD', 'journal', 'objects', 'refs'].every(name => names.includes(name));
}

function inspectWithoutFormat(layout: Layout): 'ours' | 'nothing' {
  let names: readonly string[];
  try {
    names = readdirSync(layout.root);
  } catch (error) {
    if (errno(error) === 'ENOENT') return 'nothing';
    throw diskError(error, `the store ${layout.root} cannot be opened`);
  }
  // A kill while the store was being made leaves a temporary file and nothing else.
  if (names.every(name => name.startsWith('tmp_format_'))) return 'nothing';
  if (looksLikeOurs(names)) return 'ours';
  if (isLeftOver(layout, names)) return 'nothing';
  throw refused(layout, 'it is not empty, and no store of undertext');
}

/** What is left of a store that was deleted while a process used it, or not to the end: names that are ours, and no other. */
function isLeftOver(layout: Layout, names: readonly string[]): boolean {
  if (!names.every(name => leftOver.test(name))) return false;
  if (names.includes('HEAD') && harmedFiles(layout).includes('HEAD')) return false;
  if (names.includes('config') && textOr(layout.config) !== storeConfig) return false;
  return Object.entries(leftIn).every(([folder, shape]) => {
    if (!names.includes(folder)) return true;
    const stats = lstatSync(join(layout.root, folder));
    return stats.isDirectory() && readdirSync(join(layout.root, folder)).every(name => shape.test(name));
  });
}

const leftOver =
  /^(HEAD|cache|config|evidence|forgetting|history|journal|objects|quarantine|refs|swept|tables|tmp_.*|(lock|watcher|restore)(\..*)?)$/;
const leftIn: Readonly<Record<string, RegExp>> = {
  cache: /^(audit|prune)\.json(\.tmp)?$/,
  evidence: /^known/,
  journal: /^\d+-[0-9a-f]+\.journal/,
  objects: /^(info|pack|[0-9a-f]{2})$/,
  refs: /^(heads|tags|undertext)$/,
};

function refused(layout: Layout, why: string, mend = ''): UndertextError {
  return new UndertextError(
    'refused',
    `${layout.root} cannot be used as a store: ${why}`,
    `choose an empty folder with --store DIR${mend}`,
  );
}

/**
 * Makes what is missing; idempotent, so that a kill in between does no harm. HEAD comes last: where it stands, the
 * names of all folders are durable. Before, nobody knows which of them a kill has left only in memory.
 */
export async function prepare(layout: Layout, disk: Disk, headRef: string): Promise<readonly string[]> {
  try {
    const isThere = (path: string): boolean => errnoOf(() => lstatSync(path)) === '';
    const isNew = !isThere(layout.head);
    // It may be a link to a folder of ours (guard.ts has looked).
    if (statSync(layout.root, { throwIfNoEntry: false })?.isDirectory() !== true) makeFolders(layout.root);
    if (isNew) await syncAbove(disk, layout.root);
    const harmed = harmedFiles(layout);
    const format = `undertext store ${storeFormat}\n`;
    if (!isThere(layout.format) || readNow(layout.format).toString() !== format)
      await writeWhole(disk, layout.root, 'format', format);
    const made = folders.filter(folder => makeFolder(join(layout.root, folder)));
    if (isNew || made.length > 0) {
      for (const folder of ['objects', 'refs', '']) await disk.syncFolder(join(layout.root, folder));
    }
    if (harmed.includes('config')) renameSync(layout.config, `${layout.config}.harmed`);
    if (!isThere(layout.config)) await writeWhole(disk, layout.root, 'config', storeConfig);
    if (isNew || harmed.includes('HEAD')) await writeWhole(disk, layout.root, 'HEAD', `ref: ${headRef}\n`);
    return harmed.map(name => `wrote ${name} anew: what stood there was none`);
  } catch (error) {
    throw diskError(error, `the store ${layout.root} cannot be written`);
  }
}

/** Which of the small files are there and cannot be what they should be; stock git would not open the store. */
export function harmedFiles(layout: Layout): readonly string[] {
  const shapes: Readonly<Record<string, RegExp>> = {
    format: formatLine,
    HEAD: /^ref: refs\/heads\/[^/\s]+\/\d{4}-\d{2}\n$/,
    // A person may have added to it: names of sections, keys with values, comments, empty lines.
    config: /^(\[[\w.-]+( ".*")?\]\n|\s*[a-zA-Z][\w-]*( *=.*)?\n|\s*[#;].*\n|\s*\n)+$/,
  };
  return Object.entries(shapes)
    .filter(([name, shape]) => {
      const text = textOr(join(layout.root, name));
      return text !== null && !shape.test(text);
    })
    .map(([name]) => name);
}

function textOr(path: string): string | null {
  try {
    return readNow(path).toString('latin1');
  } catch (error) {
    if (errno(error) === 'ENOENT') return null;
    throw error;
  }
}

const folders = ['objects', 'objects/pack', 'objects/info', 'refs', 'refs/heads', 'refs/tags', 'journal'];

/** The names that lead to a folder reach the disk, from the nearest one up. */
async function syncAbove(disk: Disk, folder: string): Promise<void> {
  for (let at = folder; at !== dirname(at); at = dirname(at)) await disk.syncFolder(dirname(at));
}

/** What was named before may be durable or not, when who named it was killed: packs, then heads, reach the disk. */
export async function syncNames(layout: Layout, disk: Disk): Promise<void> {
  await disk.syncFolder(layout.packs);
  for (const machine of readdirSync(layout.heads)) await disk.syncFolder(join(layout.heads, machine));
  await disk.syncFolder(layout.heads);
}

/** Bytes of all files below a folder. */
export function bytesBelow(folder: string): number {
  let bytes = 0;
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    try {
      const stat = statSync(join(folder, name));
      if (stat.isFile()) bytes += stat.size;
    } catch (error) {
      // A temporary file that went meanwhile.
      if (errno(error) !== 'ENOENT') throw error;
    }
  }
  return bytes;
}
