/** Extended attributes and access lists: Node reads and writes neither, so programs of the system copy them. */
import { spawnSync } from 'node:child_process';
import { fsyncSync } from 'node:fs';
import { platform } from 'node:os';

/** A file, open, and where it stands. */
export interface Opened {
  readonly handle: number;
  readonly file: string;
}

/** What a program said; `code` is null when there is no such program. */
export interface Ran {
  readonly code: number | null;
  readonly out: string;
}

/** Runs a program that finds `handles` as its files 3, 4 and so on. */
export type RunProgram = (words: readonly string[], handles: readonly number[], input?: string) => Ran;

/** A program that takes longer (milliseconds) hangs on a dead network disk. */
const patience = 5_000;
/** More than any file system keeps for one file. */
const mostOutput = 4 * 1024 * 1024;

/** Copies them from one file to another. Returns sentences about what could not be kept; none when all was, or there was none. */
export function keepAttributes(
  from: Opened,
  to: Opened,
  run: RunProgram = runProgram,
  system = platform(),
): readonly string[] {
  if (system === 'linux') return keepOnLinux(from, to, run);
  if (system === 'darwin') return keepOnMac(from, to, run);
  return [];
}

/** GNU cp does it in one step; else the packages `attr` and `acl` do. All are given the open files, whatever stands at their paths. */
function keepOnLinux(from: Opened, to: Opened, run: RunProgram): readonly string[] {
  const [third, fourth] = ['/proc/self/fd/3', '/proc/self/fd/4'];
  const copied = run(['cp', '--attributes-only', '--preserve=mode,xattr', third, fourth], [from.handle, to.handle]);
  if (copied.code === 0) {
    fsyncSync(to.handle);
    return [];
  }
  const attributes = run(
    ['getfattr', '--dump', '--encoding=hex', '--match=-', '--absolute-names', third],
    [from.handle],
  );
  const list = run(['getfacl', '--absolute-names', '--skip-base', third], [from.handle]);
  const lost = [
    ...unkept(attributes, ['setfattr', '--restore=-'], names => `extended attributes (${names.join(', ')})`),
    ...unkept(list, ['setfacl', '--set-file=-', third], () => 'access list'),
  ];
  const unknown = [
    ...(attributes.code === 0 ? [] : ['extended attributes']),
    ...(list.code === 0 ? [] : ['an access list']),
  ].join(' or ');
  fsyncSync(to.handle);
  if (unknown === '') return lost;
  return [
    ...lost,
    `if the file had ${unknown}, they were not kept: no program here can copy them (cp of GNU, or attr and acl)`,
  ];

  function unkept(
    read: Ran,
    write: readonly string[],
    called: (names: readonly string[]) => string,
  ): readonly string[] {
    if (read.code !== 0 || read.out.trim() === '') return [];
    // The text names the file as `/proc/self/fd/3`, which is the new one now.
    if (run(write, [to.handle], read.out).code === 0) return [];
    return [`the ${called(namesIn(read.out))} of the file could not be kept`];
  }
}

/** `user.note="…"`, one a line. */
function namesIn(dump: string): readonly string[] {
  return [...dump.matchAll(/^([a-z]+\.[^=\s]+)=/gm)].map(([, name]) => name!);
}

/** `xattr` of macOS copies by path, one attribute at a time, as hexadecimal text; what macOS protects from it stays behind. */
function keepOnMac(from: Opened, to: Opened, run: RunProgram): readonly string[] {
  const names = run(['xattr', from.file], []);
  if (names.code !== 0) return ['if the file had extended attributes, they were not kept: xattr does not run here'];
  const lost = names.out.split('\n').filter(name => {
    if (name === '') return false;
    const value = run(['xattr', '-px', name, from.file], []);
    return value.code !== 0 || run(['xattr', '-wx', name, value.out.replace(/\s+/g, ''), to.file], []).code !== 0;
  });
  const list = run(['ls', '-lde', from.file], []);
  return [
    ...(lost.length === 0 ? [] : [`the extended attributes (${lost.join(', ')}) of the file could not be kept`]),
    ...(/^\S{10}\+/.test(list.out) ? ['the access list of the file was not kept: set it again with chmod +a'] : []),
  ];
}

function runProgram([program = '', ...rest]: readonly string[], handles: readonly number[], input?: string): Ran {
  const { status, stdout, error } = spawnSync(program, rest, {
    stdio: ['pipe', 'pipe', 'ignore', ...handles],
    input: input ?? '',
    encoding: 'latin1',
    timeout: patience,
    maxBuffer: mostOutput,
  });
  return { code: error ? null : status, out: stdout ?? '' };
}
