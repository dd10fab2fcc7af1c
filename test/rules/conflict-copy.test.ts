import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyName } from '../../rules/conflict-copy/names.ts';
import conflictCopy from '../../rules/conflict-copy.ts';
import { rules } from '../../rules/index.ts';
import { testRule } from '../helpers/rule-tests.ts';
import type { Step } from '../helpers/stories.ts';
import { audit, inShort, markdown, noon, writersOf } from '../helpers/stories.ts';

/** `[minutes, path, words, who]`: words as in a story; null is a deletion; before 0: a first scan found it so. */
type Line = readonly [minutes: number, path: string, text: string | null, who?: string];
const copy = 'notes.sync-conflict-20260811-093255-ABCDEFG.md';

const caught: readonly (readonly [title: string, lines: readonly Line[], said: readonly string[]])[] = [
  [
    'the other computer added a line: its version comes as a copy',
    [
      [0, 'notes.md', 'one two'],
      [60, 'notes.md', 'one two three'],
      [90, copy, 'one two four'],
    ],
    ['likely medium: four'],
  ],
  [
    'this computer added a line: its own version becomes the copy',
    [
      [0, 'notes.md', 'one two'],
      [60, 'notes.md', 'one two three'],
      [90, copy, 'one two three'],
      [90, 'notes.md', 'one two four'],
    ],
    ['likely medium: three'],
  ],
  [
    'what was taken out after they parted is not missed',
    [
      [0, 'notes.md', 'one two three'],
      [60, 'notes.md', 'one three'],
      [90, copy, 'one two three four'],
    ],
    ['likely medium: four'],
  ],
  [
    'two came, each with something of its own',
    [
      [0, 'notes.md', 'one two'],
      [60, 'notes.md', 'one two three'],
      [90, copy, 'one two four'],
      [95, "notes (Anna's conflicted copy 2026-08-11).md", 'one two five'],
    ],
    ['likely medium: five', 'likely medium: four'],
  ],
  [
    'both were there when undertext first looked, and the file was worked on since',
    [
      [-5, 'plan 2.md', 'one two three five'],
      [-2, 'plan.md', 'one two three four'],
    ],
    ['possible medium: five'],
  ],
  [
    'it was there when undertext first looked',
    [
      [-5, 'notes.md', 'one two three'],
      [-5, copy, 'one two four'],
    ],
    ['possible medium: four'],
  ],
  [
    'it was there when undertext first looked, and work went on',
    [
      [-5, 'notes.md', 'one two three'],
      [-5, copy, 'one two four'],
      [60, 'notes.md', 'one two three five'],
    ],
    ['possible medium: four'],
  ],
  [
    'it says nothing of its own',
    [
      [0, 'notes.md', 'one two'],
      [60, 'notes.md', 'one two three'],
      [90, copy, 'one two'],
    ],
    [`possible low: ${copy}`],
  ],
  [
    'it has nothing in common with the file',
    [
      [0, 'notes.md', 'one two'],
      [90, copy, 'apples pears'],
    ],
    [`likely medium: ${copy}`],
  ],
  [
    'a name that people give as well, and nearly the same text',
    [
      [0, 'notes.md', 'one two three four'],
      [90, 'notes 2.md', 'one two three four five'],
    ],
    ['possible medium: five'],
  ],
  [
    'the name of a computer behind one that has hyphens itself',
    [
      [0, 'my-notes.md', 'one two three four'],
      [60, 'my-notes.md', 'one two three four five'],
      [90, 'my-notes-Annas-MacBook-Pro.md', 'one two three four six'],
    ],
    ['possible medium: six'],
  ],
  [
    'the file itself was deleted since',
    [
      [0, 'notes.md', 'one two'],
      [60, 'notes.md', 'one two three'],
      [90, copy, 'one two four'],
      [200, 'notes.md', null],
    ],
    ['possible medium: four'],
  ],
  [
    'in a folder of its own',
    [
      [0, 'projects/x/memory/a.md', 'one two'],
      [90, 'projects/x/memory/a (conflicted copy 2026-08-11 093255).md', 'one two four'],
      [95, 'projects/x/memory/a.md', 'one two three'],
    ],
    ['likely medium: four'],
  ],
];

