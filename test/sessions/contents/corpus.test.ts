/**
 * Contents out of real transcripts, where the corpus is present, of all paths and all versions of the client. Whether a
 * validated content is right is asked by hiding what the record says, and comparing. Floors only: nothing is tuned to it.
 */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Content } from '../../../src/sessions/contents/reconstruct.ts';
import { reconstruct } from '../../../src/sessions/contents/reconstruct.ts';
import { corpus, isCorpusHere, say } from '../corpus-place.ts';
import { type CorpusAct, corpusActs, scannedActs } from './corpus-acts.ts';

class Row {
  writes = 0;
  own = 0;
  chain = 0;
  none = 0;
  validated = 0;
  asked = 0;
  found = 0;
  sure = 0;
  wrong = 0;
}

describe.skipIf(!isCorpusHere)('the corpus (skipped where ../shared/corpus is not present)', () => {
  it.each([
    ['as every line tells, parsed', async (folder: string) => corpusActs(folder)],
    ['as the scanner tells', scannedActs],
  ])(
    'knows what stood before and after nearly every write, and is never wrong where it is sure: %s',
    async (how, acts) => {
      const rows = new Map<string, Row>();
      const all = new Row();
      const both = (version: string) => {
        const row = rows.get(version) ?? new Row();
        rows.set(version, row);
        return [row, all];
      };
      for (const own of (await acts(join(corpus, 'transcripts'))).values()) {
        count(own, both);
        for (const hidden of hideInTurn(own)) compare(own, hidden, both);
      }
      say(`${how}\n${table([...[...rows].sort(([a], [b]) => byNumber(a, b)), ['all', all]])}`);
      expect(all.writes).toBeGreaterThan(300);
      expect((all.own + all.chain) / all.writes).toBeGreaterThanOrEqual(0.98);
      expect(all.sure).toBeGreaterThan(0.1 * all.found);
      expect(all.wrong).toBe(0);
    },
  );
});

function count(acts: readonly CorpusAct[], rowsOf: (version: string) => readonly Row[]): void {
  for (const told of reconstruct(acts)) {
    if (told.kind !== 'act' || !isChange(told.act as CorpusAct)) continue;
    const { before, after } = told;
    const isOwn = (content: Content | null) => content === null || content.tier === 'own record';
    for (const row of rowsOf((told.act as CorpusAct).version)) {
      row.writes++;
      if (before === undefined || after === undefined) row.none++;
      else if (isOwn(before) && isOwn(after)) row.own++;
      else row.chain++;
      if (before !== undefined && before?.isValidated !== false && after?.isValidated) row.validated++;
    }
  }
}

/** What the records say of the original is hidden, by turns of every one, of every other one, and with its neighbours. */
function* hideInTurn(acts: readonly CorpusAct[]): Iterable<readonly CorpusAct[]> {
  const bare = acts.map(withoutOriginal);
  yield bare;
  for (const turn of [0, 1]) yield acts.map((act, i) => (i % 2 === turn ? bare[i]! : act));
  for (const turn of [0, 1, 2]) yield bare.filter((_, i) => i % 3 !== turn);
  for (const turn of [0, 1, 2])
    yield acts.filter((_, i) => i % 3 !== turn).map((act, i) => (i % 2 ? act : withoutOriginal(act)));
  yield bare.map(({ patch: _, ...act }) => act);
}

function compare(
  acts: readonly CorpusAct[],
  hidden: readonly CorpusAct[],
  rowsOf: (version: string) => readonly Row[],
): void {
  const truth = new Map<string, readonly [string, string]>();
  for (const told of reconstruct(acts)) {
    if (told.kind !== 'act' || !told.after || typeof told.act.before !== 'string') continue;
    truth.set(told.act.id, [told.act.before, told.after.text]);
  }
  for (const told of reconstruct(hidden)) {
    if (told.kind !== 'act' || told.act.before !== undefined) continue;
    const right = truth.get(told.act.id);
    if (!right) continue;
    for (const [i, content] of [told.before, told.after].entries()) {
      // What a write left is in its own record, hidden or not.
      if (i === 1 && told.act.kind === 'write') continue;
      for (const row of rowsOf((told.act as CorpusAct).version)) {
        row.asked++;
        if (!content) continue;
        row.found++;
        if (content.isValidated) row.sure++;
        if (content.isValidated && content.text !== right[i]) row.wrong++;
      }
    }
  }
}

function withoutOriginal(act: CorpusAct): CorpusAct {
  if (typeof act.before !== 'string') return act;
  const { before: _, ...rest } = act;
  return rest;
}

function isChange({ kind }: CorpusAct): boolean {
  return kind === 'write' || kind === 'edit';
}

function byNumber(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

function table(rows: readonly (readonly [string, Row])[]): string {
  const head = 'client      writes  own record  chain  none  validated  | hidden  found  sure  wrong among the sure';
  const lines = rows.map(([version, row]) => {
    const cells = [row.writes, row.own, row.chain, row.none, row.validated].map(String);
    const widths = [8, 12, 7, 6, 11];
    const left = version.padEnd(10) + cells.map((cell, i) => cell.padStart(widths[i]!)).join('');
    const hidden = [row.asked, row.found, row.sure, row.wrong].map((cell, i) =>
      String(cell).padStart([7, 7, 6, 7][i]!),
    );
    return `${left}  | ${hidden.join('')}`;
  });
  return [head, ...lines].join('\n');
}
