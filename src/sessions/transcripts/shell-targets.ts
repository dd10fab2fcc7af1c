/** A command may touch a file several times: what it does to each in the end, and whether it showed it. */
import type { Place } from './places.ts';
import type { ShellTouch } from './touch.ts';

export interface ShellTarget extends Omit<ShellTouch, 'spelled' | 'cwd'> {
  readonly kind: 'shell';
  readonly place: Place;
}

/** At most one change of each place, and at most one target that shows it, in the order in which they were first named. */
export function oncePerPlace(
  touches: readonly ShellTouch[],
  find: (touch: ShellTouch) => Place | null,
): readonly ShellTarget[] {
  const targets = new Map<string, ShellTarget>();
  for (const touch of touches) {
    const place = find(touch);
    if (place === null) continue;
    const { spelled: _, cwd: __, ...what } = touch;
    const key = `${what.deed === null}\0${place.root}\0${place.path}`;
    const before = targets.get(key);
    const next: ShellTarget = { kind: 'shell', place, ...what };
    targets.set(key, before === undefined ? next : both(before, next));
  }
  return [...targets.values()];
}

function both(first: ShellTarget, then: ShellTarget): ShellTarget {
  const { kind, place } = then;
  switch (then.deed) {
    case 'write':
    case 'replace':
    case 'remove':
    case null:
      return then;
    case 'append':
      if (first.deed === 'remove')
        return then.after === undefined ? { kind, place, deed: 'replace' } : { ...then, deed: 'write' };
      if (first.deed === 'write' || first.deed === 'append') {
        if (first.after === undefined || then.after === undefined)
          return { kind, place, deed: first.deed === 'write' ? 'replace' : 'append' };
        return { kind, place, deed: first.deed, after: first.after + then.after };
      }
      return { kind, place, deed: first.deed };
    case 'edit':
    case 'run':
      if (first.deed === 'write' || first.deed === 'replace') return { kind, place, deed: 'replace' };
      return first.deed === 'run' || first.deed === 'remove' ? { kind, place, deed: 'run' } : then;
  }
}
