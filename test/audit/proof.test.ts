/** What records prove, and what they clear: caught beside quiet. */
import { describe, expect, it } from 'vitest';
import lostSection from '../../rules/lost-section.ts';
import lostUpdate from '../../rules/lost-update.ts';
import type { Knowledge, Testimony } from '../../src/audit/testimony.ts';
import type { Time, Version, Writer } from '../../src/model.ts';
import { audit, inShort, noon, story, world } from '../helpers/stories.ts';

interface Records {
  /** How the last write was made; `none` when no record tells of it. */
  readonly write?: 'whole' | 'piecemeal' | 'none';
  /** Line of the story that its writer last had; null: none. */
  readonly knew?: number | null;
  readonly how?: 'asked' | 'given' | 'start';
  /** What else stands in its transcript; null: the transcript is gone. */
  readonly had?: readonly string[] | null;
  /** What of that its client put before it without its asking. */
  readonly unasked?: readonly string[];
  /** Why the client may have shown the text without a record. */
  readonly unrecorded?: string;
  readonly began?: Time;
  readonly hasStart?: boolean;
  readonly isUnclear?: boolean;
  readonly isSupposed?: boolean;
  readonly certainty?: Writer['certainty'];
  /** Writers that no record names. */
  readonly unnamed?: string;
  /** Writers that are only likely. */
  readonly likely?: string;
  readonly agents?: Readonly<Record<string, string>>;
}

/** Who writes a line of the story is its session; the records of the last write are as said. */
function testimonyOf(lines: readonly string[], records: Records): Testimony {
  const { versions } = world(story(lines)).histories[0]!;
  const letters = lines.map(line => /(\w)\??:/.exec(line)![1]!);
  const writerAt = (i: number): Writer | null => {
    const letter = letters[i]!;
    if (records.unnamed?.includes(letter)) return null;
    const agent = records.agents?.[letter];
    const certainty = records.likely?.includes(letter) ? 'likely' : 'proven';
    const session = agent === undefined ? letter : 'S';
    return { kind: 'session', id: session, label: letter, certainty, ...(agent ? { agent } : {}) };
  };
  const index = ({ id }: Pick<Version, 'id'>) => versions.findIndex(version => version.id === id);
  const {
    write = 'whole',
    knew = null,
    how = 'asked',
    had = [],
    unasked = [],
    unrecorded = null,
    began = noon,
    hasStart = false,
    isUnclear = false,
    isSupposed = false,
  } = records;
  return {
    writer: async version => writerAt(index(version)),
    knowledge: async ({ after }): Promise<Knowledge | null> => {
      if (index(after) !== lines.length - 1 || write === 'none') return null;
      return {
        writer: { ...writerAt(index(after))!, certainty: records.certainty ?? 'proven' },
        isPiecemeal: write === 'piecemeal',
        sight: knew === null ? null : { version: versions[knew]!, evidence: 'it read it', how, at: began + 83 },
        isUnclear,
        isSupposed,
        began,
        hasStart,
        hadText: async (texts, of) => {
          const met = of === 'asked' ? had?.filter(said => !unasked.includes(said)) : had;
          return met ? texts.map(text => met.some(said => text.includes(said))) : null;
        },
        unrecorded: async () => unrecorded,
      };
    },
    seen: async () => null,
    signature: () => '',
  };
}

const said = async (lines: readonly string[], records: Records) => {
  const testimony = testimonyOf(lines, records);
  const { incidents, failedRules } = await audit(story(lines), [lostUpdate, lostSection], { testimony });
  expect(failedRules).toEqual([]);
  return incidents;
};

const stale = ['A: one', 'A: one the_second_note', 'C: one the_third_note'];
const rewritten = ['A: one', 'A: one the_second_note', 'C: nothing_of_all_that'];
const later = noon + 31_000;

