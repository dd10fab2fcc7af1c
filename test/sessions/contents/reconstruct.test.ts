import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RawAct } from '../../../src/sessions/act.ts';
import type { Content, Sighting } from '../../../src/sessions/contents/reconstruct.ts';
import { reconstruct } from '../../../src/sessions/contents/reconstruct.ts';
import { act, edit, noon, read, without, write } from './acts.ts';

/** `after` of each act, as: text (tier, and `!` when it is validated); `before` likewise with a `<` in front. */
function inShort(acts: readonly RawAct[], sightings: readonly Sighting[] = []): readonly string[] {
  return reconstruct(acts, sightings).flatMap(told => {
    if (told.kind === 'sighting') return [];
    const { kind } = told.act;
    const after = `${kind} ${words(told.after)}`;
    return kind === 'write' || kind === 'edit' ? [`${after} < ${words(told.before)}`] : [after];
  });
}

function words(content: Content | null | undefined): string {
  if (content === undefined) return '?';
  if (content === null) return 'nothing';
  const how = content.tier === 'own record' ? 'own' : content.tier;
  return `${content.text.replaceAll('\n', '/')} (${how}${content.isValidated ? '!' : ''})`;
}

const minute = 60_000;
const t = (minutes: number) => noon + minutes * minute;

describe('the record itself', () => {
  it.each<[string, readonly RawAct[], readonly string[]]>([
    ['an edit that tells its original and its patch', [edit('a\nb\n', 'b', 'c')], ['edit a/c/ (own!) < a/b/ (own!)']],
    ['a write of a new file: nothing agrees yet', [write(null, 'a\n')], ['write a/ (own) < nothing']],
    [
      'a write of a new file, and somebody read it',
      [write(null, 'a\n'), read('a\n')],
      ['write a/ (own!) < nothing', 'read a/ (own!)'],
    ],
    [
      'a write that tells only its patch: back from what it left',
      [without(write('a\nb\n', 'a\nc\n'), 'before')],
      ['write a/c/ (own) < a/b/ (own)'],
    ],
    [
      'the same, after a read',
      [read('a\nb\n'), without(write('a\nb\n', 'a\nc\n'), 'before')],
      ['read a/b/ (own!)', 'write a/c/ (own!) < a/b/ (own!)'],
    ],
    [
      'a record whose text and patch say different things',
      [{ ...edit('a\nb\n', 'b', 'c'), patch: edit('a\nb\n', 'b', 'd').patch! }],
      ['edit a/d/ (own) < a/b/ (own)'],
    ],
    ['an edit that tells nothing', [without(edit('a\nb\n', 'b', 'c'), 'before', 'patch')], ['edit ? < ?']],
    ['a refusal', [read('a\n'), act('refused')], ['read a/ (own)', 'refused ?']],
  ])('%s', (_, acts, expected) => expect(inShort(acts)).toEqual(expected));
});

describe('the chain', () => {
  const bare = (before: string, old: string, fresh: string, given: Partial<RawAct> = {}) =>
    without(edit(before, old, fresh, given), 'before', 'patch');
  it.each<[string, readonly RawAct[], readonly string[]]>([
    ['from a read: probable', [read('a\n'), bare('a\n', 'a', 'b')], ['read a/ (own)', 'edit b/ (chain) < a/ (chain)']],
    [
      'from a read to a read: sure',
      [read('a\n'), bare('a\n', 'a', 'b'), read('b\n')],
      ['read a/ (own!)', 'edit b/ (chain!) < a/ (chain!)', 'read b/ (own!)'],
    ],
    [
      'two steps between two reads',
      [read('a\n'), bare('a\n', 'a', 'b'), bare('b\n', 'b', 'c'), read('c\n')],
      ['read a/ (own!)', 'edit b/ (chain!) < a/ (chain!)', 'edit c/ (chain!) < b/ (chain!)', 'read c/ (own!)'],
    ],
    [
      'the next read says otherwise: somebody else wrote between',
      [read('a\n'), bare('a\n', 'a', 'b'), read('b\nx\n')],
      ['read a/ (own)', 'edit b/ (chain) < a/ (chain)', 'read b/x/ (own)'],
    ],
    [
      'back from the next read: probable',
      [bare('a\nx\n', 'a', 'b'), read('b\nx\n')],
      ['edit b/x/ (chain) < a/x/ (chain)', 'read b/x/ (own)'],
    ],
    [
      'what it replaced does not stand there: the chain is broken',
      [read('x\n'), bare('a\n', 'a', 'b')],
      ['read x/ (own)', 'edit ? < ?'],
    ],
    [
      'its patch does not fit there: the chain is broken',
      [read('x\na\n'), without(edit('a\nx\n', 'a', 'b'), 'before')],
      ['read x/a/ (own)', 'edit ? < ?'],
    ],
    [
      'a shell command changed it: what stood there is not known',
      [read('a\n'), act('shell', { shell: 'edit' }), bare('a\n', 'a', 'b')],
      ['read a/ (own)', 'shell ?', 'edit ? < ?'],
    ],
    [
      'a shell command wrote all of it',
      [act('shell', { shell: 'write', after: 'a\n' }), bare('a\n', 'a', 'b')],
      ['shell a/ (own)', 'edit b/ (chain) < a/ (chain)'],
    ],
    [
      'a shell command removed it',
      [read('a\n'), act('shell', { shell: 'remove' })],
      ['read a/ (own)', 'shell nothing'],
    ],
    [
      'a sub-agent wrote, and the client stamped what it wrote',
      [without(write(null, '---\nname: n\n---\nx\n'), 'before', 'patch'), read('---\nname: n\nmodified: 1\n---\nx\n')],
      ['write ---/name: n/modified: 1/---/x/ (chain!) < ?', 'read ---/name: n/modified: 1/---/x/ (own!)'],
    ],
    [
      'a write over what was read',
      [read('a\n'), without(write('a\n', 'b\n'), 'before', 'patch')],
      ['read a/ (own)', 'write b/ (own) < a/ (chain)'],
    ],
  ])('%s', (_, acts, expected) => expect(inShort(acts)).toEqual(expected));
});

