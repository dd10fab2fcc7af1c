import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importsIn, isPath } from '../../rules/missing-import/imports.ts';
import missingImport from '../../rules/missing-import.ts';
import { standing } from '../../src/rule.ts';
import { testRule } from '../helpers/rule-tests.ts';
import type { Step } from '../helpers/stories.ts';
import { audit, noon, world } from '../helpers/stories.ts';

/** `[seconds, path, text]`; a text of null is a deletion; seconds below 0: a first scan found it so. */
type Line = readonly [seconds: number, path: string, text: string | null];
const claude = 'CLAUDE.md';
const style = 'docs/style.md';

const caught: readonly (readonly [title: string, lines: readonly Line[], said: readonly string[]])[] = [
  [
    'the file was deleted',
    [
      [0, style, 'Two blanks.\n'],
      [1, claude, 'Mind @docs/style.md here.\n'],
      [600, style, null],
    ],
    ['likely medium: Mind @docs/style.md here.'],
  ],
  [
    'found so, and the file was deleted later',
    [
      [-1, style, 'Two blanks.\n'],
      [-1, claude, '@docs/style.md\n'],
      [600, style, null],
    ],
    ['likely medium: @docs/style.md'],
  ],
  [
    'a write brought the line, and never a file',
    [
      [0, claude, '# Rules\n'],
      [600, claude, '# Rules\n\n- @docs/style.md\n'],
    ],
    ['likely medium: @docs/style.md'],
  ],
  [
    'seen from another folder it would be there',
    [
      [-1, 'rules/style.md', 'x'],
      [-1, '.claude/CLAUDE.md', '@rules/style.md\n\n@rules/more.md\n'],
      [-1, 'CLAUDE.md', '@.claude/rules/style.md\n'],
    ],
    ['likely low: @rules/more.md', 'possible low: @.claude/rules/style.md', 'possible low: @rules/style.md'],
  ],
  ['found so', [[-1, claude, '@./style.md\n']], ['likely low: @./style.md']],
  ['from the home', [[-1, claude, '@~/.claude/style.md\n']], ['likely low: @~/.claude/style.md']],
  ['by its whole path', [[-1, claude, '@/home/me/.claude/style.md\n']], ['likely low: @/home/me/.claude/style.md']],
  ['with a blank', [[-1, claude, '@docs/the\\ style.md\n']], ['likely low: @docs/the\\ style.md']],
  ['at the end of a sentence', [[-1, claude, 'It stands in @style.md.\n']], ['likely low: It stands in @style.md.']],
  [
    'in a rule, and in a file that is imported',
    [
      [-1, 'rules/a/x.md', '@../../gone.md\n'],
      [-1, claude, '@docs/style.md\n'],
      [-1, style, '@more.md\n'],
    ],
    ['likely low: @more.md', 'likely low: @../../gone.md'],
  ],
  [
    'a script in a folder that is there',
    [
      [-1, 'hooks/a.sh', 'x'],
      [-1, claude, 'The hook is @hooks/b.sh\n'],
    ],
    ['likely low: The hook is @hooks/b.sh'],
  ],
  [
    'two of one deletion are one',
    [
      [0, claude, '@a.md and @b.md\n'],
      [600, claude, '@a.md and @b.md, both\n'],
    ],
    ['likely medium: @a.md and @b.md, both'],
  ],
  [
    'after a block of code',
    [[-1, claude, '```\n@a.md\n```\n\nSee `x` @b.md and `y`\n']],
    ['likely low: See `x` @b.md and `y`'],
  ],
  ['in a list, indented', [[-1, claude, '- one\n\n    @b.md\n']], ['likely low: one @b.md']],
];