describe('caught', () => {
  it.each<[string, readonly string[], Records, string]>([
    ['it had read the version before, and wrote from that', stale, { knew: 0 }, 'proven high: the second note'],
    ['it never read the file, and its transcript has nothing of it', stale, {}, 'proven high: the second note'],
    [
      'it never read the file, and wrote it anew as a whole',
      rewritten,
      { began: noon - 1 },
      'proven high: one, the second note',
    ],
    [
      'it was there before the text was, and the client said what it gave it at its start',
      stale,
      { began: later, hasStart: true },
      'proven high: the second note',
    ],
    [
      'it edited in between, and wrote all of it from its old copy then',
      ['A: one', 'A: one the_second_note', 'C: one the_second_note the_third_note', 'C: one the_third_note and_more'],
      { knew: 0 },
      'proven high: the second note',
    ],
    [
      'two lost their text, and each is named',
      ['A: one', 'A: one the_second_note', 'B: one the_second_note a_note_of_b', 'C: one the_third_note'],
      { knew: 0 },
      'proven high: the second note, a note of b',
    ],
    [
      'another sub-agent of the same session wrote it',
      stale,
      { knew: 0, agents: { A: 'a1', C: 'a2' } },
      'proven high: the second note',
    ],
    [
      'it deleted the file, and wrote it anew from its old copy',
      ['A: one', 'A: one the_second_note', 'C: (gone)', 'C: one the_third_note'],
      { knew: 0 },
      'proven high: the second note',
    ],
    // not proven
    ['its transcript is gone', stale, { knew: 0, had: null }, 'likely high: the second note'],
    [
      'of two texts it had seen neither, and of one the author is known',
      ['U: one', 'A: one the_second_note', 'U: one the_second_note what_a_person_added', 'C: one the_third_note'],
      { knew: 0, unnamed: 'U' },
      'proven high: the second note, what a person added',
    ],
    [
      'it was given the text that was written in the moment in which it began, and never asked for it',
      stale,
      { knew: 1, how: 'start', had: ['second note'], unasked: ['second note'], began: noon + 29_000 },
      'likely high: the second note',
    ],
    [
      'a note on changed files showed it the text, and it wrote from its old copy',
      stale,
      { knew: 0, had: ['second note'], unasked: ['second note'] },
      'likely high: the second note',
    ],
    [
      'of two texts the client had shown it one',
      ['A: one', 'A: one the_second_note', 'B: one the_second_note a_note_of_b', 'C: one the_third_note'],
      { knew: 0, had: ['second note'], unasked: ['second note'] },
      'likely high: the second note, a note of b',
    ],
    [
      'its client may have shown it the text without a record of that',
      stale,
      { knew: 0, unrecorded: 'it does not record what it shows' },
      'likely high: the second note',
    ],
    ['nobody knows who wrote the text', stale, { knew: 0, unnamed: 'A' }, 'likely high: the second note'],
    ['who wrote the text is only likely', stale, { knew: 0, likely: 'A' }, 'likely high: the second note'],
    ['it read the file, but what it read is not known', stale, { isUnclear: true }, 'likely high: the second note'],
    ['what stood there is only supposed', stale, { knew: 0, isSupposed: true }, 'likely high: the second note'],
    [
      'what it read is not known, but nothing of the text stands in its transcript',
      rewritten,
      { isUnclear: true, began: noon - 1 },
      'likely high: one, the second note',
    ],
    ['who overwrote it is only likely', stale, { knew: 0, certainty: 'likely' }, 'likely high: the second note'],
    [
      'it began after the text was written, and what it was given then is not recorded',
      stale,
      { began: later },
      'likely high: the second note',
    ],
    [
      'the text is too short to be looked for',
      ['A: one', 'A: one two', 'C: one three'],
      { knew: 0 },
      'likely high: two',
    ],
    ['no record tells of the write', stale, { write: 'none' }, 'likely high: the second note'],
  ])('%s', async (_, lines, records, expected) => {
    const incidents = await said(lines, records);
    expect(incidents.map(inShort)).toEqual([expected]);
    expect(incidents[0]!.cause?.writer?.id).toBe(records.agents ? 'S' : 'C');
    if (expected.startsWith('proven') && !records.agents && !lines.some(line => /^[BU]/.test(line))) {
      expect(incidents[0]!.lost?.writer?.id).toBe('A');
    }
  });
});