describe('what else is known', () => {
  const bare = without(edit('a\n', 'a', 'b', { at: t(10) }), 'before', 'patch');
  it.each<[string, readonly Sighting[], readonly string[]]>([
    [
      'a backup, made for the edit',
      [{ at: t(10) - 5, text: 'a\n', source: 'backup' }],
      ['edit b/ (chain) < a/ (backup)'],
    ],
    [
      'a backup, and the disk agrees',
      [
        { at: t(10) - 5, text: 'a\n', source: 'backup' },
        { at: t(20), text: 'b\n', source: 'version' },
      ],
      ['edit b/ (chain!) < a/ (backup!)'],
    ],
    [
      'the disk says otherwise',
      [
        { at: t(9), text: 'a\n', source: 'version' },
        { at: t(20), text: 'c\n', source: 'version' },
      ],
      ['edit b/ (chain) < a/ (chain)'],
    ],
    [
      'a guess of an earlier import validates nothing',
      [
        { at: t(9), text: 'a\n', source: 'hint' },
        { at: t(20), text: 'b\n', source: 'hint' },
      ],
      ['edit b/ (chain) < a/ (chain)'],
    ],
    ['it was gone', [{ at: t(9), text: null, source: 'version' }], ['edit ? < ?']],
  ])('%s', (_, sightings, expected) => expect(inShort([bare], sightings)).toEqual(expected));
});

describe('what was put before a session', () => {
  const file = '# Notes\n\nText.\n';
  it.each<[string, readonly RawAct[], readonly string[]]>([
    [
      'a trimmed copy of what stands there',
      [read(file), act('given', { after: file.trim(), isTrimmed: true })],
      ['read # Notes//Text./ (own)', 'given # Notes//Text./ (own)'],
    ],
    [
      'a trimmed copy of something nobody knows',
      [read(file), act('given', { after: 'Another', isTrimmed: true })],
      ['read # Notes//Text./ (own)', 'given ?'],
    ],
    [
      'a copy changes nothing: the edit after it starts from the read',
      [read('a\n'), act('given', { after: 'zzz' }), without(edit('a\n', 'a', 'b'), 'before', 'patch'), read('b\n')],
      ['read a/ (own!)', 'given zzz (own)', 'edit b/ (chain!) < a/ (chain!)', 'read b/ (own!)'],
    ],
    [
      'unchanged since it was read',
      [read('a\n', { session: 'B' }), act('read', { session: 'B' })],
      ['read a/ (own)', 'read a/ (own)'],
    ],
    [
      'unchanged since somebody else read it says nothing',
      [read('a\n', { session: 'A' }), act('read', { session: 'B' })],
      ['read a/ (own)', 'read ?'],
    ],
  ])('%s', (_, acts, expected) => expect(inShort(acts)).toEqual(expected));
});