const quiet: readonly (readonly [title: string, lines: readonly Line[]])[] = [
  [
    'the file is there',
    [
      [-1, claude, '@docs/style.md\n'],
      [-1, style, 'x'],
    ],
  ],
  [
    'the disk does not tell upper from lower case',
    [
      [-1, claude, '@Docs/Style.md\n'],
      [-1, style, 'x'],
    ],
  ],
  [
    'a place within it',
    [
      [-1, claude, '@docs/style.md#blanks\n'],
      [-1, style, 'x'],
    ],
  ],
  ['out of the root', [[-1, claude, '@../notes.md @~/notes.md @/etc/x.md @$X/y.md\n']]],
  ['what is not kept', [[-1, claude, '@plugins/cache/x/y.md\n']]],
  [
    'people and packages',
    [[-1, claude, 'Ask @ann, @bob.smith or me@home.md about @types/node, @vue/compiler.js and @next.\n']],
  ],
  ['code', [[-1, claude, 'Write `@a.md`, `see @a.md here`, ``a ` @b.md`` or\n\n```md\n@c.md\n```\n\n    @d.md\n']]],
  ['a fence in a list', [[-1, claude, '- so:\n  ~~~\n  @a.md\n  ```\n  ~~~\n']]],
  ['comments and fields', [[-1, claude, '---\npaths: "@a.md"\nx: @b.md\n---\n<!-- @c.md -->\n']]],
  [
    'examples',
    [[-1, claude, 'Use @path/to/x.md, @<name>.md, @docs/*.md, @file.md, @your-notes.md or @src/{a,b}.md\n']],
  ],
  ['decorators', [[-1, claude, 'Routes have @app.route("/x.json") and @Input() above them.\n']]],
  ['a folder', [[-1, claude, 'All of @docs/ and @docs\n']]],
  [
    'in notes that are no instructions',
    [
      [-1, 'notes.md', '@a.md\n'],
      [-1, 'projects/x/memory/y.md', '@a.md\n'],
    ],
  ],
  [
    'the line is gone, too',
    [
      [0, style, 'x'],
      [1, claude, '@docs/style.md\n'],
      [600, style, null],
      [610, claude, '# Rules\n'],
    ],
  ],
];

testRule({
  rule: missingImport,
  told,
  caught,
  quiet,
  mutants: [
    ['comments count', "' ',\n    ),", "'$&',\n    ),"],
    ['fences count', "if (fence !== '') {", 'if (false) {'],
    ['other folders do not matter', "isAstray ? 'possible' : 'likely'", "'likely'"],
    ['spans count', 'if (!close) continue;', 'continue;'],
    ['every file is asked', 'folder.files.filter(file => areInstructions(file.path))', '[...folder.files]'],
    ['imports of imports are not asked', 'next = imported;', 'next = [];'],
    [
      'packages are paths',
      "return written.includes('/') && isThere(written.slice(0, written.indexOf('/')));",
      'return true;',
    ],
    ['words within words', '(?:^|\\s)@', '@'],
    ['the deletion is not known', 'brokenBy(file, files.get(each[1]),', 'brokenBy(file, undefined,'],
  ],
});

describe('missing-import', () => {
  it('tells which write broke it: the deletion, or the import that came after it', async () => {
    const lines: readonly Line[] = [
      [0, style, 'x'],
      [1, claude, '@docs/style.md\n'],
      [600, style, null],
    ];
    const first = await audit(told(lines), [missingImport]);
    expect(first.incidents.map(({ cause }) => cause?.at)).toEqual([noon + 600_000]);
    expect(first.incidents[0]!.advice).toContain('put the file back');
    const late = await audit(
      told([
        [0, claude, '# x\n'],
        [0, style, 'x'],
        [5, style, null],
        [9, claude, '@docs/style.md\n'],
      ]),
      [missingImport],
    );
    expect(late.incidents.map(({ cause }) => cause?.at)).toEqual([noon + 9_000]);
  });

  it('waits for the file', async () => {
    const steps = told([
      [0, claude, '# x\n'],
      [60, claude, '@docs/style.md\n'],
    ]);
    expect((await audit(steps, [missingImport], { now: noon + 90_000 })).incidents).toEqual([]);
    expect((await audit(steps, [missingImport], { now: noon + 181_000 })).incidents).toHaveLength(1);
  });

  it('knows nothing of what lies behind a link', () => {
    const { histories } = world(
      told([
        [-1, 'Shared', 'elsewhere'],
        [-1, 'docs/x/style.md', 'y'],
        [0, 'old.md', 'z'],
        [1, 'old.md', null],
      ]),
    );
    const linked = histories.map(file =>
      file.path === 'Shared'
        ? { ...file, versions: file.versions.map(version => ({ ...version, kind: 'link' as const })) }
        : file,
    );
    const paths = ['shared/style.md', 'shared', 'docs/x', 'docs', 'docs/style.md', 'old.md'];
    expect(paths.map(standing(linked))).toEqual([null, true, true, true, false, false]);
    expect(standing(histories)('shared/style.md')).toBe(false);
  });

  it('reads whatever the text', () => {
    const mess = fc.stringMatching(/^(?:@a\.md|@\\ |`|```|~~~|<!--|-->|\n|\r| {4}|- |---|#|\uFEFF)*$/, {
      maxLength: 200,
    });
    fc.assert(
      fc.property(mess, text => importsIn(text).every(written => typeof isPath(written, () => true) === 'boolean')),
    );
    expect(importsIn(`${'` `` ``` '.repeat(20_000)}@a.md`)).toEqual(['a.md']);
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
