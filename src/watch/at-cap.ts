/** The time at the store's cap, when logs are not kept: a gap that opens and closes as `unwatched` does. */
import type { FileClass, Gap, Root, Time } from '../model.ts';
import { gapsOf, type Store } from '../store/store.ts';

const why = 'the store is at its cap: logs are not kept';

/** The gap that opens now; null when it is open. */
export function logsAreLeftOut(store: Store, now: Time): Gap | null {
  return openGap(store) ? null : { from: now, to: null, why, root: null, paths: [] };
}

/** The gap that ends now; null when none is open. */
export function logsAreKept(store: Store, now: Time): Gap | null {
  const gap = openGap(store);
  return gap ? { ...gap, to: now } : null;
}

/** Classes as they are at the cap: a log is not looked at. */
export function withoutLogs(
  classify: (root: Root, path: string) => FileClass,
  isAtCap: () => boolean,
): (root: Root, path: string) => FileClass {
  return (root, path) => {
    const fileClass = classify(root, path);
    return fileClass === 'log' && isAtCap() ? 'noise' : fileClass;
  };
}

function openGap(store: Store): Gap | undefined {
  return gapsOf(store.notes('gap')).find(gap => gap.why === why && gap.to === null);
}