const quiet: readonly (readonly [title: string, lines: readonly Line[]])[] = [
  ['there never was such a file', [[0, copy, 'one two']]],
  [
    'the copy was deleted',
    [
      [0, 'notes.md', 'one two'],
      [90, copy, 'one two four'],
      [120, copy, null],
    ],
  ],
  [
    'the second part of a story',
    [
      [0, 'chapter.md', 'name=chapter one two three four'],
      [90, 'chapter 2.md', 'name=chapter five six seven eight'],
    ],
  ],
  [
    'a second one that somebody works on',
    [
      [0, 'plan.md', 'one two three four'],
      [90, 'plan (1).md', 'one two three four'],
      [120, 'plan (1).md', 'one two three four five'],
    ],
  ],
  [
    'a second one that a session wrote',
    [
      [0, 'plan.md', 'one two three four'],
      [90, 'plan 2.md', 'one two three four five', 'A'],
    ],
  ],
  [
    'the second one was there first',
    [
      [0, 'plan 2.md', 'one two three four five'],
      [90, 'plan.md', 'one two three four'],
    ],
  ],
  [
    'a text about conflicts',
    [
      [0, 'merge.md', 'one two three'],
      [0, 'merge-conflicts.md', 'one two three four'],
      [0, 'conflict.md', 'one two'],
    ],
  ],
  [
    'a transcript: nobody merges those',
    [
      [0, 'projects/x/1.jsonl', 'one'],
      [0, 'projects/x/1.sync-conflict-20260811-093255-ABCDEFG.jsonl', 'one two'],
    ],
  ],
];

testRule({
  rule: conflictCopy,
  told,
  extra: steps => ({ testimony: writersOf(steps) }),
  caught,
  quiet,
  mutants: [
    ['what the file once had is missed', 'if (last === -1) return true;', 'return true;'],
    ['what the sync took is not missed', 'Math.abs(timeOfWrite(next) - timeOfWrite(appeared)) <= SWAP_MS', 'false'],
    ['a name is enough', 'if (!isSure && likeness < ALIKE) return null;', ''],
    ['whoever works on it does not matter', 'isOlder || isWorkedOn || ', 'isOlder || '],
    ['whoever wrote it does not matter', "(await tools.writer(appeared))?.kind === 'session'", 'false'],
    ['which was first does not matter', '(isOlder || ', '('],
    ['what a scan found is as young as its last write', "first!.how !== 'scan' && ", ''],
    ['a base is not needed to be sure', 'isSure && base !== null && !isGone', 'isSure && !isGone'],
    ['what has nothing in common is put together', ' || likeness === 0', ''],
    ['a copy that is gone still counts', "|| file.versions.at(-1)?.kind !== 'file'", ''],
  ],
});

describe('a name', () => {
  it.each([
    ['notes.sync-conflict-20260811-093255-ABCDEFG.md', 'notes.md', 'Syncthing'],
    ['notes.sync-conflict-20260811-093255.md', 'notes.md', 'Syncthing'],
    ['a.b.sync-conflict-20260811-093255-ABCDEFG.json', 'a.b.json', 'Syncthing'],
    ['LICENSE.sync-conflict-20260811-093255-ABCDEFG', 'LICENSE', 'Syncthing'],
    ["notes (Anna's conflicted copy 2026-08-11).md", 'notes.md', 'Dropbox'],
    ["notes (Anna's conflicted copy 2026-08-11 (1)).md", 'notes.md', 'Dropbox'],
    ['notes (In Konflikt stehende Kopie von Anna 2026-08-11).md', 'notes.md', 'Dropbox'],
    ['notes (Copie en conflit de Anna 2026-08-11).md', 'notes.md', 'Dropbox'],
    ['notes (Anna の競合コピー 2026-08-11).md', 'notes.md', 'Dropbox'],
    ['notes (Case Conflict).md', 'notes.md', 'Dropbox'],
    ['notes (conflicted copy 2026-08-11 093255).md', 'notes.md', 'Nextcloud'],
    ['notes_conflict-20260811-093255.md', 'notes.md', 'ownCloud'],
    ['notes (SFConflict anna@x.org 2026-08-11-09-32-55).md', 'notes.md', 'Seafile'],
    ['notes-DESKTOP-AB12CD3.md', 'notes.md', 'OneDrive'],
    ['notes-LAPTOP-AB12CD3-2.md', 'notes.md', 'OneDrive'],
    ['notes-Annas-MacBook-Pro.md', 'notes.md', 'OneDrive'],
    ['notes 2.md', 'notes.md', 'iCloud'],
    ['notes (1).md', 'notes.md', 'a sync tool or browser'],
    ['notes(1).md', 'notes.md', 'a sync tool or browser'],
  ])('%s is a copy of %s', (name, plain, tool) => {
    const found = copyName(name, [])!;
    expect([found.plains[0], found.tool]).toEqual([plain, tool]);
    expect(found.isSure).toBe(!['OneDrive', 'iCloud', 'a sync tool or browser'].includes(tool));
  });

  it.each([
    'notes.md',
    'merge-conflict.md',
    'conflict.md',
    'sync-conflict-rules.md',
    'notes.md.orig',
    'README-DE.md',
    'chapter 12.md',
    'notes (draft).md',
    'notes (2026).md',
    'x-PC2.md',
    'v2.md',
    'notes-DESKTOP.md',
  ])('%s is none', name => expect(copyName(name, [])).toBeNull());

  it('may end with the name of a computer that is configured', () => {
    expect(copyName('notes-ANNA-WORK-2.md', ['ANNA-WORK'])?.plains).toEqual(['notes.md']);
    expect(copyName('notes-ANNA-WORKS.md', ['ANNA-WORK'])).toBeNull();
  });
});

