import { describe, expect, it } from 'vitest';
import { parseTime, pickVersion } from '../../src/history/times.ts';
import type { Version } from '../../src/model.ts';

/** The tests run with TZ=UTC. */
const now = Date.parse('2026-11-20T15:00:00Z');

describe('parseTime', () => {
  it.each([
    ['2h', '2026-11-20T13:00:00.000Z'],
    ['90 minutes', '2026-11-20T13:30:00.000Z'],
    ['3d ago', '2026-11-17T15:00:00.000Z'],
    ['1.5h', '2026-11-20T13:30:00.000Z'],
    ['30s', '2026-11-20T14:59:30.000Z'],
    ['2 weeks ago', '2026-11-06T15:00:00.000Z'],
    ['now', '2026-11-20T15:00:00.000Z'],
    ['today', '2026-11-20T00:00:00.000Z'],
    ['yesterday', '2026-11-19T15:00:00.000Z'],
    ['yesterday 14:02', '2026-11-19T14:02:00.000Z'],
    ['14:02', '2026-11-20T14:02:00.000Z'],
    ['14:02:50', '2026-11-20T14:02:50.000Z'],
    ['16:00', '2026-11-19T16:00:00.000Z'],
    ['2026-11-18', '2026-11-18T00:00:00.000Z'],
    ['2026-11-18 09:30', '2026-11-18T09:30:00.000Z'],
    ['2026-11-18T09:30:00.250Z', '2026-11-18T09:30:00.250Z'],
    ['2026-11-18T09:30:00+02:00', '2026-11-18T07:30:00.000Z'],
  ])('%s', (text, expected) => {
    expect(new Date(parseTime(text, now)!).toISOString()).toBe(expected);
  });

  it.each(['', 'soon', '25:00', '14:60', '2', 'h', '2026-13-40', '-2h', '2hh', 'k7f3qz'])('is no time: %s', text => {
    expect(parseTime(text, now)).toBeNull();
  });
});

describe('pickVersion', () => {
  const versions = ['abcdefghij', 'abcxxxxxxx', 'zzzzzzzzzz'].map(
    (id, i) => ({ id, at: now - (3 - i) * 3_600_000 }) as Version,
  );

  it.each([
    ['latest', 'zzzzzzzzzz'],
    ['@latest', 'zzzzzzzzzz'],
    ['abcdefghij', 'abcdefghij'],
    ['abcd', 'abcdefghij'],
    ['z', 'zzzzzzzzzz'],
    ['@90m', 'abcxxxxxxx'],
    ['14:00', 'zzzzzzzzzz'],
    ['2026-11-20T12:30:00Z', 'abcdefghij'],
  ])('%s', (spec, id) => expect(pickVersion(versions, spec, now)?.id).toBe(id));

  it.each(['abc', '', '@', 'nothing', '5h'])('names none: %s', spec => {
    expect(pickVersion(versions, spec, now)).toBeNull();
  });
});
