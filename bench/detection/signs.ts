/** Which signs tell a stale write from one that was meant, where nothing but content is known. */
import { allTerms, isEchoed } from '../../src/audit/origin.ts';
import { similarity } from '../../src/documents/compare.ts';
import type { Certainty } from '../../src/model.ts';
import type { Account, Rule } from '../../src/rule.ts';

/** What can be seen of a write that looks stale. */
export interface Signs {
  readonly cause: string;
  readonly certainty: Certainty;
  readonly signs: ReadonlySet<string>;
}

const minute = 60_000;

/** A rule that finds nothing and notes down what could be seen of each write that looks stale. */
export function watcher(seen: Signs[]): Rule {
  return {
    id: 'signs',
    summary: 'Looked.',
    severity: 'low',
    options: {},
    async checkPath(file, { account, units }) {
      for (const edit of file.edits) {
        if (edit.after.kind !== 'file') continue;
        const about = await account(edit);
        const lost = about.removed.filter(({ unit, fate }) => fate === 'lost' && about.overwritten.includes(unit));
        if (!about.isStale || lost.length === 0) continue;
        const base = await units(about.base.version);
        const before = new Set((await units(edit.before)).map(({ fingerprint }) => fingerprint));
        seen.push({
          cause: edit.after.id,
          certainty: about.certainty,
          signs: new Set(signsOf(about, lost, allTerms(base), before)),
        });
      }
      return [];
    },
  };
}

function signsOf(
  { edit, added, removed, overwritten }: Account,
  lost: Account['removed'],
  known: ReadonlySet<string>,
  before: ReadonlySet<string>,
): readonly string[] {
  const age = edit.after.seenAt - Math.max(...lost.map(({ since }) => since.seenAt));
  const isIn = (least: number, most: number) => age > least * minute && age <= most * minute;
  const gap = new Set(overwritten);
  const both = removed.filter(({ unit, fate }) => fate === 'lost' && !gap.has(unit)).length;
  const signs: readonly (readonly [string, boolean])[] = [
    ['adds something of its own', added.some(unit => !before.has(unit.fingerprint))],
    ['adds nothing', added.length === 0],
    ['also takes what both had', removed.some(({ unit, fate }) => fate === 'lost' && !gap.has(unit))],
    ['also changes what both had', removed.some(({ unit, fate }) => fate === 'edited' && !gap.has(unit))],
    ['repeats words that only the lost text had', lost.some(({ unit }) => isEchoed(unit, added, known))],
    [
      'a line like each of the lost was added',
      lost.every(({ unit }) => added.some(other => similarity(unit.text, other.text) >= 0.75)),
    ],
    ['takes away more of what both had', both > lost.length],
    ['one unit lost', lost.length === 1],
    ['two or more lost', lost.length > 1],
    ['text of several versions lost', new Set(lost.map(({ since }) => since.id)).size > 1],
    ['1 up to a minute old', isIn(-1, 1)],
    ['2 a minute to fifteen', isIn(1, 15)],
    ['3 to three hours', isIn(15, 180)],
    ['4 older', isIn(180, Infinity)],
  ];
  return signs.filter(([, holds]) => holds).map(([name]) => name);
}
