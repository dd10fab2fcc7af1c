import { describe, expect, it } from 'vitest';
import type { RawAct } from '../../../src/sessions/act.ts';
import type { Sighting } from '../../../src/sessions/contents/reconstruct.ts';
import { reconstruct } from '../../../src/sessions/contents/reconstruct.ts';
import { momentsOf } from '../../../src/sessions/past/moments.ts';
import { act, edit, noon, read, without, write } from '../contents/acts.ts';

const minute = 60_000;
const t = (minutes: number) => noon + minutes * minute;
const at = (minutes: number): Partial<RawAct> => ({ at: t(minutes), asked: t(minutes) - 20 });

/** `a@1` is the text `a` at minute 1; milliseconds behind it, where there are any. */
function inShort(acts: readonly RawAct[], sightings: readonly Sighting[] = []): readonly string[] {
  return momentsOf(reconstruct(acts, sightings)).map(({ at, text, kind, tier, validated }) => {
    const minutes = Math.round((at - noon) / minute);
    const rest = Math.round((at - t(minutes)) * 100) / 100;
    const how = kind === 'transcript' ? (tier === 'own record' ? '' : ` ${tier}`) : ` ${kind}`;
    const ms = rest === 0 ? '' : rest > 0 ? `+${rest}` : rest;
    return `${text === null ? 'gone' : text.trim()}@${minutes}${ms}${how}${validated ? '!' : ''}`;
  });
}

const seen = (minutes: number, text: string | null, more: Partial<Sighting> = {}): Sighting => ({
  at: t(minutes),
  text,
  source: 'version',
  ...more,
});

describe('what is imported', () => {
  it.each<[string, readonly RawAct[], readonly Sighting[], readonly string[]]>([
    ['what was read, when it was read', [read('a\n', at(1))], [], ['a@1']],
    [
      'what stood before a write, just before it, and what it left, when it was done',
      [write('a\n', 'b\n', at(1))],
      [],
      ['a@1-21!', 'b@1!'],
    ],
    [
      'the same content in a row once, from when it stood there first, with the best that is known of it',
      [read('a\n', at(1)), read('a\n', at(2)), edit('a\n', 'a', 'b', at(3)), read('b\n', at(4))],
      [],
      ['a@1!', 'b@3!'],
    ],
    [
      'a chain says that it is one',
      [read('a\n', at(1)), without(edit('a\n', 'a', 'b', at(2)), 'before', 'patch')],
      [],
      ['a@1', 'b@2 chain'],
    ],
    [
      'what another hand wrote between two acts, as soon as somebody saw it',
      [write(null, 'a\n', at(1)), edit('x\n', 'x', 'y', at(3))],
      [],
      ['a@1', 'x@3-21!', 'y@3!'],
    ],
    ['a backup', [], [seen(1, 'a\n', { source: 'backup', from: 'file-history' })], ['a@1 file-history!']],
    [
      'a copy of which nothing says when it was made: only where its text is told by nothing else',
      [write('a\n', 'b\n', at(1))],
      ['a\n', 'b\n', 'x\n'].map(text => seen(9, text, { source: 'backup', from: 'file-history', isTimeSure: false })),
      ['a@1-21!', 'b@1!', 'x@9 file-history'],
    ],
    ['what a session was given says nothing of its own', [act('given', { ...at(1), after: 'a\n' })], [], []],
    [
      'a deletion that the next act, or the disk, confirms',
      [read('a\n', at(1)), act('shell', { shell: 'remove', ...at(2) }), write(null, 'b\n', at(3))],
      [],
      ['a@1', 'gone@2', 'b@3'],
    ],
    [
      'a deletion that did not happen',
      [read('a\n', at(1)), act('shell', { shell: 'remove', ...at(2) }), read('a\n', at(3))],
      [],
      ['a@1'],
    ],
  ])('%s', (_, acts, sightings, expected) => expect(inShort(acts, sightings)).toEqual(expected));
});

describe('what the store has already', () => {
  it.each<[string, readonly RawAct[], readonly Sighting[], readonly string[]]>([
    ['it was read by the watcher just before', [write(null, 'a\n', at(1))], [seen(1, 'a\n', { at: t(1) - 10 })], []],
    ['… or just after', [write(null, 'a\n', at(1))], [seen(1, 'a\n', { at: t(1) + 900 })], []],
    [
      'it was found by a scan much later, whose file time says that it is this write',
      [write(null, 'a\n', at(1))],
      [seen(600, 'a\n', { mtime: t(1) - 5 })],
      [],
    ],
    [
      'it was found by a scan much later, and the file time says nothing: the write tells more',
      [write(null, 'a\n', at(1))],
      [seen(600, 'a\n', { mtime: t(500) })],
      ['a@1!'],
    ],
    [
      'what is missing between two versions lies between them, whatever the clocks say',
      [edit('b\n', 'b', 'c', { at: t(2) + 40, asked: t(2) - 10 })],
      [seen(1, 'a\n'), seen(2, 'c\n', { at: t(2) + 20 })],
      ['b@2-11!'],
    ],
    ['a second time', [write('a\n', 'b\n', at(1))], [seen(1, 'a\n', { at: t(1) - 21 }), seen(1, 'b\n')], []],
    ['it is gone now, and was deleted by somebody', [read('a\n', at(1))], [seen(9, null)], ['a@1']],
  ])('%s', (_, acts, sightings, expected) => expect(inShort(acts, sightings)).toEqual(expected));

  it('times follow the order, not the clock', () => {
    const first = edit('a\n', 'a', 'b', { session: 'A', at: t(1) + 40, asked: t(1) });
    const second = edit('b\n', 'b', 'c', { session: 'B', at: t(1) + 20, asked: t(1) + 5 });
    const short = inShort([read('a\n', { session: 'R', ...at(0) }), first, second]);
    expect(short).toEqual(['a@0!', 'b@1+40!', 'c@1+40.01!']);
  });
});
