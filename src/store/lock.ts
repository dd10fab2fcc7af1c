/**
 * Locks between processes, which heal themselves: a lock names its holder, and the lock of a dead one is taken away.
 * The only file that asks for `process`.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fstatSync,
  linkSync,
  readFileSync,
  readlinkSync,
  readSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { errno } from '../errors.ts';
import type { Time } from '../model.ts';
import { discard } from './disk.ts';
import { openNow } from './read-now.ts';

/** Names one process for ever: pids come back, a pid with its start time does not. */
export interface Identity {
  readonly pid: number;
  /** Opaque; '' where the system does not tell. */
  readonly start: string;
  readonly host: string;
}

let me: Identity | null = null;

export function self(): Identity {
  me ??= { pid: process.pid, start: startOf(process.pid) ?? '', host: hostname() };
  return me;
}

/** Who we are to the system; null where files have no owners and modes. */
export function userId(): number | null {
  return process.geteuid?.() ?? null;
}

/** True when we cannot ask whether the process lives: it runs on another host, or in another container. */
export function isForeign(who: Identity): boolean {
  if (who.host !== hostname()) return true;
  const [theirs, ours] = [namespaceOf(who.start), namespaceOf(self().start)];
  return theirs !== '' && ours !== '' && theirs !== ours;
}

/** False only when it is certain that the process is gone; a foreign one may always live. */
export function mayLive(who: Identity): boolean {
  if (isForeign(who)) return true;
  if (who.pid === process.pid) return who.start === '' || self().start === '' || who.start === self().start;
  try {
    process.kill(who.pid, 0);
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const start = startOf(who.pid);
  if (start === null || who.start === '') return true;
  return start === who.start;
}

/** The pid namespace inside `start`; '' where there are none. */
function namespaceOf(start: string): string {
  return /pid:\[\d+\]/.exec(start)?.[0] ?? '';
}

/** What the system says of a process of this host and container; null when it is gone. */
export function processOf(pid: number): { readonly start: string | null; readonly since: Time | null } | null {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return null;
  }
  const ticks = ticksOf(pid);
  if (ticks === 'gone') return null;
  if (ticks !== null) return { start: ticks, since: momentOf(Number(ticks)) };
  const start = startFromPs(pid);
  const since = start === null ? Number.NaN : Date.parse(`${start} UTC`);
  return { start, since: Number.isNaN(since) ? null : since };
}

/** In which pid namespace we are; '' where there are none. */
export function pidNamespace(): string {
  return namespaceOf(self().start);
}

/** When a process started: boot, pid namespace and clock ticks, else what `ps` says; null when neither tells. */
function startOf(pid: number): string | null {
  const ticks = ticksOf(pid);
  if (ticks === 'gone') return 'gone';
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    if (ticks !== null) return `${boot} ${readlinkSync('/proc/self/ns/pid')} ${ticks}`;
  } catch {
    // no Linux
  }
  return startFromPs(pid);
}

/** Field 22 of `/proc/<pid>/stat` (proc(5)); null where that cannot be read. */
function ticksOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has let go of everything already.
    return fields[0] === 'Z' || fields[0] === 'X' ? 'gone' : (fields[19] ?? null);
  } catch {
    return null;
  }
}

/** Linux tells programs of 100 ticks a second, whatever its own clock does. */
function momentOf(ticks: number): Time | null {
  try {
    const boot = /^btime (\d+)/m.exec(readFileSync('/proc/stat', 'latin1'))?.[1];
    return boot === undefined || !Number.isFinite(ticks) ? null : Number(boot) * 1_000 + ticks * 10;
  } catch {
    return null;
  }
}

function startFromPs(pid: number): string | null {
  try {
    const env = { LC_ALL: 'C', TZ: 'UTC', PATH: '/bin:/usr/bin' };
    const said = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { stdio: ['ignore', 'pipe', 'ignore'], env });
    return said.toString('utf8').trim() || null;
  } catch {
    return null;
  }
}

/** What stands in a lock's file. */
export interface LockHolder extends Identity {
  readonly since: Time;
  /** Tells two locks of one process apart. */
  readonly token: string;
  readonly about: unknown;
}

export interface Lock {
  /** False when somebody took the lock for dead and took it away. */
  isOurs(): boolean;
  /** Replaces what the lock says about its holder. */
  update(about: unknown): void;
  release(): void;
}

export interface LockOptions {
  readonly path: string;
  readonly about: unknown;
  readonly now: Time;
  /** Nobody can say whether the holder of a foreign lock lives; it is taken for dead after this many ms. */
  readonly foreignMaxAge: number;
  /** Hears of every lock that was healed. */
  said(repair: string): void;
}

interface Seen {
  readonly text: string;
  readonly holder: LockHolder | null;
  readonly age: number;
}

const longestLock = 64 * 1024;
/** The locks this process holds now. One that names it and is not among them could not be removed when it was let go. */
const held = new Set<string>();

/** A torn lock is being written, or its writer was killed; after this many ms it is the latter. */
const tornMaxAge = 10_000;

