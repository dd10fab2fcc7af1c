/** The audit of a store as it stands: histories out of the versions, rules over them, incidents into the ledger. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type AuditCache, type AuditInput, type AuditResult, runAudit } from '../audit/run-audit.ts';
import { historyOf } from '../history/history.ts';
import { isNoiseUnit } from '../home/noise-units.ts';
import type { PathHistory, Version } from '../model.ts';
import type { Moments } from '../moments.ts';
import { decisionsOf, restoresOf } from '../restore/restores.ts';
import type { Rule } from '../rule.ts';
import { thinnedIn } from '../store/prune/thinned.ts';
import { optionsOf } from './configured.ts';
import { gitFactsOf } from './git-facts.ts';
import { inTime } from './load-module.ts';
import { placesIn } from './places-in.ts';
import type { Setup } from './setup.ts';
import { testimonyOf } from './testimony.ts';

export interface AuditOptions {
  /** `${root}\0${path}` of what changed; left out: everything. */
  readonly only?: ReadonlySet<string>;
  readonly onProgress?: (done: number, of: number) => void;
  readonly cache: SavedCache;
  /** How messages and evidence write a moment. Left out: in ISO 8601 with `--json`, else by the local clock. */
  readonly moments?: Moments;
  /** Aborted: the audit ends early, with the signal's reason as its error, and the ledger stays as it is. */
  readonly signal?: AbortSignal;
}

/** Runs the rules and adds what is new to the ledger. With read access the ledger stays as it is. */
export async function auditNow(setup: Setup, options: AuditOptions): Promise<AuditResult> {
  const { store } = setup;
  for (;;) {
    await store.refresh(); // a restore of another process explains what we saw it write
    const forgotten = store.notes('forgotten').length;
    const result = await auditOnce(setup, options);
    if (setup.access === 'read' || result.notes.length === 0) return result;
    // What was forgotten while we read it must not come back by way of the ledger.
    await store.refresh();
    if (store.notes('forgotten').length !== forgotten) continue;
    await store.note(result.notes);
    return result;
  }
}

async function auditOnce(setup: Setup, options: AuditOptions): Promise<AuditResult> {
  const { store, config, rules, world } = setup;
  return runAudit({
    histories: histories(setup),
    ...(options.only ? { only: options.only } : {}),
    ...(options.onProgress ? { onProgress: options.onProgress } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
    read: blob => store.read(blob),
    rules,
    options: Object.fromEntries(rules.map(rule => [rule.id, optionsOf(rule, config) ?? false])),
    suppress: config.suppress,
    hasBaseline: config.baseline,
    isNoise: isNoiseUnit,
    notes: store.notes('incident'),
    decisions: decisionsOf(restoresOf(store.notes('restore'))),
    isThinned: thinnedIn(store.notes('prune')),
    now: world.now(),
    moments: options.moments ?? (setup.json ? 'iso' : 'local'),
    testimony: testimonyOf(setup),
    ...placesIn(setup),
    ...gitFactsOf(setup),
    turn: turns(),
    // Rules of one's own may be written anew between two runs.
    ...(setup.hasOwnRules ? { patience: patienceWith(world.rules) } : { cache: options.cache }),
  });
}

/**
 * An audit that never waits for the disk would hold the loop until it is done, and what a watcher does not get to read
 * meanwhile is gone: it gives the loop a turn whenever it had it for so long (milliseconds).
 */
const sliceMs = 2;

function turns(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < sliceMs) return;
    await nextTurn();
    since = performance.now();
  };
}

/** A rule of somebody's own that waits for longer on one path waits for ever (milliseconds). */
const patienceMs = 60_000;

function patienceWith(builtIn: readonly Rule[]): NonNullable<AuditInput['patience']> {
  return (rule, check) => (builtIn.includes(rule) ? check : inTime(check, patienceMs));
}

/** One history for each path of the roots that was ever seen. */
export function histories(setup: Setup): readonly PathHistory[] {
  const roots = new Map(setup.roots.map(root => [root.name, root]));
  const all: PathHistory[] = [];
  for (const versions of setup.store.byPath()) {
    const [{ root: name, path }] = versions as readonly [Version, ...Version[]];
    const root = roots.get(name);
    if (root) all.push(historyOf(versions, setup.classify(root, path)));
  }
  return all;
}

export const pathKey = (version: Pick<Version, 'root' | 'path'>) => `${version.root}\0${version.path}`;

/** Findings of histories that did not change, kept beside the store. A cache: losing it costs time, nothing else. */
export interface SavedCache extends AuditCache {
  /**
   * `isComplete`: every history was looked at, so what was not asked for is out of date and goes. Findings quote texts:
   * nothing is saved when something was forgotten since the cache was made.
   */
  save(how: { readonly isComplete: boolean }): Promise<void>;
}

/** Where the findings are kept, below the store. */
export function cacheFile(storePath: string): string {
  return join(storePath, 'cache', 'audit.json');
}

export function savedCache(setup: Setup): SavedCache {
  const { store } = setup;
  const file = cacheFile(setup.storePath);
  const before = readCache(file);
  const forgotten = store.notes('forgotten').length;
  const isOutdated = async (): Promise<boolean> => {
    await store.refresh();
    return store.notes('forgotten').length !== forgotten;
  };
  const now = new Map<string, unknown>();
  let isChanged = false;
  return {
    get: key => {
      const value = now.get(key) ?? before.get(key);
      if (value !== undefined) now.set(key, value);
      return value;
    },
    set: (key, value) => {
      isChanged = true;
      now.set(key, value);
    },
    save: async ({ isComplete }) => {
      if (setup.access === 'read' || now.size === 0) return;
      if (!isChanged && (!isComplete || now.size === before.size)) return;
      const kept = isComplete ? now : new Map([...before, ...now]);
      try {
        if (!store.isThere() || (await isOutdated())) return;
        mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
        writeFileSync(`${file}.tmp`, JSON.stringify([...kept]), { mode: 0o600 });
        renameSync(`${file}.tmp`, file);
        if (await isOutdated()) rmSync(file, { force: true });
      } catch {
        // a cache that cannot be written is a slow start next time, nothing worse
      }
    },
  };
}

function readCache(file: string): ReadonlyMap<string, unknown> {
  try {
    return new Map(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return new Map();
  }
}
