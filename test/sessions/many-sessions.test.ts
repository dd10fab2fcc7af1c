/** Several sessions and a person at one file: whatever they do, no proof is wrong, and no loss is silenced. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import lostSection from '../../rules/lost-section.ts';
import lostUpdate from '../../rules/lost-update.ts';
import { runAudit } from '../../src/audit/run-audit.ts';
import { historyOf } from '../../src/history/history.ts';
import type { Incident } from '../../src/model.ts';
import { clock } from '../../src/rule.ts';
import { testify } from '../../src/sessions/testify.ts';
import { type Played, play, plays } from './many-sessions.ts';

/** `RUNS=20000 SEED=7 npx vitest run` looks further. */
const settings = {
  numRuns: Number(process.env.RUNS ?? 200),
  // One seed here, so that a change is what makes a difference; others are for looking around.
  seed: Number(process.env.SEED ?? 22),
};

async function audited({ versions, evidence, read, end }: Played): Promise<readonly Incident[]> {
  const testimony = testify({ evidence, versions: () => versions, read, clock });
  const { incidents, failedRules } = await runAudit({
    histories: [historyOf(versions, 'authored')],
    read,
    rules: [lostUpdate, lostSection],
    options: {},
    isNoise: () => false,
    notes: [],
    now: end + 3_600_000,
    testimony,
  });
  expect(failedRules).toEqual([]);
  return incidents;
}

/** What is too short to be looked for in a transcript goes with the rest. */
const isTelling = (text: string) => text.length > 8;
const textsOf = ({ units }: Incident) => units.map(({ text }) => text).join('\n');

describe('whatever sessions and a person do', () => {
  it('what is proven is true: who wrote, whose text it was, and that its writer had never had it', async () => {
    let proven = 0;
    await fc.assert(
      fc.asyncProperty(plays(24), async given => {
        const played = play(given);
        for (const incident of await audited(played)) {
          if (incident.certainty !== 'proven') continue;
          proven++;
          const written = played.writes.get(incident.cause!.version)!;
          expect(incident.cause!.writer).toMatchObject({ id: written.by, certainty: 'proven' });
          const known = written.removed.filter(text => !written.unmet.includes(text));
          for (const text of known.filter(isTelling)) expect(textsOf(incident), text).not.toContain(text);
          const author = incident.lost!.writer;
          expect(author?.id).not.toBe(written.by);
          if (author?.certainty === 'proven') {
            const said = played.says.get(incident.lost!.version)!;
            const by = played.writes.get(incident.lost!.version)?.by;
            expect(author.id, said.join('|')).toBe(by);
          }
        }
      }),
      settings,
    );
    expect(proven).toBeGreaterThan(settings.numRuns / 10);
  });

  it('what its writer had never had, and is gone at the end, is told', async () => {
    await fc.assert(
      fc.asyncProperty(plays(24), async given => {
        // Where the clocks differ, a content alone may name nobody.
        const played = play({ ...given, clockOff: 0 });
        const incidents = await audited(played);
        for (const [i, { id }] of played.versions.entries()) {
          const written = played.writes.get(id);
          if (!written || written.by === null || played.versions[i]!.kind === 'gone') continue;
          const later = new Set(played.versions.slice(i).flatMap(version => played.says.get(version.id)!));
          const told = incidents.filter(({ cause, state }) => cause?.version === id && state === 'open').map(textsOf);
          for (const text of written.unmet.filter(isTelling)) {
            if (!later.has(text)) expect(told.join('\n'), `${id} ${text}`).toContain(text);
          }
        }
      }),
      settings,
    );
  });
});
