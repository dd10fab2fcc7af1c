/** `undertext watch`: the watcher in a spare terminal. */
import { tmpdir } from 'node:os';
import type { AuditResult } from '../audit/run-audit.ts';
import { errno, UndertextError } from '../errors.ts';
import type { Incident, Version } from '../model.ts';
import { count } from '../report/sizes.ts';
import { isWeak } from '../report/weight.ts';
import { restoresOf } from '../restore/restores.ts';
import { clock } from '../rule.ts';
import { besideRestores } from '../store/beside-restores.ts';
import { self } from '../store/lock.ts';
import { roomAsker, withReserve } from '../store/reserve.ts';
import { isHolder, type Lease } from '../store/store.ts';
import { startWatch, type WatchEvent } from '../watch/watch.ts';
import { auditNow, pathKey, savedCache } from './audit-now.ts';
import type { Command } from './command.ts';
import { removeDeadCookies } from './dead-cookies.ts';
import { desktop, silentDesktop } from './desktop.ts';
import { evidenceDuty } from './evidence-duty.ts';
import { notify } from './notify.ts';
import { firstLook } from './places-in.ts';
import { roomDuty } from './room-duty.ts';
import { sessionsAlive } from './sessions-alive.ts';
import { type Setup, withSetup } from './setup.ts';
import { calmIn, withPatience } from './store-lost.ts';
import { jsonView, type Open, textView } from './watch-view.ts';

export const watch: Command = {
  name: 'watch',
  summary: 'keeps every version of every file as it happens, and says at once what was silently overwritten',
  usage: ['watch [OPTIONS]'],
  arguments: 0,
  options: {
    polling: { type: 'boolean', help: 'ask the disk again and again: for network and container file systems' },
    notify: { type: 'boolean', help: 'also tell on the desktop what was lost, with the command that restores it' },
  },
  examples: [
    { line: 'undertext watch', does: 'watches ~/.claude until Ctrl-C' },
    { line: 'undertext watch --notify', does: 'also tells each loss on the desktop' },
    { line: 'undertext watch --root ~/notes', does: 'watches another folder' },
    {
      line: 'undertext watch --json',
      does: 'prints one JSON object a line: ready, version, incident, resolved, gap …',
    },
  ],
  exits: { 0: 'stopped by Ctrl-C, everything captured is durable', 2: 'wrong usage, or another watcher is running' },
  run: async call => {
    for (let isAgain = false; ; isAgain = true) {
      let lost: string | null = null;
      const watchOnce = () =>
        withSetup(call, 'write', async setup => {
          const lease = await takePost(setup);
          try {
            const end = await watchUntilStopped(setup, lease, {
              polling: call.has('polling') || setup.config.polling === true,
              isTold: call.has('notify') || setup.config.notify,
              isAgain,
            });
            if (end === 'store lost') lost = setup.storePath;
          } finally {
            await lease.release();
          }
          return 0;
        });
      await (isAgain ? withPatience(watchOnce, call.world.signal) : watchOnce());
      if (lost === null || call.world.signal.aborted) return 0;
      await calmIn(lost, call.world.signal);
    }
  },
};

async function takePost(setup: Setup): Promise<Lease> {
  const answer = await setup.store.claim('watcher', { roots: setup.roots.map(root => root.path) });
  if (!isHolder(answer)) return answer;
  throw new UndertextError(
    'busy',
    `process ${answer.pid}${answer.host ? ` on ${answer.host}` : ''} is watching into this store since ${clock(answer.since, setup.world.now())}`,
    'one watcher is enough: `undertext audit` and `undertext restore` work beside it; another store needs --store DIR',
  );
}

interface Ways {
  /** The store was lost while we watched, and this is another one. */
  readonly isAgain: boolean;
  readonly polling: boolean;
  /** True: also on the desktop. */
  readonly isTold: boolean;
}

