/** What a watcher tells on the desktop. It never waits for it, and is never stopped by it. */
import type { Incident } from '../model.ts';
import { type Notice, noticesOf } from '../report/notices.ts';
import { isWeak } from '../report/weight.ts';

export interface Desktop {
  /** What came at once. Each is told once, when it is no longer one that may well have been meant. */
  tell(incidents: readonly Incident[]): void;
}

/**
 * `show` says why it could not, or null. `failed` is called at most once: whoever has no desktop need not be told so at
 * each loss.
 */
export function desktop(show: (notice: Notice) => Promise<string | null>, failed: (why: string) => void): Desktop {
  let isFailing = false;
  const known = new Set<string>();
  const showAll = async (incidents: readonly Incident[]) => {
    for (const notice of noticesOf(incidents)) {
      const why = await show(notice);
      if (why === null || isFailing) continue;
      isFailing = true;
      failed(why);
    }
  };
  return {
    tell: incidents => {
      const fresh = incidents.filter(incident => !isWeak(incident) && !known.has(incident.id));
      for (const { id } of fresh) known.add(id);
      void showAll(fresh);
    },
  };
}

export const silentDesktop: Desktop = { tell: () => {} };