/** Takes the lock, or says who has it; never waits. */
export function tryLock(options: LockOptions): Lock | LockHolder {
  const token = randomBytes(9).toString('base64url');
  const content = (about: unknown): string => JSON.stringify({ ...self(), since: options.now, token, about });
  for (;;) {
    if (place(options.path, content(options.about), token)) return lockOf(options.path, token, content);
    const seen = look(options.path);
    if (!seen) continue;
    const why = whyDead(seen, options.foreignMaxAge);
    if (why === null) return seen.holder ?? { ...self(), pid: 0, since: options.now, token: '', about: null };
    if (takeAway(options.path, seen, token)) options.said(why);
  }
}

export function isLock(answer: Lock | LockHolder): answer is Lock {
  return 'isOurs' in answer;
}

/** Who holds the lock; null when nobody living does. */
export function lockHolder(path: string, foreignMaxAge: number): LockHolder | null {
  const seen = look(path);
  return seen?.holder && whyDead(seen, foreignMaxAge) === null ? seen.holder : null;
}

function lockOf(path: string, token: string, content: (about: unknown) => string): Lock {
  held.add(token);
  const isOurs = (): boolean => look(path)?.holder?.token === token;
  return {
    isOurs,
    update(about) {
      if (!isOurs()) return;
      const temporary = `${path}.${token}.tmp`;
      try {
        writePrivate(temporary, content(about));
        renameSync(temporary, path);
      } finally {
        discard(temporary);
      }
    },
    release() {
      held.delete(token);
      try {
        if (isOurs()) discard(path);
      } catch {
        // Without a descriptor to look at it, it stays, and is taken away as that of a dead process.
      }
    },
  };
}

/** Makes the lock's file with all of its content at once; false when there is one. */
function place(path: string, content: string, token: string): boolean {
  const temporary = `${path}.${token}.tmp`;
  try {
    writePrivate(temporary, content);
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (errno(error) === 'EEXIST') return false;
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP', 'EMLINK'].includes(errno(error))) throw error;
    return placeWithoutLinks(path, content);
  } finally {
    discard(temporary);
  }
}

/** For file systems that have no hard links (exFAT, some shares). */
function placeWithoutLinks(path: string, content: string): boolean {
  try {
    writePrivate(path, content);
    return true;
  } catch (error) {
    if (errno(error) === 'EEXIST') return false;
    throw error;
  }
}

function writePrivate(path: string, content: string): void {
  writeFileSync(path, content, { flag: 'wx', mode: 0o600 });
  chmodSync(path, 0o600);
}

/** A lock of the future is one from before the clock went back. */
function look(path: string): Seen | null {
  try {
    const { text, mtime } = readStart(path);
    return { text, holder: parseHolder(text), age: Math.abs(Date.now() - mtime) };
  } catch (error) {
    if (errno(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Of whatever stands there: a FIFO is not waited for, and what is longer than any lock is none. */
function readStart(path: string): { readonly text: string; readonly mtime: Time } {
  const fd = openNow(path);
  try {
    const bytes = Buffer.alloc(longestLock);
    const length = readSync(fd, bytes, 0, bytes.length, null);
    return { text: bytes.toString('utf8', 0, length), mtime: fstatSync(fd).mtimeMs };
  } finally {
    closeSync(fd);
  }
}

function parseHolder(text: string): LockHolder | null {
  try {
    const holder = JSON.parse(text) as LockHolder;
    const { pid, start, host, since, token } = holder;
    const isOne = Number.isSafeInteger(pid) && pid > 0 && Number.isFinite(since) && [start, host, token].every(isText);
    return isOne ? holder : null;
  } catch {
    return null;
  }
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function whyDead({ holder, age }: Seen, foreignMaxAge: number): string | null {
  if (!holder) return age > tornMaxAge ? 'took away a lock that was cut short' : null;
  if (holder.pid === self().pid && !isForeign(holder) && holder.start === self().start && !held.has(holder.token)) {
    return 'took away a lock of this process, which could not be removed when it was let go';
  }
  if (!mayLive(holder)) return `took away the lock of process ${holder.pid}, which is dead`;
  if (!isForeign(holder) || age <= foreignMaxAge) return null;
  return `took away a lock of process ${holder.pid} on ${holder.host}, ${Math.round(age / 60_000)} minutes old`;
}

/**
 * Takes a dead lock away. Another healer may have been faster, and the lock that stands there now may be a living one:
 * so it is renamed, looked at, and put back when it is not the one that was seen.
 */
function takeAway(path: string, seen: Seen, token: string): boolean {
  const aside = `${path}.${token}.stale`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (errno(error) === 'ENOENT') return false;
    throw error;
  }
  const isSame = readStart(aside).text === seen.text;
  if (!isSame) {
    try {
      linkSync(aside, path);
    } catch {
      // A third one has it by now; the one we moved away finds out by `isOurs` before it moves a head.
    }
  }
  discard(aside);
  return isSame;
}

/** `process 4711 (undertext snapshot)`, with its host when that is another one. What it says of itself may be anything. */
export function holderInWords({ pid, host, about }: Pick<LockHolder, 'pid' | 'host' | 'about'>): string {
  const { command } = (about ?? {}) as { readonly command?: unknown };
  const what = typeof command === 'string' && /^[a-z]{1,20}$/.test(command) ? ` (undertext ${command})` : '';
  return `process ${pid}${what}${host === hostname() ? '' : ` on ${host}`}`;
}
