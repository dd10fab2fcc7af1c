/** Runs a process that breaks at one system call (preload.mjs), or that tells of every one. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Ended, type Place, Program } from '../helpers/program.ts';

const preload = pathToFileURL(join(import.meta.dirname, 'preload.mjs')).href;
export const program = join(import.meta.dirname, '../../dist/bin/undertext.js');
export const recorder = join(import.meta.dirname, 'children/recorder.mjs');

export const kills = ['kill before', 'kill middle', 'kill after'] as const;
export const errors = ['ENOSPC', 'EIO', 'EDQUOT'] as const;
export type Fault = (typeof kills)[number] | (typeof errors)[number];

/** A call that writes, of the store's or the home's files; `name` says which call of which kind of file. */
export interface Point {
  readonly point: number;
  readonly name: string;
  /** Whether half of it can be done. */
  readonly canHalve: boolean;
}

export type Plan =
  | { readonly mode: 'count' }
  /** Killed before `point`, when there is one. */
  | { readonly mode: 'record'; readonly point?: number; readonly fault?: 'kill before' }
  | { readonly mode: 'break'; readonly point: number; readonly fault: Fault; readonly lasts: boolean };

export interface Broken extends Ended {
  /** What the preload wrote down, a JSON value a line. */
  readonly log: readonly unknown[];
}

/** `args` are what Node gets: a script and its words. A log that stands there already goes on. */
export async function runBroken(place: Place, args: readonly string[], plan: Plan): Promise<Broken> {
  const log = join(place.folder, 'faults.log');
  if (plan.mode !== 'record') rmSync(log, { force: true });
  const told = JSON.stringify({ folders: [place.store, place.home, place.folder], log, ...plan });
  const env = { ...place.env, UNDERTEXT_FAULT: told };
  const ended = await new Program(['--import', preload, ...args], env, place.folder).ended;
  const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(0, -1) : [];
  return { ...ended, log: lines.map(line => JSON.parse(line)) };
}

export async function pointsOf(place: Place, args: readonly string[]): Promise<readonly Point[]> {
  return (await runBroken(place, args, { mode: 'count' })).log as readonly Point[];
}
