/** One act out of all copies of its record: forks and resumed sessions carry over what was before them. */
import type { Time } from '../../model.ts';
import type { Act, Actor } from '../act.ts';
import { actorKey } from '../keys.ts';

/** When a transcript begins: the time of the first record in it that has one. A fork begins later than what it copied. */
export type StartOf = (act: Act) => Time;

/**
 * The owner is the earliest copy; on a tie one that nothing later stands before, in the transcript that begins first, or that is called as its session.
 * What only a later copy tells of the contents is taken over, and who has another copy is said.
 */
export function oneOf(copies: readonly Act[], startOf: StartOf): Act {
  const [first, ...rest] = copies;
  if (rest.length === 0) return first!;
  const sorted = copies.toSorted(
    (a, b) =>
      a.at - b.at ||
      Number(a.isLate === true) - Number(b.isLate === true) ||
      startOf(a) - startOf(b) ||
      Number(isStray(a)) - Number(isStray(b)) ||
      byName(a, b),
  );
  const owner = sorted[0]!;
  const best = sorted.toSorted((a, b) => knowledge(b) - knowledge(a))[0]!;
  const { before, after, kind } = best;
  const told = best === owner ? owner : { ...owner, before, after, kind, ...optional(best) };
  const others = new Map(sorted.map(({ session, agent }) => [actorKey({ session, agent }), { session, agent }]));
  others.delete(actorKey(owner));
  return others.size === 0 ? told : { ...told, knownTo: [...others.values()] satisfies readonly Actor[] };
}

/**
 * Of two lines about the same record in the same transcript: the one that knows more, the later one of two equals; and the
 * earlier time, as some clients write earlier messages again.
 */
export function richer(known: Act, next: Act): Act {
  const told = knowledge(next) >= knowledge(known) ? next : known;
  if (known.at <= told.at) return { ...told, asked: known.asked, at: known.at, offset: known.offset };
  return next.at <= told.at ? { ...told, asked: next.asked, at: next.at, offset: next.offset } : told;
}

function knowledge({ before, after, lines, isNew }: Act): number {
  const of = (content: Act['before']) => (content === null ? 0 : content.isValidated ? 3 : 2);
  return of(before) + of(after) + (isNew === undefined ? 0 : 1) + (lines === undefined ? 0 : 1);
}

function optional({ isNew, lines, shell, why }: Act) {
  return {
    ...(isNew === undefined ? {} : { isNew }),
    ...(lines === undefined ? {} : { lines }),
    ...(shell === undefined ? {} : { shell }),
    ...(why === undefined ? {} : { why }),
  };
}

/** Some clients leave the first session's id in what they copy: then the transcript is called otherwise. */
function isStray({ transcript, session }: Act): boolean {
  return !transcript.includes(session);
}

function byName(a: Act, b: Act): number {
  return a.transcript < b.transcript ? -1 : 1;
}