describe('conflict-copy', () => {
  const lines: readonly Line[] = [
    [0, 'notes.md', 'one two'],
    [60, 'notes.md', 'one two three'],
    [90, copy, 'one two four'],
  ];

  it('says which version both grew from, and names the copy', async () => {
    const { incidents } = await audit(told(lines), [conflictCopy]);
    const [incident] = incidents;
    expect(incident).toMatchObject({
      path: 'notes.md',
      base: { at: noon, how: 'inferred' },
      lost: { at: noon + 5_400_000 },
    });
    expect(incident!.restore).toBe(`undertext restore ${incident!.id}`);
  });

  it('is over when the text is in the file; then the copy can go', async () => {
    const first = await audit(told(lines), [conflictCopy]);
    const merged = told([...lines, [120, 'notes.md', 'one two three four', 'restore']]);
    const second = await audit(merged, [conflictCopy], { notes: first.notes });
    expect(
      second.incidents.map(incident => [inShort(incident), incident.state, incident.closed, incident.advice]),
    ).toEqual([
      ['likely medium: four', 'resolved', expect.stringMatching(/^restored at /), undefined],
      [`possible low: ${copy}`, 'open', null, `the copy says nothing that notes.md lacks; delete ${copy}`],
    ]);
    const gone = told([...lines, [120, copy, null]]);
    const third = await audit(gone, [conflictCopy], { notes: first.notes });
    expect(third.incidents.map(({ state, closed }) => [state, closed])).toEqual([['resolved', 'it is in order again']]);
  });

  it('says what the copy added, whatever else the two took out and added, and whichever lost', async () => {
    const half = (prefix: string) => fc.subarray(['1', '2', '3'].map(n => `${prefix}${n}`));
    const start = ['one', 'two', 'three', 'four', 'five', 'six'];
    const change = (prefix: string) =>
      fc.record({ out: fc.subarray(start, { maxLength: 2 }), added: half(prefix).filter(({ length }) => length > 0) });
    await fc.assert(
      fc.asyncProperty(change('a'), change('b'), fc.boolean(), async (ours, theirs, isOursTheCopy) => {
        const changed = ({ out, added }: typeof ours) =>
          [...start.filter(word => !out.includes(word)), ...added].join(' ');
        const came: readonly Line[] = isOursTheCopy
          ? [
              [60, 'notes.md', changed(theirs)],
              [90, copy, changed(theirs)],
              [90, 'notes.md', changed(ours)],
            ]
          : [
              [60, 'notes.md', changed(ours)],
              [90, copy, changed(theirs)],
            ];
        const { incidents } = await audit(told([[0, 'notes.md', start.join(' ')], ...came]), [conflictCopy]);
        const names = incidents.flatMap(({ units }) => units.map(({ name }) => name));
        // What the other took out as the sync put its version in place looks as if the sync had taken it.
        const unsure = isOursTheCopy ? ours.out.filter(word => !theirs.out.includes(word)) : [];
        expect(names.filter(name => !unsure.includes(name)).sort()).toEqual([...theirs.added].sort());
      }),
      { numRuns: 60 },
    );
  });

  it('is one incident, whatever else the rules say', async () => {
    const { incidents } = await audit(told(lines), rules);
    expect(incidents.map(inShort)).toEqual(['likely medium: four']);
  });
});

function told(lines: readonly Line[]): readonly Step[] {
  return lines.map(([minutes, path, words, who]) => ({
    path,
    at: noon + minutes * 60_000,
    text: words === null ? null : markdown(words),
    ...(who === undefined || who === 'restore' ? {} : { who }),
    how: who === 'restore' ? who : minutes < 0 ? 'scan' : 'event',
  }));
}
