import { describe, expect, it } from 'vitest';
import { nearest } from '../src/nearest.ts';

describe('nearest', () => {
  it.each([
    ['k7f3qx', 'k7f3qz'],
    ['k7f', 'k7f3qz'],
    ['k7f3zq', 'k7f3qz'],
    ['', null],
    ['zzzzzz', null],
  ])('%s → %s', (id, expected) => {
    expect(nearest(id, ['abcdef', 'k7f3qz'])).toBe(expected);
  });
});
