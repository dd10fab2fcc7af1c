/** Who we are among the processes, and whether another one still lives. The only file that asks for `process`. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

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

/** False only when it is certain that the process is gone; a process on another host may always live. */
export function mayLive(who: Identity): boolean {
  if (who.host !== hostname()) return true;
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

/**
 * When a process started: boot and clock ticks from `/proc/<pid>/stat`, field 22 (proc(5)), else what `ps` says;
 * null when neither tells.
 */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has let go of everything already.
    if (fields[0] === 'Z' || fields[0] === 'X') return 'gone';
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return `${boot} ${fields[19]}`;
  } catch {
    return startFromPs(pid);
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
