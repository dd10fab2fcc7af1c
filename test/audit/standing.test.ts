/** What a finding says beside what was lost: what to do, which lines would help, and that it is over when no longer seen. */
import { describe, expect, it } from 'vitest';
import type { Finding, Rule } from '../../src/rule.ts';
import { audit, story } from '../helpers/stories.ts';

/** Finds what is missing of the first version in the newest; the name of the file is what `more` is taken by. */
function missing(more: Partial<Finding>, id = 'missing'): Rule {
  return {
    id,
    summary: 'Something went.',
    severity: 'medium',
    options: {},
    async checkPath({ path, versions, edits }, tools) {
      const first = versions[0]!;
      const last = edits.at(-1)?.after;
      if (!last) return [];
      const there = new Set((await tools.units(last)).map(({ fingerprint }) => fingerprint));
      const units = (await tools.units(first)).filter(({ fingerprint }) => !there.has(fingerprint));
      if (units.length === 0) return [];
      const cause = edits[0]!.after;
      return [
        { path, message: 'gone', certainty: 'likely', lost: first, cause, base: null, units, evidence: [], ...more },
      ];
    },
  };
}

const lines = ['A: one two', 'B: one'];
const first = async (...rules: readonly Rule[]) => (await audit(story(lines), rules)).incidents[0]!;

describe('advice', () => {
  it('is what the incident says to do', async () => {
    expect((await first(missing({ advice: 'split the file' }))).advice).toBe('split the file');
    expect(await first(missing({}))).not.toHaveProperty('advice');
  });

  it('is that of the finding that speaks for it', async () => {
    const strong = missing({ advice: 'first', certainty: 'proven' }, 'a');
    const weak = missing({ advice: 'second' }, 'b');
    expect((await first(weak, strong)).advice).toBe('first');
    expect((await first(weak, missing({ certainty: 'proven' }, 'a'))).advice).toBe('second');
  });
});

describe('proposed lines', () => {
  it('are restored where nothing was lost', async () => {
    const incident = await first(missing({ lost: null, proposed: ['- [b](b.md)'] }));
    expect([incident.restore, incident.proposed]).toEqual([`undertext restore ${incident.id}`, ['- [b](b.md)']]);
    expect((await first(missing({ lost: null }))).restore).toBeNull();
  });

  it('of several findings stand there once', async () => {
    const [a, b] = [missing({ proposed: ['x', 'y'] }, 'a'), missing({ proposed: ['y', 'z'] }, 'b')];
    expect((await first(a, b)).proposed).toEqual(['x', 'y', 'z']);
  });
});

describe('a standing finding about lost text', () => {
  const back = [...lines, 'B: one two'];
  const elsewhere = [...lines, 'B: one three'];

  it('says so only when all findings do', async () => {
    expect((await first(missing({ standing: true }))).standing).toBe(true);
    expect(await first(missing({ standing: true }, 'a'), missing({}, 'b'))).not.toHaveProperty('standing');
  });

  it.each<[string, Partial<Finding>, readonly string[], string, string | null]>([
    ['is open as long as it is seen', { standing: true }, elsewhere, 'open', null],
    [
      'is over when it is no longer seen',
      { standing: true },
      back,
      'resolved',
      'the text is back since the write of 12:01:00',
    ],
  ])('%s', async (_, more, then, state, closed) => {
    const { notes } = await audit(story(lines), [missing(more)]);
    const { incidents } = await audit(story(then), [missing(more)], { notes });
    expect(incidents.map(each => [each.state, each.closed])).toEqual([[state, closed]]);
  });

  it('is over without its text coming back, and another one is not', async () => {
    const sees = (more: Partial<Finding>): Rule => {
      const rule = missing(more);
      // Sees nothing any more once somebody wrote a third version.
      return { ...rule, checkPath: async (file, tools) => (file.edits.length > 1 ? [] : rule.checkPath!(file, tools)) };
    };
    for (const [more, states] of [
      [{ standing: true }, [['resolved', 'it is in order again']]],
      [{}, [['open', null]]],
    ] as const) {
      const { notes } = await audit(story(lines), [sees(more)]);
      const { incidents } = await audit(story(elsewhere), [sees(more)], { notes });
      expect(incidents.map(each => [each.state, each.closed])).toEqual(states);
    }
  });
});
