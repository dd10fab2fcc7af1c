/** Many sessions, one file, no lock: whatever they do, what is reported is exactly what was overwritten. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import lostSection from '../../rules/lost-section.ts';
import lostUpdate from '../../rules/lost-update.ts';
import type { Step } from '../helpers/stories.ts';
import { audit, noon } from '../helpers/stories.ts';

const sessions = 3;
/** A session reads the file, or saves what it read last with a line of its own. */
const move = fc.record({ session: fc.nat(sessions - 1), does: fc.constantFrom('read', 'save', 'save') });

it('reports exactly what stale writes removed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(move, { minLength: 4, maxLength: 30 }), async moves => {
      const { steps, truth } = play(moves);
      const { incidents, failedRules } = await audit(steps, [lostUpdate, lostSection]);
      expect(failedRules).toEqual([]);
      const told = incidents.map(({ cause, units }) => [cause!.at, units.map(({ name }) => name).sort()]);
      expect(told.sort()).toEqual(truth.sort());
    }),
    { numRuns: 60 },
  );
});

function play(moves: readonly { readonly session: number; readonly does: string }[]) {
  let at = noon;
  let disk: readonly string[] = ['start'];
  const held = Array.from({ length: sessions }, () => disk);
  const steps: Step[] = [stepOf(disk, at)];
  const truth: [number, string[]][] = [];
  for (const [i, { session, does }] of moves.entries()) {
    if (does === 'read') {
      held[session] = disk;
      continue;
    }
    at += 30_000;
    const mine = [...held[session]!, `word${i}of${session}`];
    const lost = disk.filter(line => !mine.includes(line));
    if (lost.length > 0) truth.push([at, lost.sort()]);
    steps.push(stepOf(mine, at));
    held[session] = mine;
    disk = mine;
  }
  return { steps, truth };
}

function stepOf(lines: readonly string[], at: number): Step {
  return { path: 'notes.md', at, text: lines.map(line => `- ${line}\n`).join('') };
}
