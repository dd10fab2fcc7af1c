/** One scan of the roots, with a line of progress on a terminal. */
import { existsSync } from 'node:fs';
import { UndertextError } from '../errors.ts';
import { visible } from '../report/visible.ts';
import { besideRestores } from '../store/beside-restores.ts';
import { roomAsker, withReserve } from '../store/reserve.ts';
import { logsAreKept, logsAreLeftOut, withoutLogs } from '../watch/at-cap.ts';
import { type ScanReport, scan } from '../watch/scan.ts';
import { newestKnown, nobodyWatches } from '../watch/unwatched.ts';
import { firstLook } from './places-in.ts';
import { progressLine } from './progress.ts';
import type { Setup } from './setup.ts';

/** @throws UndertextError `not-found` when a root is not there: an empty scan would say that all was deleted. */
export async function scanRoots(setup: Setup): Promise<ScanReport> {
  for (const root of setup.roots) {
    if (existsSync(root.path)) continue;
    throw new UndertextError(
      'disk',
      `the root ${visible(root.path)} is not there`,
      'check --root, CLAUDE_CONFIG_DIR or the configuration; `undertext watch` waits for a root to appear',
    );
  }
  const { store, world } = setup;
  const isWatched = (await store.holder('watcher')) !== null;
  const unwatched = isWatched ? null : nobodyWatches(store, () => newestKnown(store) ?? world.now(), world.now());
  if (unwatched) await store.note([unwatched]);
  const room = roomAsker(store);
  const isAtCap = (await room()).bytes > setup.config.keep.cap;
  const gap = isAtCap ? logsAreLeftOut(store, world.now()) : logsAreKept(store, world.now());
  if (gap) await store.note([{ kind: 'gap', at: world.now(), data: gap }]);
  const lookedFirst = firstLook(setup);
  const progress = progressLine(setup.world.err);
  try {
    const report = await scan({
      roots: setup.roots,
      classify: withoutLogs(setup.classify, () => isAtCap),
      store: besideRestores(withReserve(store, room, setup.config.keep.minFree)),
      now: setup.world.now,
      signal: setup.world.signal,
      onProgress: (done, of) => progress.show(`reading ${done}${of === null ? '' : ` of ${of}`} files`),
    });
    await lookedFirst();
    return report;
  } finally {
    progress.clear();
  }
}