describe('quiet', () => {
  it.each<[string, readonly string[], Records]>([
    ['it had read the newest version: a consolidation', stale, { knew: 1 }],
    ['it took away only what it named: an edit', stale, { write: 'piecemeal' }],
    ['it had met the text elsewhere: cat, git diff', stale, { knew: 0, had: ['the second note'] }],
    [
      'it was given the text as it began, and asked for it elsewhere, too',
      stale,
      { knew: 1, how: 'start', had: ['second note'], began: noon + 29_000 },
    ],
    [
      'its client put before it a text of a file that it never read as a whole: no old copy speaks against it',
      rewritten,
      { had: ['the second note', 'one'], unasked: ['the second note', 'one'] },
    ],
    ['it never read the file, but had met the text', rewritten, { had: ['the second note', 'one'] }],
    ['what it read is not known, but it had the text', rewritten, { isUnclear: true, had: ['the second note', 'one'] }],
    ['it removes what it wrote itself', ['C: one', 'C: one the_second_note', 'C: one'], {}],
    ['it was given the newest version when it was resumed', stale, { knew: 1, how: 'given', had: ['the second note'] }],
    ['it was given the newest version at its start', stale, { knew: 1, how: 'start', began: later }],
    [
      'it removes what it had seen, of a version that others had changed since',
      ['A: one the_first_note', 'A: one the_first_note more', 'C: one more'],
      { knew: 0 },
    ],
  ])('%s', async (_, lines, records) => {
    expect((await said(lines, records)).map(inShort)).toEqual([]);
  });
});

it('says in sentences who, from what, and whose text', async () => {
  const [incident] = await said(stale, { knew: 0 });
  expect(incident!.base?.how).toBe('known');
  expect(incident!.findings[0]!.evidence.slice(0, 3)).toEqual([
    'session "C" wrote from what it had: it read it',
    expect.stringMatching(/^the text was written by session "A" at \d\d:\d\d:\d\d$/),
    'nothing of the text stands in what session "C" had before its write',
  ]);
});

it('says first that its writer may have known the text', async () => {
  const first = async (records: Records) => (await said(stale, records))[0]!.findings[0]!.evidence;
  const shown = { had: ['second note'], unasked: ['second note'] };
  expect(await first({ knew: 1, how: 'start', began: noon + 30_000 - 1, ...shown })).toEqual([
    'session "C" may have known the text: it read it, 82 ms after the text was written, without its asking',
    expect.stringMatching(/^the text was written by session "A" at /),
    'nothing that session "C" asked for before its write holds the text',
    expect.anything(),
    expect.anything(),
  ]);
  expect((await first({ knew: 0, ...shown }))[0]).toBe(
    'session "C" may have known the text: the client had put it before it, without its asking',
  );
  expect((await first({ knew: 0, unrecorded: 'the client does not record that' }))[0]).toBe(
    'session "C" may have known the text: the client does not record that',
  );
});

it('says which sub-agent, where both are of one session', async () => {
  const [incident] = await said(stale, { knew: 0, agents: { A: 'a1b2c3d4e5', C: 'a77' }, likely: 'A' });
  expect(incident!.findings[0]!.evidence.slice(0, 2)).toEqual([
    'sub-agent a77 of session "C" wrote from what it had: it read it',
    expect.stringMatching(/^the text was written by likely sub-agent a1b2c3d4 of session "A" at /),
  ]);
});

describe('what was proven once', () => {
  it('stays proven when the transcripts are gone, and a better proof is booked', async () => {
    const steps = story(stale);
    const alone = await audit(steps, [lostUpdate]);
    expect(alone.incidents.map(({ certainty }) => certainty)).toEqual(['likely']);
    const testimony = testimonyOf(stale, { knew: 0 });
    const proven = await audit(steps, [lostUpdate], { testimony, notes: alone.notes });
    expect(proven.incidents.map(({ id, certainty }) => [id, certainty])).toEqual([[alone.incidents[0]!.id, 'proven']]);
    expect(proven.notes).toHaveLength(1);
    const notes = [...alone.notes, ...proven.notes];
    const later = await audit(steps, [lostUpdate], { notes });
    expect(later.incidents).toEqual(proven.incidents);
    expect(later.notes).toEqual([]);
  });

  it('is over when a record shows that it was meant', async () => {
    const steps = story(stale);
    const alone = await audit(steps, [lostUpdate]);
    const cleared = await audit(steps, [lostUpdate], {
      testimony: testimonyOf(stale, { knew: 1 }),
      notes: alone.notes,
    });
    expect(cleared.incidents.map(({ state, closed }) => [state, closed])).toEqual([['resolved', 'it was meant']]);
  });
});
