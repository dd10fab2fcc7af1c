import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineFor, styleOf } from '../../rules/index-drift/proposal.ts';
import indexDrift from '../../rules/index-drift.ts';
import lostSection from '../../rules/lost-section.ts';
import lostUpdate from '../../rules/lost-update.ts';
import { acceptNote } from '../../src/audit/ledger.ts';
import { testRule } from '../helpers/rule-tests.ts';
import type { Step } from '../helpers/stories.ts';
import { audit, inShort, noon } from '../helpers/stories.ts';

/** Those that speak of lines and files together. */
const rules = [lostUpdate, lostSection, indexDrift];

/** `[seconds, path, text]`; a text of null is a deletion; seconds below 0: a first scan found it so. */
type Line = readonly [seconds: number, path: string, text: string | null];
const memory = 'projects/x/memory';
const index = `${memory}/MEMORY.md`;
const voice = `${memory}/voice-buffer.md`;
const link = '- [voice-buffer](voice-buffer.md) — how\n';

const caught: readonly (readonly [title: string, lines: readonly Line[], said: readonly string[]])[] = [
  [
    'a line goes, its file stays',
    [
      [0, voice, 'x'],
      [5, index, `# Memory\n\n${link}- [other](other.md)\n`],
      [5, `${memory}/other.md`, 'y'],
      [90, index, '# Memory\n\n- [other](other.md)\n'],
    ],
    ['possible medium: voice-buffer'],
  ],
  [
    'many lines that one write takes are one finding',
    [
      [0, voice, 'x'],
      [5, index, `# Memory\n\n${link}- [tape-speed](tape-speed.md)\n- [other](other.md)\n`],
      [5, `${memory}/tape-speed.md`, 'z'],
      [5, `${memory}/other.md`, 'y'],
      [90, index, '# Memory\n\n- [other](other.md)\n'],
    ],
    ['possible medium: voice-buffer, tape-speed'],
  ],
  [
    'a file never gets its line',
    [
      [0, index, '# Memory\n'],
      [60, voice, 'x'],
    ],
    ['likely medium: voice-buffer.md'],
  ],
  [
    'a first scan finds it so',
    [
      [-1, index, '# Memory\n'],
      [-1, voice, 'x'],
    ],
    ['likely low: voice-buffer.md'],
  ],
  [
    'many files in one go are one finding',
    [
      [0, index, '# Memory\n'],
      [60, `${memory}/a-1.md`, 'x'],
      [61, `${memory}/a-2.md`, 'y'],
      [62, `${memory}/a-3.md`, 'z'],
    ],
    ['likely medium: a-1.md, a-2.md, a-3.md'],
  ],
  [
    'a longer name is another name',
    [
      [-1, index, '- [voice-buffer-notes](voice-buffer-notes.md)\n'],
      [-1, `${memory}/voice-buffer-notes.md`, 'x'],
      [-1, voice, 'y'],
    ],
    ['likely low: voice-buffer.md'],
  ],
  [
    'a link in a code block names nothing',
    [
      [-1, index, `# M\n\n\`\`\`\n${link}\`\`\`\n`],
      [-1, voice, 'x'],
    ],
    ['likely low: voice-buffer.md'],
  ],
  [
    'a link in a comment names nothing',
    [
      [-1, index, `# M\n\n<!-- ${link} -->\n`],
      [-1, voice, 'x'],
    ],
    ['likely low: voice-buffer.md'],
  ],
  [
    'a family is no other one',
    [
      [-1, index, '- [a-b](a-b.md) — all of *a-b* and the other-* ones\n'],
      [-1, `${memory}/a-b.md`, 'x'],
      [-1, voice, 'y'],
    ],
    ['likely low: voice-buffer.md'],
  ],
  [
    'a plain word in a sentence names nothing',
    [
      [-1, index, '- [a-b](a-b.md) — mind the style of it\n'],
      [-1, `${memory}/a-b.md`, 'x'],
      [-1, `${memory}/style.md`, 'y'],
    ],
    ['likely low: style.md'],
  ],
  [
    'a line names a file that was deleted',
    [
      [0, voice, 'x'],
      [1, index, link],
      [600, voice, null],
    ],
    ['likely low: voice-buffer'],
  ],
  [
    'a line names a file that never was',
    [
      [0, index, '# M\n'],
      [60, index, `# M\n\n${link}`],
    ],
    ['likely low: voice-buffer'],
  ],
  [
    'a skill without a line',
    [
      [-1, 'skills/_index.md', '- [recorder](recorder/SKILL.md)\n'],
      [-1, 'skills/recorder/SKILL.md', 'x'],
      [60, 'skills/voice-buffer/SKILL.md', 'y'],
    ],
    ['likely medium: voice-buffer/SKILL.md'],
  ],
  [
    'written between the first look and the second',
    [
      [-300, 'skills/_index.md', '- [recorder](recorder/SKILL.md)\n'],
      [-300, 'skills/recorder/SKILL.md', 'x'],
      [-10, 'skills/voice-buffer/SKILL.md', 'y'],
    ],
    ['likely medium: voice-buffer/SKILL.md'],
  ],
];

