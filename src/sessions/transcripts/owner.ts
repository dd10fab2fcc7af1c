/** Of several copies of one act, as resumes and forks leave them: which one is its actor's own. */
import type { RawAct } from '../act.ts';

/**
 * The copy of the earliest time; of those, one that nothing later stands before in its transcript (a fork begins with
 * records of its own, later time); of those, one with a result; then the transcript whose name comes first.
 */
export function ownerOf(copies: readonly RawAct[]): RawAct {
  const [first, ...others] = copies;
  if (first === undefined) throw new Error('ownerOf: no copies');
  return others.reduce((best, copy) => (order(copy, best) < 0 ? copy : best), first);
}

/**
 * The owner's act, with the result of another copy where its own has none. Actor, times and place stay the owner's.
 */
export function wholeAct(copies: readonly RawAct[]): RawAct {
  const owner = ownerOf(copies);
  if (owner.isCopy !== true) return owner;
  const told = copies.filter(copy => copy.isCopy !== true && copy.kind !== 'refused').sort(order)[0];
  if (told === undefined) return owner;
  const { session, agent, asked, at, transcript, offset } = owner;
  return { ...told, session, agent, asked, at, transcript, offset };
}

function order(a: RawAct, b: RawAct): number {
  return (
    a.at - b.at ||
    Number(a.isLate ?? false) - Number(b.isLate ?? false) ||
    Number(a.isCopy ?? false) - Number(b.isCopy ?? false) ||
    (a.transcript < b.transcript ? -1 : a.transcript > b.transcript ? 1 : 0)
  );
}
