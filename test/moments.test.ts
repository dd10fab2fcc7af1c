/** Moments in sentences: one sentence for a person, one for a program, and the same moment in both. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inMoments, marked } from '../src/moments.ts';
import { clock, clocks } from '../src/rule.ts';
import { Desk } from './helpers/in-process.ts';

const noon = Date.parse('2026-11-20T12:00:00.250Z');

describe('a moment in a sentence', () => {
  it.each([
    ['of the same day', clock(noon), '12:00:00', '2026-11-20T12:00:00.250Z'],
    ['of another day', clock(noon, noon + 86_400_000), '2026-11-20 12:00:00', '2026-11-20T12:00:00.250Z'],
    ['two that look the same', clocks([noon, noon + 100], noon).join(' '), '12:00:00.250 12:00:00.350', null],
    ['beyond the calendar', clock(9e15), null, '+275760-09-13T00:00:00.000Z'],
  ])('%s', (_, text, local, iso) => {
    const zone = new Date(noon).getTimezoneOffset() === 0;
    if (local !== null && zone) expect(inMoments(`at ${text}.`, 'local')).toBe(`at ${local}.`);
    if (iso !== null) expect(inMoments(`at ${text}.`, 'iso')).toBe(`at ${iso}.`);
    expect(inMoments(text, 'marked')).toBe(text);
  });

  it('is what was written, for any moment; other texts stay as they are', () => {
    const time = fc.integer({ min: -8.64e15, max: 8.64e15 });
    fc.assert(
      fc.property(time, fc.string({ unit: 'grapheme' }), fc.boolean(), (at, text, date) => {
        expect(inMoments(marked(at, { date, milliseconds: true }), 'iso')).toBe(new Date(at).toISOString());
        if (!text.includes('⟨')) expect(inMoments(text, 'local')).toBe(text);
      }),
    );
  });
});

describe('JSON', () => {
  it('has no time of the local clock in what it says, also of what the ledger alone knows, nor in errors', async () => {
    const desk = new Desk({ 'CLAUDE.md': '# Rules\n\n- be kind\n' });
    const local = /(?<![\dT:])\d\d:\d\d:\d\d(?!\.\d{3}Z)/;
    try {
      await desk.run('snapshot');
      desk.write('CLAUDE.md', '# Rules\n\n- be kind\n- be brief\n');
      await desk.run('snapshot');
      desk.write('CLAUDE.md', '# Rules\n\n- be kind\n- be bold\n');
      const text = (await desk.run('audit', '--all')).out;
      expect(text).toMatch(local);
      const { out } = await desk.run('audit', '--json');
      const [{ id }] = JSON.parse(out).incidents;
      await desk.run('restore', id);
      await desk.run('snapshot');
      const after = (await desk.run('audit', '--json', '--all')).out;
      expect(after).toMatch(/"closed": "restored at 2\d{3}-\d\d-\d\dT[\d:.]+Z/);
      for (const words of [
        ['show', id, '--json'],
        ['audit', '--all', '--format', 'ndjson'],
        ['audit', '--all', '--format', 'sarif'],
        ['log', 'CLAUDE.md', '--json'],
        ['cat', 'CLAUDE.md@2000-01-01', '--json'],
        ['ls', '--at', '2000-01-01', '--json'],
      ]) {
        const told = await desk.run(...words);
        expect([words, local.exec(told.out + told.err)?.[0] ?? null]).toEqual([words, null]);
      }
      expect((await desk.run('show', id)).out).toMatch(local);
    } finally {
      desk.remove();
    }
  });
});