/** Reacts to what the watcher tells, one thing after the other, until the signal says stop or the store is lost. */
async function watchUntilStopped(
  setup: Setup,
  lease: Lease,
  { polling, isTold, isAgain }: Ways,
): Promise<'stopped' | 'store lost'> {
  const { world, store } = setup;
  const queue = new Queue();
  const view = setup.json ? jsonView(setup) : textView(setup);
  const changed = new Set<string>();
  const announced = new Map<string, string>();
  const cache = savedCache(setup);
  let versions = 0;
  let isReady = false;
  /** For what is done again and again: no setting of the clock changes it. */
  const elapsed = () => performance.now();
  let sealedAt = elapsed();
  let again: Again | null = null;

  if (isAgain) {
    const message = `the store ${setup.storePath} was deleted or replaced; what stands in the watched folders is kept anew`;
    await view.warning(
      'store-lost',
      message,
      'press Ctrl-C before you delete a store; if it was moved, `--store DIR` names where it is now',
    );
  }
  for (const repair of store.repairs) await view.warning('store', repair, 'when in doubt: `undertext verify`');

  const lookedFirst = firstLook(setup);
  const evidence = evidenceDuty(setup, view.warning);
  const hint = 'without --notify nothing is told there; the watch goes on';
  const sayMute = (why: string) =>
    queue.add(() => view.warning('notify', `nothing can be told on the desktop: ${why}`, hint));
  const onDesktop = isTold ? desktop(notice => notify(notice, world), sayMute) : silentDesktop;
  let isStopping = false;
  const openNow = (): Open => {
    const open = [...announced.values()].filter(state => state.startsWith('open'));
    const weak = open.filter(state => state.startsWith('open|weak')).length;
    return { told: open.length - weak, weak };
  };
  /** What ends a look early; after the signal to stop, what is left to look at has a time of its own. */
  let lookSignal = world.signal;
  const look = async (only: ReadonlySet<string> | undefined) => {
    const signal = lookSignal;
    const result = await auditNow(setup, { ...(only ? { only } : {}), cache, signal }).catch(error => {
      if (!signal.aborted || error !== signal.reason) throw error;
      return null;
    });
    if (result === null) {
      for (const key of only ?? []) changed.add(key);
      return;
    }
    if (result.again) again = both(again, result.again);
    const fresh: Incident[] = [];
    for (const incident of result.incidents) {
      const before = announced.get(incident.id);
      const wait = only && before === undefined && !isStopping ? evidence.waitFor(incident) : null;
      if (wait !== null && incident.state === 'open') {
        again = both(again, { at: wait, only: new Set([pathKey(incident)]) });
        continue;
      }
      const weight = `${isWeak(incident) ? 'weak ' : ''}${incident.certainty}`;
      const state = `${incident.state}|${weight}|${incident.units.length}`;
      if (before === state) continue;
      announced.set(incident.id, state);
      if (before !== undefined && isLess(before, state)) continue;
      if (incident.state === 'open' && only && before === undefined) fresh.push(incident);
      if (incident.state === 'open' && before?.startsWith('open')) await view.revised(incident);
      else if (incident.state === 'open' && before !== undefined) await view.openAgain(incident);
      else if (incident.state === 'open') await view.incident(incident, only === undefined);
      else if (before?.startsWith('open')) await view.resolved(incident);
    }
    onDesktop.tell(fresh);
    for (const failed of result.failedRules) {
      await view.warning(
        'rule-failed',
        `the rule ${failed.rule} failed on ${failed.path}: ${failed.message}`,
        'report it; the other rules went on',
      );
    }
  };
  /** What was too young to be judged is looked at once more when it is old enough. */
  const lookAgainWhenDue = async () => {
    if (!again || world.now() < again.at) return;
    const { only } = again;
    again = null;
    await look(new Set([...only, ...(await evidence.news())]));
  };
  /** Transcripts lag: what they tell of a write comes after it. */
  const lookAtNews = async () => {
    const news = isReady ? await evidence.news() : new Set<string>();
    if (news.size > 0) await look(news);
  };
  const sealWhenDue = async (isQuiet: boolean) => {
    if (elapsed() - sealedAt < (isQuiet ? sealAfterQuiet : sealAtLeast)) return;
    sealedAt = elapsed();
    await store.seal();
  };

  const state = { alive: 0, last: null as Version | null };
  /** The files that are there, for the line that counts them. */
  const present = world.out.isTerminal && !setup.json && !setup.quiet ? new Set<string>() : null;
  const names = new Set(setup.roots.map(({ name }) => name));
  let shownAt = 0;
  const showStatus = () => {
    if (present === null || !isReady || isStopping || elapsed() - shownAt < statusEvery) return;
    shownAt = elapsed();
    view.status({ ...state, files: present.size, now: world.now(), versions, open: openNow().told });
  };
  const lookWhoIsAlive = sessionsAlive(setup);
  const unlessStopped = (error: unknown) => {
    if (!world.signal.aborted || error !== world.signal.reason) throw error;
  };

  const room = roomAsker(store);
  let lastVersion = elapsed();

  let sayLost = () => {};
  const lost = new Promise<'store lost'>(resolve => {
    sayLost = () => resolve('store lost');
  });
  /** Asked before anything is said of a store that refuses, and now and then. */
  const isLost = (): boolean => {
    const isSo = !store.isThere();
    if (isSo) sayLost();
    return isSo;
  };

  let trouble = '';
  /** A store that cannot be written now is told once and tried again: a watcher that ends keeps nothing at all. */
  const unlessRefused = async (work: () => Promise<void>): Promise<boolean> => {
    try {
      await work();
      trouble = '';
      return true;
    } catch (given) {
      if (isLost()) return false;
      const error = crammed(given) ?? given;
      if (!(error instanceof UndertextError) || !['disk', 'busy'].includes(error.code)) throw error;
      if (trouble !== error.message) await view.warning('store', error.message, error.hint);
      trouble = error.message;
      return false;
    }
  };

  const lookAtChanges = async () => {
    if (changed.size === 0) return;
    const only = new Set(changed);
    changed.clear();
    const lookWithNews = async () => look(new Set([...only, ...(await evidence.news(isStopping))]));
    if (!(await unlessRefused(lookWithNews))) for (const key of only) changed.add(key);
  };

  /** After the signal to stop: a path with few versions costs little, so those come first. */
  const lookAtRest = async () => {
    const keys = new Set([...changed, ...((again as Again | null)?.only ?? [])]);
    changed.clear();
    const lookAbort = new AbortController();
    const limit = setTimeout(() => lookAbort.abort(), lookAtMost);
    lookSignal = lookAbort.signal;
    const isLong = (key: string) => {
      const [root = '', path = ''] = key.split('\0');
      return store.versions({ root, path }).length > fewVersions;
    };
    for (const part of [[...keys].filter(key => !isLong(key)), [...keys].filter(isLong)]) {
      for (const key of part) changed.add(key);
      await lookAtChanges();
    }
    clearTimeout(limit);
    if (changed.size === 0) return;
    const message = `${count(changed.size, 'changed file')} ${changed.size === 1 ? 'was' : 'were'} not checked for lost text: that would take too long now`;
    await view.warning('unchecked', message, '`undertext audit` checks them; every version is kept');
  };

  const onEvent = async (event: WatchEvent) => {
    if (event.type === 'version') {
      versions++;
      lastVersion = elapsed();
      if (isReady) changed.add(pathKey(event.version));
      evidence.notice(event.version);
      if (event.version.kind === 'gone') present?.delete(pathKey(event.version));
      else present?.add(pathKey(event.version));
      state.last = event.version;
      await view.version(event.version);
      await unlessRefused(() => sealWhenDue(false));
    } else if (isLost()) return;
    else if (event.type === 'ready') {
      const about = { roots: setup.roots.map(root => root.path), source: event.source, files: event.files };
      await unlessRefused(() => lease.update(about));
      await view.ready(event);
      isReady = true;
      for (const version of present === null ? [] : store.paths()) {
        if (version.kind !== 'gone' && names.has(version.root)) present?.add(pathKey(version));
      }
      await unlessRefused(lookedFirst);
      await unlessRefused(async () => void (await evidence.news()));
      await unlessRefused(() => look(undefined));
      await view.summary(openNow());
    } else if (event.type === 'quiet') {
      await lookAtChanges();
      await unlessRefused(() => sealWhenDue(true));
    } else if (event.type === 'gap') await view.gap(event);
    else if (event.type === 'warning') await view.warning(event.code, event.message, event.hint);
    else if (event.type === 'progress') view.progress(event.done, event.of);
    showStatus();
  };

  let sayStopped = () => {};
  const stopped = new Promise<void>(resolve => {
    sayStopped = resolve;
  });
  if (world.signal.aborted) sayStopped();
  world.signal.addEventListener('abort', sayStopped, { once: true });
  removeDeadCookies(tmpdir());
  const { cap, minFree } = setup.config.keep;
  const watcher = startWatch({
    roots: setup.roots,
    classify: setup.classify,
    store: besideRestores(withReserve(store, room, minFree)),
    isAtCap: (await room()).bytes > cap,
    now: world.now,
    platform: world.platform,
    owner: JSON.stringify(self()),
    polling,
    on: event => queue.add(() => onEvent(event)),
  });
  const duty = roomDuty({
    setup,
    room,
    audit: () => auditNow(setup, { cache, signal: world.signal }),
    leaveLogsOut: isAtCap => watcher.leaveLogsOut(isAtCap),
    warn: view.warning,
    pruned: view.pruned,
    failed: error => queue.add(() => Promise.reject(error)),
  });
  let restores = restoresOf(store.notes('restore')).length;
  /** A restore by another process explains a write that we may have looked at already. */
  const lookAtRestores = async () => {
    await store.refresh();
    const fresh = restoresOf(store.notes('restore')).slice(restores);
    restores += fresh.length;
    if (isReady && fresh.length > 0) await look(new Set(fresh.map(pathKey)));
  };
  const tick = async () => {
    if (isLost()) return;
    await unlessRefused(lookAtRestores);
    await unlessRefused(lookAtNews);
    await unlessRefused(lookAgainWhenDue);
    await unlessRefused(() => sealWhenDue(true));
    if (isReady && !world.signal.aborted) await unlessRefused(() => duty.check(lastVersion).catch(unlessStopped));
    state.alive = await lookWhoIsAlive();
    showStatus();
  };
  const idle = setInterval(() => queue.add(tick), 1_000);
  const unlessLost = (error: unknown) => {
    if (!isLost()) throw error;
  };
  try {
    await Promise.race([
      stopped,
      watcher.ready.then(() => stopped).catch(unlessLost),
      queue.failed.catch(unlessLost),
      lost,
    ]);
  } finally {
    clearInterval(idle);
    world.signal.removeEventListener('abort', sayStopped);
    isStopping = true;
    await watcher.stop();
    await duty.ended();
    await queue.drained();
    if (!isLost()) await lookAtRest();
    await cache.save({ isComplete: false });
  }
  if (isLost() && !world.signal.aborted) return 'store lost';
  await view.stopped(versions, openNow());
  return 'stopped';
}