describe('at the same moment', () => {
  const order = (acts: readonly RawAct[], sightings: readonly Sighting[] = []) =>
    reconstruct(acts, sightings).map(told => (told.kind === 'act' ? told.act.session : told.sighting.source));

  it('goes by what stood there, not by the clock', () => {
    const first = edit('a\n', 'a', 'b', { session: 'A', at: t(1) + 40, asked: t(1) });
    const second = edit('b\n', 'b', 'c', { session: 'B', at: t(1) + 20, asked: t(1) + 5 });
    expect(order([read('a\n', { session: 'R', at: t(0) }), first, second])).toEqual(['R', 'A', 'B']);
  });

  it('goes by the clock when that is far apart', () => {
    const first = edit('a\n', 'a', 'b', { session: 'A', at: t(2), asked: t(2) - 10 });
    const second = edit('b\n', 'b', 'c', { session: 'B', at: t(1), asked: t(1) - 10 });
    expect(order([read('a\n', { session: 'R', at: t(0) }), first, second])).toEqual(['R', 'B', 'A']);
  });

  it('what stood between two edits that can be swapped is a guess, also where both ends agree', () => {
    const bare = (old: string, fresh: string, session: string, late: number) =>
      without(edit(`${old}\n`, old, fresh, { session, asked: t(1), at: t(1) + late }), 'before', 'patch');
    const ends = [read('a\nb\n', { session: 'R', at: t(0) }), read('A\nB\n', { session: 'R', at: t(2) })];
    expect(inShort([...ends, bare('a', 'A', 'A', 40), bare('b', 'B', 'B', 20)])).toEqual([
      'read a/b/ (own!)',
      'edit a/B/ (chain) < a/b/ (chain)',
      'edit A/B/ (chain) < a/B/ (chain)',
      'read A/B/ (own!)',
    ]);
  });

  it('a watcher may read what was written before the result is told', () => {
    const write1 = edit('a\n', 'a', 'b', { session: 'A', at: t(1) + 30, asked: t(1) });
    const seen: Sighting = { at: t(1) + 10, text: 'b\n', source: 'version' };
    expect(order([read('a\n', { session: 'R', at: t(0) }), write1], [seen])).toEqual(['R', 'A', 'version']);
    expect(inShort([without(write1, 'before', 'patch')], [{ ...seen, at: t(0), text: 'a\n' }, seen])).toEqual([
      'edit b/ (chain!) < a/ (chain!)',
    ]);
  });
});

/** What really happens to one file, and which of it is told. */
const line = fc.constantFrom('alpha', 'beta', 'gamma', '\tdelta', '  epsilon', '', '- item', 'x');
const step = fc.record({
  kind: fc.constantFrom('write', 'edit', 'edit', 'read', 'outside'),
  lines: fc.array(line, { maxLength: 6 }),
  place: fc.nat(20),
  fresh: fc.array(line, { maxLength: 2 }),
  session: fc.constantFrom('A', 'B'),
  hasBefore: fc.boolean(),
  hasPatch: fc.boolean(),
  isTold: fc.integer({ max: 5, min: 0 }).map(number => number > 0),
  /** What happens at nearly the same moment may be told in another order. */
  gap: fc.constantFrom(minute, minute, 10, 150),
  late: fc.constantFrom(0, 0, 40, 90),
});

describe('whatever is told of it', () => {
  it('what is marked as validated is what stood there', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), fc.boolean(), (steps, hasEnd) => {
        let content = 'start\nof\nit\n';
        // A hand nobody knows writes what nobody else does: else an undo of what was never told would look like nothing.
        let outside = 0;
        const acts: RawAct[] = [];
        const truth = new Map<string, { before: string; after: string }>();
        const tell = (raw: RawAct, after: string, isTold: boolean) => {
          truth.set(raw.id, { before: content, after });
          if (isTold) acts.push(raw);
          content = after;
        };
        let now = noon;
        const busyUntil = new Map<string, number>();
        for (const one of steps) {
          now += one.gap;
          // One session does one thing after the other.
          const session = [one.session, 'C', 'D', 'E', 'F'].find(name => (busyUntil.get(name) ?? 0) < now - 5)!;
          busyUntil.set(session, now + one.late);
          const given = { asked: now - 5, at: now + one.late, session };
          const hidden = [...(one.hasBefore ? [] : ['before' as const]), ...(one.hasPatch ? [] : ['patch' as const])];
          if (one.kind === 'read') tell(read(content, given), content, one.isTold);
          else if (one.kind === 'outside' || !one.isTold) content = `${content}outside ${outside++}\n`;
          else if (one.kind === 'write') {
            const after = `${one.lines.join('\n')}\n`;
            tell(without(write(content, after, given), ...hidden), after, true);
          } else {
            const lines = content.split('\n');
            const old = lines[one.place % lines.length]!;
            const fresh = one.fresh.join('\n');
            if (old === '' || fresh === '' || old === fresh || content.split(old).length !== 2) continue;
            tell(
              without(edit(content, old, fresh, given), ...hidden),
              content.replace(old, () => fresh),
              true,
            );
          }
        }
        const end: Sighting[] = hasEnd ? [{ at: noon + 1e9, text: content, source: 'version' }] : [];
        for (const told of reconstruct(acts, end)) {
          if (told.kind !== 'act') continue;
          const { before, after } = truth.get(told.act.id)!;
          if (told.before?.isValidated) expect(told.before.text).toBe(before);
          if (told.after?.isValidated) expect(told.after.text).toBe(after);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
