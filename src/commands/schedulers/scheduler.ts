/** What runs a job every night: systemd, launchd or cron, all asked in the same way. */
import { readFileSync } from 'node:fs';
import { errno, UndertextError } from '../../errors.ts';
import type { Time } from '../../model.ts';
import { type Job, type Moment, mark } from '../../schedule/job.ts';
import type { Ran } from '../run-program.ts';

export const schedulerNames = ['systemd', 'launchd', 'cron'] as const;
export type SchedulerName = (typeof schedulerNames)[number];

export interface Scheduler {
  readonly name: SchedulerName;
  /** Why it cannot be used here; null when it can. */
  whyNot(): Promise<string | null>;
  /** What `install` would write and run. */
  plan(job: Job): Promise<Done>;
  install(job: Job): Promise<Done>;
  /** Takes away what `install` wrote, and nothing else. */
  remove(): Promise<Done>;
  /** Null: it has none of ours. */
  installed(): Promise<Installed | null>;
}

/** What was done, or would be. */
export interface Done {
  readonly pieces: readonly Piece[];
  readonly commands: readonly Step[];
  /** What else a person should know, in sentences. */
  readonly hints: readonly string[];
}

/** One file, or the block of a crontab. */
export interface Piece {
  readonly place: string;
  readonly text: string;
  readonly did: 'planned' | 'written' | 'unchanged' | 'removed';
}

/** A command that makes the system take notice. */
export interface Step {
  readonly line: string;
  /** `left`: it could not be run from here, and is left to the person. */
  readonly did: 'planned' | 'ran' | 'failed' | 'left';
  /** What it said when it failed. */
  readonly said: string;
}

export interface Installed {
  readonly places: readonly string[];
  readonly at: Moment | null;
  readonly words: readonly string[];
  /** False: it is written, but the system does not know it. Null: nobody can tell. */
  readonly isActive: boolean | null;
  /** As a time, or as the system says it; null when nobody can tell. */
  readonly next: Time | string | null;
  readonly last: string | null;
  /** How a person sees what it said. */
  readonly output: string;
}

/** The text of a file of ours; null when there is none. @throws UndertextError `refused` for a file of somebody else */
export function ourFile(path: string): string | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (errno(error) === 'ENOENT' || errno(error) === 'ENOTDIR') return null;
    throw new UndertextError('disk', `${path} cannot be read`, 'check its permissions', error);
  }
  if (text.includes(mark)) return text;
  throw new UndertextError('refused', `${path} was not written by undertext`, 'move it away, then try again');
}

export function step(line: string, ran: Ran): Step {
  if (ran.code === 0) return { line, did: 'ran', said: '' };
  return { line, did: 'failed', said: ran.err.split('\n')[0] || `it ended with ${ran.code}` };
}

export function planned(line: string): Step {
  return { line, did: 'planned', said: '' };
}

/** An exit code of the audit, in words. */
export function endedWith(code: string | undefined): string {
  const words: Readonly<Record<string, string>> = {
    0: 'nothing was open',
    1: 'incidents were open',
    3: 'it could not finish',
  };
  return `ended with ${code}${words[code ?? ''] ? `: ${words[code ?? '']}` : ''}`;
}