type Again = NonNullable<AuditResult['again']>;

function both(a: Again | null, b: Again): Again {
  return { at: Math.min(a?.at ?? b.at, b.at), only: new Set([...(a?.only ?? []), ...b.only]) };
}

/** The error of a system that lets nobody open another file; that passes. */
function crammed(error: unknown): UndertextError | null {
  if (!['EMFILE', 'ENFILE'].includes(errno(error))) return null;
  const message = `the system lets this process open no more files (${errno(error)})`;
  return new UndertextError(
    'disk',
    message,
    'the watcher tries again; raise the limit of open files (ulimit -n)',
    error,
  );
}

/** How often the line that says how things stand is written anew, at most (milliseconds). */
const statusEvery = 200;

/** The journal becomes a pack after this much quiet, and at least this often under steady work (milliseconds). */
const sealAfterQuiet = 5_000;
const sealAtLeast = 30_000;

/** Milliseconds for the look at what changed last, once a person wants to stop; and how many versions cost little. */
const lookAtMost = 800;
const fewVersions = 100;

/** Runs jobs one after the other; a job that fails ends the watch. */
class Queue {
  #tail: Promise<void> = Promise.resolve();
  #fail: (error: unknown) => void = () => {};
  readonly failed = new Promise<never>((_, reject) => {
    this.#fail = reject;
  });

  constructor() {
    this.failed.catch(() => {});
  }

  add(job: () => Promise<void>): void {
    this.#tail = this.#tail.then(job).catch(error => this.#fail(error));
  }

  drained(): Promise<void> {
    return this.#tail;
  }
}

/** True when what is told already is the same but for a part that was put in order. */
function isLess(before: string, now: string): boolean {
  const [was, is] = [before, now].map(state => state.slice(0, state.lastIndexOf('|')));
  const [had, has] = [before, now].map(state => Number(state.slice(state.lastIndexOf('|') + 1)));
  return was === is && has! < had!;
}
