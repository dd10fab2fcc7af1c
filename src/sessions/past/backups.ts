/**
 * Copies that the client makes: `file-history/<session>/<16 hex>@v<n>`, the content before the first change after a prompt
 * (the name is the beginning of the SHA-256 of the path as the client spells it), and `backups/.claude.json.backup.<ms>`.
 */
import { createHash } from 'node:crypto';
import { createReadStream, type Dirent, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Root, Time } from '../../model.ts';

export interface Backup {
  /** Relative to the root. */
  readonly file: string;
  readonly size: number;
  readonly mtime: Time;
  readonly from: 'file-history' | 'backup';
  /** Of `file-history`: the session, and the name of the file in its folder. */
  readonly session: string | null;
  readonly name: string;
  /** When it was made, where its name says so. */
  readonly at: Time | null;
}

const fileHistory = /^([0-9a-f]{16})@v\d+$/;
const configBackup = /^\.claude\.json\.backup\.(\d{12,14})$/;

/**
 * What is there, of the sessions that are asked for: most homes have thousands of copies, and they never change. Folders
 * that cannot be looked at are left out, and no link is followed.
 */
export function findBackups(root: Root, isAsked: (session: string) => boolean = () => true): readonly Backup[] {
  const found: Backup[] = [];
  const add = (file: string, more: Pick<Backup, 'from' | 'session' | 'name' | 'at'>) => {
    try {
      const stats = statSync(join(root.path, file));
      if (stats.isFile()) found.push({ file, size: stats.size, mtime: stats.mtimeMs, ...more });
    } catch {
      // gone by now
    }
  };
  for (const session of entries(join(root.path, 'file-history'))) {
    if (!session.isDirectory() || !isAsked(session.name)) continue;
    for (const entry of entries(join(root.path, 'file-history', session.name))) {
      const { name } = entry;
      if (!entry.isFile() || !fileHistory.test(name)) continue;
      add(`file-history/${session.name}/${name}`, { from: 'file-history', session: session.name, name, at: null });
    }
  }
  for (const entry of entries(join(root.path, 'backups'))) {
    const { name } = entry;
    const [, ms] = configBackup.exec(name) ?? [];
    if (entry.isFile() && ms !== undefined)
      add(`backups/${name}`, { from: 'backup', session: null, name, at: Number(ms) });
  }
  return found;
}

/** Which path a file of `file-history` is a copy of, or null. */
export type PathOf = (backup: Backup) => string | null;

/**
 * `folders` are all paths that the root has or had, as the client spelled them; `paths` what may be in it, relative.
 * A copy of the configuration is one of what stands beside the root, else in it.
 */
export function backupNames(root: Root, folders: Iterable<string>, paths: Iterable<string>): PathOf {
  const config = root.beside.find(path => basename(path) === '.claude.json') ?? '.claude.json';
  const spelled = [...new Set([...folders].flatMap(spellings))];
  const names = new Map<string, string>();
  for (const path of new Set([...paths, ...root.beside])) {
    for (const folder of spelled) names.set(nameOf(inFolder(folder, path)), path);
  }
  return ({ from, name }) => (from === 'backup' ? config : (names.get(name.slice(0, 16)) ?? null));
}

export function nameOf(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 16);
}

/** A drive's letter may be either, and parts of a path on Windows are parted by `\`. */
function spellings(folder: string): readonly string[] {
  if (!/^[A-Za-z]:/.test(folder)) return [folder];
  const rest = folder.slice(1).replaceAll('/', '\\');
  return [folder[0]!.toUpperCase() + rest, folder[0]!.toLowerCase() + rest];
}

function inFolder(folder: string, path: string): string {
  const separator = folder.includes('\\') ? '\\' : '/';
  const parts = folder.split(separator);
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return parts.join(separator);
}

const told = /"backupFileName":"([0-9a-f]{16}@v\d+)"[^{}]{0,200}?"backupTime":"([^"]{10,40})"/g;
const word = Buffer.from('backupFileName');
/** No such piece of a record is longer. */
const overlap = 512;

/** When the copies of a session were made, by their name, as its transcripts tell it. */
export async function backupTimes(transcripts: readonly string[]): Promise<ReadonlyMap<string, Time>> {
  const times = new Map<string, Time>();
  for (const file of transcripts) {
    try {
      let rest: Buffer = Buffer.alloc(0);
      for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) {
        const bytes = Buffer.concat([rest, chunk]);
        if (bytes.includes(word)) {
          for (const [, name, time] of bytes.toString('latin1').matchAll(told)) {
            const at = Date.parse(time!);
            // A fork carries the earlier records over: the first time is the one.
            if (Number.isFinite(at)) times.set(name!, Math.min(at, times.get(name!) ?? at));
          }
        }
        rest = Buffer.from(bytes.subarray(Math.max(0, bytes.length - overlap)));
      }
    } catch {
      // gone by now, or not to be read
    }
  }
  return times;
}

function entries(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
