/** A rule that waits for ever is given up, told, and the others go on. */
import { describe, expect, it, vi } from 'vitest';
import { inTime } from '../../src/commands/load-module.ts';
import type { Rule } from '../../src/rule.ts';
import { audit, inShort, story } from '../helpers/stories.ts';

const never = () => new Promise<never>(() => {});

describe('inTime', () => {
  it('gives what came in time, also an error, and leaves no timer behind', async () => {
    vi.useFakeTimers();
    expect(await inTime(Promise.resolve(7), 1_000)).toBe(7);
    await expect(inTime(Promise.reject(new Error('no')), 1_000)).rejects.toThrow('no');
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('gives up on what never ends', async () => {
    vi.useFakeTimers();
    const late = expect(inTime(never(), 60_000)).rejects.toThrow('it has not ended after 60 seconds');
    await vi.advanceTimersByTimeAsync(60_000);
    await late;
    vi.useRealTimers();
  });
});

describe('an audit', () => {
  const rule = (id: string, checkPath: Rule['checkPath'] & object): Rule => ({
    id,
    summary: 'It happened.',
    severity: 'low',
    options: {},
    checkPath,
  });
  const waiting = rule('waiting', never);
  const telling = rule('telling', async ({ path, edits }, { units }) => {
    const [edit] = edits;
    if (!edit) return [];
    const found = { path, message: 'm', certainty: 'likely', lost: null, cause: edit.after, base: null } as const;
    return [{ ...found, units: await units(edit.after), evidence: [] }];
  });

  it('goes on without it, and names it', async () => {
    const { incidents, failedRules } = await audit(story(['A: one', 'A: one two']), [waiting, telling], {
      patience: (rule, check) => (rule === waiting ? inTime(check, 1) : check),
    });
    expect(incidents.map(inShort)).toEqual(['likely low: one, two']);
    expect(failedRules).toEqual([
      { rule: 'waiting', path: 'notes.md', message: 'it has not ended after 0.001 seconds, so it was not asked again' },
    ]);
  });
});
