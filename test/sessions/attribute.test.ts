import { describe, expect, it } from 'vitest';
import { attribute } from '../../src/sessions/attribute.ts';
import { acts, versions } from './acts.ts';

/** `proven A, – , likely C`: one for each version. */
function who(stood: readonly string[], did: readonly string[]): string {
  const all = versions(stood);
  const found = attribute(
    all.map(version => ({ version, name: version.blob })),
    acts(did),
  );
  return all
    .map(({ id }) => {
      const answer = found.get(id);
      if (!answer) return '–';
      const { session, agent } = answer.act;
      return `${answer.certainty} ${session}${agent ? `/${agent}` : ''}`;
    })
    .join(', ');
}

describe('who wrote a version', () => {
  it.each<[string, readonly string[], readonly string[], string]>([
    ['exactly that content, at that time', ['v0', 'v1'], ['A read v0', 'A edit v0 -> v1'], '–, proven A'],
    [
      'two sessions, one after the other',
      ['v0', 'v1', 'v2'],
      ['A read v0', 'A edit v0 -> v1', 'C write v1 -> v2'],
      '–, proven A, proven C',
    ],
    ['a sub-agent', ['v0', 'v1'], ['A read v0', 'A/x edit v0 -> v1'], '–, proven A/x'],
    ['found by a scan, minutes later', ['v0', 'scan v1'], ['A read v0', 'A edit v0 -> v1'], '–, proven A'],
    [
      'one clock is an hour off, but what stood before it agrees',
      ['v0', 'v1'],
      ['A read v0', '+60m A edit v0 -> v1'],
      '–, likely A',
    ],
    [
      'the same content written twice is of him who wrote it then',
      ['v0', 'v1', 'v0', 'v1'],
      ['A write - -> v0', 'A write v0 -> v1', 'C write v1 -> v0', 'C write v0 -> v1'],
      'proven A, proven A, proven C, proven C',
    ],
    [
      'two wrote the same at once, from the same',
      ['v0', 'v1'],
      ['A read v0', 'A write v0 -> v1', '+1ms C write ? -> v1'],
      '–, proven A',
    ],
    ['nobody says before: the times fit', ['v0', 'v1'], ['A read v0', 'A write ? -> v1'], '–, proven A'],
    ['a new file', ['v0'], ['A write - -> v0'], 'proven A'],
    ['nobody wrote it', ['v0', 'v1'], ['A read v0', 'A read v1'], '–, –'],
    ['it was refused', ['v0', 'v1'], ['A read v0', 'A refused v1'], '–, –'],
    ['a script that names the path, at that time', ['v0', 'v1'], ['A read v0', 'A script ? -> ?'], '–, likely A'],
    [
      'two scripts at that time: nobody',
      ['v0', 'v1'],
      ['A read v0', 'A script ? -> ?', '+1ms C script ? -> ?'],
      '–, –',
    ],
    ['a formatter changed it right after', ['v0', 'v1b'], ['A read v0', 'A edit v0 -> v1'], '–, likely A'],
    [
      'what somebody else wrote within the time of its call, whose own content was seen',
      ['v0', 'v1', '+5ms v1b'],
      ['A read v0', 'A edit v0 -> v1'],
      '–, proven A, –',
    ],
    [
      'what a record says stood there before is not of him who replaced it',
      ['import v0', '+1ms v1'],
      ['A write v0 -> v1'],
      '–, proven A',
    ],
    [
      'a person brings back what a session had written',
      ['v0', 'v1', 'v2', '+5m v1'],
      ['A read v0', 'A edit v0 -> v1', 'C write v1 -> v2'],
      '–, proven A, proven C, –',
    ],
    [
      'two wrote the same from the same while nobody looked: either may have been the last',
      ['v0', '+1m scan v1'],
      ['A read v0', 'A write v0 -> v1', '+5s C write v0 -> v1'],
      '–, likely C',
    ],
    ['a content that is only supposed was seen', ['v0', 'v1'], ['A read v0', 'A edit v0 -> v1~'], '–, proven A'],
    ['it was imported from nothing but that', ['v0', 'import v1'], ['A read v0', 'A edit v0 -> v1~'], '–, likely A'],
    ['removed', ['v0', '(gone)'], ['A read v0', 'A rm ? -> -'], '–, likely A'],
    ['an edit does not remove', ['v0', '(gone)'], ['A read v0', 'A edit v0 -> v1'], '–, –'],
    ['undertext itself', ['v0', 'restore v1'], ['A read v0', 'A edit v0 -> v1'], '–, –'],
    ['much later than the call', ['v0', '+9m v1b'], ['A read v0', 'A edit v0 -> v1'], '–, –'],
    ['seen twice in a row: the first one', ['v0', 'v1', 'v1'], ['A read v0', 'A edit v0 -> v1'], '–, proven A, –'],
  ])('%s', (_, stood, did, expected) => {
    expect(who(stood, did)).toBe(expected);
  });
});
