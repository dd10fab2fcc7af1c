/** Real version chains, where the corpus is present: `../shared/corpus` beside the checkout. Floors only: nothing is tuned to it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import type { Step } from '../helpers/stories.ts';
import { audit, noon } from '../helpers/stories.ts';

const corpus = join(import.meta.dirname, '../../../shared/corpus');
const isHere = existsSync(corpus);
const say = (text: string) => process.stdout.write(`${text}\n`);

interface Label {
  readonly dir: string;
  readonly label: 'TRUE' | 'DELIBERATE' | 'AMBIGUOUS';
}

/** What happened minutes apart, as in a home with sessions side by side. */
function chain(texts: readonly string[], path: string, apart: number): readonly Step[] {
  return texts.map((text, i) => ({ path, text, at: noon + i * apart }));
}

describe.skipIf(!isHere)('the corpus (skipped where ../shared/corpus is not present)', () => {
  it('catches what a real client overwrote', async () => {
    const home = join(corpus, 'lab/2.1.329/L2c/.claude');
    const memory = readdirSync(join(home, 'projects'))[0]!;
    const final = readFileSync(join(home, 'projects', memory, 'memory/MEMORY.md'), 'utf8');
    const kept = readdirSync(join(home, 'file-history')).map(session =>
      readFileSync(join(home, 'file-history', session, readdirSync(join(home, 'file-history', session))[0]!), 'utf8'),
    );
    const [before = '', edited = ''] = kept.sort((a, b) => a.length - b.length);
    const { incidents } = await audit(chain([before, edited, final], 'memory/MEMORY.md', 3_000), rules);
    expect(incidents.map(({ certainty, units }) => [certainty, units.map(unit => unit.name)])).toEqual([
      ['likely', ['Gotchas (session A)']],
    ]);
  });

  it('catches most of what git histories lost, and says how sure it is', async () => {
    const folder = join(corpus, 'git-lost-updates');
    const labels: readonly Label[] = JSON.parse(readFileSync(join(folder, 'labels.json'), 'utf8'));
    const lines: string[] = [];
    for (const [name, apart] of [
      ['5 minutes', 5 * 60_000],
      ['2 hours', 7_200_000],
      ['2 days', 172_800_000],
    ] as const) {
      const tally = new Map<string, number>();
      for (const { dir, label } of labels) {
        const texts = ['v0_base.md', 'v1_other.md', 'v2_written.md'].map(file =>
          readFileSync(join(folder, dir, file), 'utf8'),
        );
        const { incidents, failedRules } = await audit(chain(texts, 'x.md', apart), rules);
        expect(failedRules).toEqual([]);
        const loss = incidents.filter(incident => incident.base !== null);
        const said = loss[0]?.certainty ?? (incidents.length > 0 ? 'possible (no base)' : 'nothing');
        for (const key of [`${label} ${said}`, `${label} all`]) tally.set(key, (tally.get(key) ?? 0) + 1);
      }
      lines.push(
        `${name} apart: ${[...tally]
          .sort()
          .map(([key, n]) => `${key} ${n}`)
          .join(' · ')}`,
      );
      const caught = (tally.get('TRUE likely') ?? 0) + (tally.get('TRUE possible') ?? 0);
      expect(caught).toBeGreaterThan(0.7 * (tally.get('TRUE all') ?? 0));
      expect(tally.get('DELIBERATE likely') ?? 0, 'likely is right nine times in ten').toBeLessThanOrEqual(
        (tally.get('TRUE likely') ?? 0) / 9,
      );
    }
    say(lines.join('\n'));
  });
});
