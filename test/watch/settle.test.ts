import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Delay, wasWhole } from '../../src/watch/settle.ts';

describe('what comes due', () => {
  it.each([
    [
      'a quiet time starts anew',
      true,
      [
        ['a', 0],
        ['b', 10],
        ['a', 50],
      ],
      75,
      ['b'],
      110,
    ],
    [
      'a longest wait does not',
      false,
      [
        ['a', 0],
        ['b', 10],
        ['a', 50],
      ],
      65,
      ['a'],
      70,
    ],
    ['nothing yet', true, [['a', 0]], 59, [], 60],
  ] as const)('%s', (_, restarts, puts, now, due, next) => {
    const delay = new Delay<string>(60, restarts);
    for (const [key, at] of puts) delay.put(key, at);
    expect(delay.take(now)).toEqual(due);
    expect(delay.next()).toBe(next);
  });

  it('never loses a key and never gives one twice', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(20))), fc.boolean(), (steps, restarts) => {
        const delay = new Delay<string>(30, restarts);
        const waiting = new Set<string>();
        let now = 0;
        for (const [key, wait] of steps) {
          now += wait;
          for (const due of delay.take(now)) expect(waiting.delete(due)).toBe(true);
          delay.put(key, now);
          waiting.add(key);
        }
        expect(new Set(delay.take())).toEqual(waiting);
        expect(delay.size).toBe(0);
      }),
    );
  });
});

describe('a content that was soon followed by another was', () => {
  it.each([
    ['whole, when the other is shorter', 'one two', 3, 'one', true],
    ['whole, when the other is shorter and differs', 'one two', 7, '1', true],
    ['whole, when the other differs', 'one two', 3, 'one 2wo', true],
    ['whole, when the file is gone', 'one', 3, null, true],
    ['whole, when the file was cut to nothing', 'one', 3, '', true],
    ['whole, when it is the first that is known and the other is shorter', 'one two', null, 'one', true],
    ['not known to be whole, when the other goes on', 'one', 3, 'one two', false],
    ['not whole, when it was as long as the one before and the other is its beginning', '1ne two', 7, '1ne', false],
    ['not whole, when it was empty', '', 3, 'one', false],
    ['not whole, when it was empty and the file is gone', '', 3, null, false],
  ])('%s', (_, first, sizeBefore, second, expected) => {
    expect(wasWhole(Buffer.from(first), second === null ? null : Buffer.from(second), sizeBefore)).toBe(expected);
  });
});