const quiet: readonly (readonly [title: string, lines: readonly Line[]])[] = [
  [
    'everything has its line',
    [
      [0, voice, 'x'],
      [1, index, link],
    ],
  ],
  [
    'a sync tool left a second one beside a note',
    [
      [-1, index, link],
      [-1, voice, 'x'],
      [60, `${memory}/voice-buffer.sync-conflict-20260811-093255-ABCDEFG.md`, 'y'],
    ],
  ],
  [
    'an accent that is a character of its own',
    [
      [-1, index, '- [h\u00f6ren](h\u00f6ren.md) how\n'],
      [-1, `${memory}/ho\u0308ren.md`, 'x'],
    ],
  ],
  [
    'notes by the name of an index, that never named a file',
    [
      [-1, index, '## Build\n\nUse pnpm build before the tests.\n'],
      [60, voice, 'x'],
    ],
  ],
  [
    'there never was an index',
    [
      [0, voice, 'x'],
      [60, `${memory}/other.md`, 'y'],
    ],
  ],
  [
    'named by stem in a table',
    [
      [-1, index, '| memory | what |\n|---|---|\n| voice-buffer | how |\n| `style.md` | x |\n'],
      [-1, voice, 'x'],
      [-1, `${memory}/style.md`, 'y'],
    ],
  ],
  [
    'named by a wiki link',
    [
      [-1, index, '- [[voice-buffer]] how\n'],
      [-1, voice, 'x'],
    ],
  ],
  [
    'a plain word that is the entry',
    [
      [-1, index, '- style — two spaces\n'],
      [-1, `${memory}/style.md`, 'x'],
    ],
  ],
  [
    'named with spaces in the link',
    [
      [-1, index, '- [x](voice%20buffer.md) and [y](<a b.md>)\n'],
      [-1, `${memory}/voice buffer.md`, 'x'],
      [-1, `${memory}/a b.md`, 'y'],
    ],
  ],
  [
    'named by a list that the index names',
    [
      [-1, index, '- [hub](audio-hub.md)\n'],
      [-1, `${memory}/audio-hub.md`, link],
      [-1, voice, 'x'],
    ],
  ],
  [
    'named by a file that is a list, whatever its name',
    [
      [-1, index, '- [sound](sound-1.md)\n'],
      [-1, `${memory}/sound-1.md`, `${link}- [a](a.md)\n- [b](b.md)\n`],
      [-1, voice, 'x'],
    ],
  ],
  [
    'folders of their own',
    [
      [-1, index, link],
      [-1, voice, 'x'],
      [-1, `${memory}/team/plan.md`, 'x'],
      [-1, `${memory}/logs/2026/01.md`, 'x'],
    ],
  ],
  [
    'a line and its file go together',
    [
      [0, voice, 'x'],
      [1, index, `# M\n${link}`],
      [60, voice, null],
      [70, index, '# M\n'],
    ],
  ],
  [
    'a link to the web, a link to a place',
    [[-1, index, '- [x](https://a.b/c.md) [y](#voice.md) [z](../other/x.md) [p](/abs/x.md)\n']],
  ],
  [
    'the whole index is a code block',
    [
      [
        -1,
        'skills/_index.md',
        '# Skills\n\n```xml\n<skill name="build">x</skill>\n<skill name="voice-buffer">y</skill>\n<skill name="notes">z</skill>\n```\n',
      ],
      [-1, 'skills/build/SKILL.md', 'x'],
      [-1, 'skills/voice-buffer/SKILL.md', 'x'],
      [-1, 'skills/notes/SKILL.md', 'x'],
    ],
  ],
  [
    'a file that says it wants no line',
    [
      [0, index, '# Memory\n'],
      [60, voice, '---\nname: x\n---\n<!-- undertext: ignore index-drift (a draft) -->\n'],
      [60, `${memory}/a-b.md`, '<!-- undertext: ignore index-drift -->\n'],
    ],
  ],
  [
    'an index that says it wants none of this',
    [
      [-1, index, '<!-- undertext: ignore index-drift (by hand) -->\n# Memory\n'],
      [-1, voice, 'x'],
    ],
  ],
  [
    'skills named by their folders',
    [
      [
        -1,
        'skills/_index.md',
        '| skill | where |\n|---|---|\n| x | skills/voice-buffer/ |\n\nNot yet listed: `active/` | `Tools/`\n',
      ],
      [-1, 'skills/voice-buffer/SKILL.md', 'x'],
      [-1, 'skills/active/SKILL.md', 'x'],
      [-1, 'skills/Tools/SKILL.md', 'x'],
    ],
  ],
  [
    'named by the path from the top of a vault, in a table',
    [
      [
        -1,
        'vault/skills/_index.md',
        '| skill |\n|---|\n| [[skills/voice-buffer/SKILL\\|voice]] |\n\n[[vault/skills/recorder/SKILL]]\n',
      ],
      [-1, 'vault/skills/voice-buffer/SKILL.md', 'x'],
      [-1, 'vault/skills/recorder/SKILL.md', 'x'],
    ],
  ],
  [
    'a family by its beginning, and names between dots',
    [
      [-1, 'skills/_index.md', '| **voice-*** | buffer · notes |\n|---|---|\n| misc | recorder · player |\n'],
      [-1, 'skills/voice-buffer/SKILL.md', 'x'],
      [-1, 'skills/voice-notes/SKILL.md', 'x'],
      [-1, 'skills/recorder/SKILL.md', 'x'],
      [-1, 'skills/player/SKILL.md', 'x'],
    ],
  ],
  ['an example in code', [[-1, index, '# M\n\nWrite `[Title](file.md)` here.\n']]],
];

