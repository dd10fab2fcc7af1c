/** A document that is too much for its format: what it lost is found all the same, and the report says how it was compared. */
import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import { runAudit } from '../../src/audit/run-audit.ts';
import type { Step } from '../helpers/stories.ts';
import { audit, noon, world } from '../helpers/stories.ts';

const deep = `${'> '.repeat(100)}x\n`;
const steps = (texts: readonly string[], path = 'notes.md'): readonly Step[] =>
  texts.map((text, index) => ({ path, text, at: noon + index * 60_000 }));
const item = (name: string): string => `- [${name}](${name}.md) — about ${name}\n`;
const why = 'blocks nested deeper than 60 levels: compared line by line';

describe('a document that is nested too deeply', () => {
  const story = steps([
    `${item('one')}\n${deep}`,
    `${item('one')}${item('two')}\n${deep}`,
    `${item('one')}${item('three')}\n${deep}`,
  ]);

  it('loses a line to a stale write, and the evidence says how that was seen', async () => {
    const { incidents, limited, failedRules } = await audit(story, rules);
    expect(failedRules).toEqual([]);
    expect(incidents.map(({ units, base }) => [units.map(unit => unit.text.trim()), base?.how])).toEqual([
      [[item('two').trim()], 'inferred'],
    ]);
    for (const { evidence } of incidents[0]!.findings) expect(evidence).toContain(`limited: ${why}`);
    expect(limited).toEqual([{ root: 'home', path: 'notes.md', why }]);
  });

  it('is named again when its history is only remembered', async () => {
    const known = new Map<string, string>();
    const cache = {
      get: (key: string): unknown => (known.has(key) ? JSON.parse(known.get(key)!) : undefined),
      set: (key: string, value: unknown) => void known.set(key, JSON.stringify(value)),
    };
    const { histories, read, end } = world(story);
    let reads = 0;
    const counted = async (blob: string) => {
      reads++;
      return read(blob);
    };
    const input = { histories, read: counted, rules, options: {}, isNoise: () => false, notes: [], now: end, cache };
    const first = await runAudit(input);
    const before = reads;
    expect((await runAudit(input)).limited).toEqual(first.limited);
    expect([first.limited.length, before > 0, reads - before]).toEqual([1, true, 0]);
  });

  it('has no share in what other documents say', async () => {
    const quiet = steps([item('one'), item('one') + item('two'), item('one') + item('three')], 'b.md');
    const { incidents, limited } = await audit([...story, ...quiet], rules);
    const evidence = incidents.filter(({ path }) => path === 'b.md').flatMap(({ findings }) => findings[0]!.evidence);
    expect([evidence.length > 0, evidence.some(line => line.startsWith('limited'))]).toEqual([true, false]);
    expect(limited.map(({ path }) => path)).toEqual(['notes.md']);
  });
});

describe('a write that changed nearly everything', () => {
  const text = (word: string) =>
    Array.from({ length: 1_500 }, (_, index) => `- entry ${index} says ${word} ${'and more words '.repeat(6)}\n`).join(
      '',
    );

  it('is compared with what stands near by, and says so', async () => {
    const { incidents, limited } = await audit(steps([text('one'), text('two')]), rules);
    expect(incidents).toEqual([]);
    expect(limited.map(one => one.why)).toEqual([
      expect.stringMatching(/^1,500 units went and 1,500 came in one write: each was compared with the nearest \d+$/),
    ]);
  });
});