testRule({
  rule: indexDrift,
  told,
  caught,
  quiet,
  mutants: [
    ['no list but the index', 'its.entries >= HUB_LINKS ||', ''],
    ['names within names', 'words.has(stem) : leads', '[...words].some(word => word.includes(stem)) : leads'],
    ['comments count', ".replace(/<!--[\\s\\S]*?(-->|$)/g, ' ')", ''],
    ['families are not known', 'stem.startsWith(family)', 'false'],
    ['what is gone must be named', 'isAlive(file) && !isSyncCopy(file.path)', '!isSyncCopy(file.path)'],
    ['a copy of a sync tool needs a line', 'isAlive(file) && !isSyncCopy(file.path)', 'isAlive(file)'],
    ['lines that went are not looked for', 'if (edit && edit', 'if (false && edit && edit'],
    ['what wants no line needs one', 'if (await tools.ignores(file)) continue;', ''],
    ['notes are an index', 'if (!(await isIndex(scene))) return [];', ''],
  ],
});

describe('index-drift', () => {
  it('proposes a line as the index writes its own', async () => {
    const note = '---\nname: Voice buffer\ndescription: "why buffers\n  are copied"\n---\n\n# Buffers [x]\n';
    const cases: readonly (readonly [index: string, text: string, line: string | null])[] = [
      ['# Memory\n', note, '- [Voice buffer](voice-buffer.md) — why buffers are copied'],
      ['- [A](a.md): one\n', note, '- [Voice buffer](voice-buffer.md): why buffers are copied'],
      ['* **[a.md](a.md)** - one\n', note, '* **[voice-buffer.md](voice-buffer.md)** - why buffers are copied'],
      ['- [`a`](a.md)\n', note, '- [`voice-buffer`](voice-buffer.md) — why buffers are copied'],
      ['- [[a]]: one\n- [B](b.md)\n- [[c]]: two\n', note, '- [[voice-buffer]]: why buffers are copied'],
      ['- `a.md` — one\n', note, '- `voice-buffer.md` — why buffers are copied'],
      ['- **[A](a.md)**: one\n', note, '- **[Voice buffer](voice-buffer.md)**: why buffers are copied'],
      ['- [A](a.md)\n', '# Buffers [x]\n', '- [Buffers x](voice-buffer.md)'],
      ['- [A](a.md)\n', 'copied', '- [voice-buffer](voice-buffer.md)'],
      ['| note | what |\n|---|---|\n| [A](a.md) | one |\n', note, null],
      ['| note | what |\n|---|---|\n| `a.md` | two |\n\n# Memory\n', note, null],
      ['1. [A](a.md)\n2. [B](b.md)\n', note, null],
    ];
    for (const [text, file, line] of cases) {
      const { incidents } = await audit(
        told([
          [0, index, text],
          ...(text.includes('`a.md`') ? [[0, `${memory}/a.md`, 'x'] as const] : []),
          [60, voice, file],
        ]),
        [indexDrift],
      );
      const orphan = incidents.find(({ units }) => units[0]?.kind === 'file')!;
      expect(orphan.proposed ?? null, text).toEqual(line === null ? null : [line]);
      expect(orphan.restore !== null).toBe(line !== null);
    }
  });

  it('proposes a line for a skill, and none for too many', async () => {
    const skill: Line = [
      60,
      'skills/voice buffer/SKILL.md',
      `---\nname: voice\ndescription: >-\n  ${'long '.repeat(60)}\n---\n`,
    ];
    const one = await audit(told([[0, 'skills/_index.md', '# Skills\n'], skill]), [indexDrift]);
    expect(one.incidents[0]!.proposed).toEqual([`- [voice](voice%20buffer/SKILL.md) — ${'long '.repeat(22).trim()}…`]);
    const many = Array.from({ length: 31 }, (_, i): Line => [60, `${memory}/a-${i}.md`, 'x']);
    const { incidents } = await audit(told([[0, index, '# Memory\n'], ...many]), [indexDrift]);
    expect(incidents.map(({ proposed }) => proposed)).toEqual([undefined]);
  });

  it('reads any index and any file for a proposal', () => {
    const mess = fc.stringMatching(/^(?:- |\[|\]|\(a\.md\)|\[\[|`|\*\*|%|\||: |---\n|name:|\n|#|>)*$/, {
      maxLength: 200,
    });
    fc.assert(
      fc.property(mess, mess, (text, head) => {
        const style = styleOf(text);
        return style === null || !/[\r\n]/.test(lineFor('m/a b.md', head, 'm/MEMORY.md', style));
      }),
    );
  });

  it('waits for the line of a new file', async () => {
    const lines: readonly Line[] = [
      [0, index, '# Memory\n'],
      [60, voice, 'x'],
    ];
    const at = noon + 90_000;
    const early = await audit(told(lines), [indexDrift], { now: at });
    expect(early.incidents).toEqual([]);
    expect(early.again?.at).toBe(noon + 180_000);
    const late = await audit(told(lines), [indexDrift], { now: early.again!.at });
    expect(late.incidents).toHaveLength(1);
  });

  it('tells what a later scan found at once, with its cause', async () => {
    const steps = told([
      [-7200, index, '# Memory\n'],
      [-60, voice, 'x'],
    ]);
    const { incidents } = await audit(steps, [indexDrift], { now: noon });
    expect(incidents.map(({ severity, cause }) => [severity, cause?.at])).toEqual([['medium', noon - 60_000]]);
  });

  it('takes pairs of the configuration, also across folders', async () => {
    const lines: readonly Line[] = [
      [-1, 'docs/INDEX.md', '- [a](../src/a.md)\n'],
      [-1, 'src/a.md', 'x'],
      [-1, 'src/b.md', 'y'],
    ];
    const options = { 'index-drift': { pairs: [{ index: 'docs/INDEX.md', files: 'src/*.md' }] } };
    const { incidents } = await audit(told(lines), [indexDrift], { options });
    expect(incidents.map(({ message }) => message)).toEqual(['src/b.md is not named in docs/INDEX.md']);
  });

  it('says when it was first seen so', async () => {
    const steps = told([
      [-60, index, '# Memory\n'],
      [-60, voice, 'x'],
    ]);
    const { incidents } = await audit(steps, [indexDrift]);
    expect(incidents[0]!.findings[0]!.evidence).toEqual(['it was so at 11:59:00, when it was first seen']);
  });

  it('knows its own undo for no cause', async () => {
    const full = `# Memory\n\n${link}`;
    const lines: readonly Line[] = [
      [0, voice, 'x'],
      [5, index, full],
      [90, index, '# Memory\n'],
    ];
    const before = await audit(told(lines), rules);
    const steps: readonly Step[] = [
      ...told(lines),
      { path: index, at: noon + 900_000, text: full, how: 'restore' },
      { path: index, at: noon + 960_000, text: '# Memory\n', how: 'restore' },
    ];
    const { incidents } = await audit(steps, rules, { notes: before.notes });
    expect(incidents.map(({ id, state, cause }) => [id, state, cause?.at])).toEqual([
      [before.incidents[0]!.id, 'open', noon + 90_000],
    ]);
  });

  it('is one more incident when more drifts, and the old one is part of it', async () => {
    const lines: readonly Line[] = [
      [0, index, '# Memory\n'],
      [60, voice, 'x'],
    ];
    const more: readonly Line[] = [...lines, [300, `${memory}/a-b.md`, 'y']];
    const first = await audit(told(lines), [indexDrift]);
    const accepted = acceptNote(first.incidents[0]!, 'hidden by design', noon + 200_000);
    const early = { now: noon + 360_000, notes: first.notes };
    const young = await audit(told(more), [indexDrift], early);
    expect(young.incidents.map(inShort), 'the new file may get its line yet').toEqual([
      'likely medium: voice-buffer.md',
    ]);
    expect(young.incidents.map(({ state }) => state)).toEqual(['open']);
    const second = await audit(told(more), [indexDrift], { notes: first.notes });
    expect(second.incidents.map(({ state, closed }) => [state, closed])).toEqual([
      ['open', null],
      ['resolved', `it is part of ${second.incidents[0]!.id}`],
    ]);
    const after = await audit(told(more), [indexDrift], { notes: [...first.notes, accepted] });
    expect(after.incidents.map(({ state }) => state)).toEqual(['open', 'accepted']);
    const notes = [...first.notes, ...second.notes];
    const less = told([...more, [400, `${memory}/MEMORY.md`, '# Memory\n\n- [a-b](a-b.md)\n']]);
    const third = await audit(less, [indexDrift], { notes });
    expect(third.incidents.map(({ id, state }) => [id === first.incidents[0]!.id, state]).sort()).toEqual([
      [false, 'resolved'],
      [true, 'open'],
    ]);
  });

  it('tells a file without a line and a line without a file apart', async () => {
    const steps = told([
      [-1, index, `# Memory\n\n${link}`],
      [-1, `${memory}/a-b.md`, 'x'],
    ]);
    const { incidents } = await audit(steps, [indexDrift]);
    expect(incidents.map(inShort).sort()).toEqual(['likely low: a-b.md', 'likely low: voice-buffer']);
    expect(new Set(incidents.map(({ id }) => id)).size).toBe(2);
  });

  it('tells the lost line and the orphan it left as one incident', async () => {
    const skill = (name: string) => `- [${name}](${name}/SKILL.md) — about ${name}\n`;
    const lines: readonly Line[] = [
      [-300, 'skills/recorder/SKILL.md', 'r'],
      [-300, 'skills/_index.md', `# Skills\n\n${skill('recorder')}`],
      [0, 'skills/voice-buffer/SKILL.md', 'v'],
      [2, 'skills/_index.md', `# Skills\n\n${skill('recorder')}${skill('voice-buffer')}`],
      [10, 'skills/citation-tracker/SKILL.md', 'c'],
      [32, 'skills/_index.md', `# Skills\n\n${skill('recorder')}${skill('citation-tracker')}`],
    ];
    const { incidents } = await audit(told(lines), rules);
    expect(incidents.map(inShort)).toEqual(['likely high: voice-buffer']);
    expect(incidents[0]!.findings.map(({ rule }) => rule)).toEqual(['lost-update', 'index-drift']);
  });

  it('tells it the same when the file is found by a first scan, and the index was rebuilt from records', async () => {
    const skill = (name: string) => `- [${name}](${name}/SKILL.md) — about ${name}\n`;
    const found = { how: 'scan', seenAt: noon + 900_000 } as const;
    const index = (seconds: number, text: string, how: 'import' | 'scan' = 'import'): Step => ({
      path: 'skills/_index.md',
      at: noon + seconds * 1000,
      text: `# Skills\n\n${text}`,
      ...(how === 'scan' ? found : { how }),
    });
    const steps: readonly Step[] = [
      { path: 'skills/recorder/SKILL.md', at: noon - 300_000, text: 'r', ...found },
      { path: 'skills/old/SKILL.md', at: noon - 300_000, text: 'never in the index', ...found },
      { path: 'skills/voice-buffer/SKILL.md', at: noon, text: 'v', ...found },
      index(-60, skill('recorder')),
      index(2, skill('recorder') + skill('voice-buffer')),
      index(32, skill('recorder') + skill('citation-tracker')),
      index(32, skill('recorder') + skill('citation-tracker'), 'scan'),
      { path: 'skills/citation-tracker/SKILL.md', at: noon + 10_000, text: 'c', ...found },
    ];
    const { incidents } = await audit(steps, rules);
    expect(incidents.map(inShort)).toEqual(['likely high: voice-buffer', 'likely low: old/SKILL.md']);
    expect(incidents[0]!.findings.map(({ rule }) => rule)).toEqual(['lost-update', 'index-drift']);
  });
});

function told(lines: readonly Line[]): readonly Step[] {
  return lines.map(([seconds, path, text]) => ({
    path,
    at: noon + seconds * 1000,
    text,
    how: seconds < 0 ? 'scan' : 'event',
  }));
}
