import { describe, expect, it } from 'vitest';
import strayNamespace from '../../rules/stray-namespace.ts';
import { testRule } from '../helpers/rule-tests.ts';
import type { Step } from '../helpers/stories.ts';
import { audit, noon, writersOf } from '../helpers/stories.ts';

/** `[days, path, text]`; a text of null is a deletion; days below 0: a first scan found it so. */
type Line = readonly [days: number, path: string, text: string | null, who?: string];
const main = 'projects/app/memory';
const index = `${main}/MEMORY.md`;
const worktree = 'projects/app--claude-worktrees-login/memory';
const note = 'Tokens are renewed a minute before they end.\n';

const caught: readonly (readonly [title: string, lines: readonly Line[], said: readonly string[]])[] = [
  [
    'the store of a worktree',
    [
      [0, index, '# Memory\n'],
      [1, `${worktree}/tokens.md`, note],
      [9, index, '# Memory\n\n- more\n'],
    ],
    ['likely medium: login/tokens.md'],
  ],
  [
    'the store of a branch',
    [
      [0, index, '# Memory\n'],
      [1, 'projects/app-feat-login/memory/tokens.md', note],
      [9, index, '# Memory\n\n- more\n'],
    ],
    ['possible medium: feat-login/tokens.md'],
  ],
  [
    'a folder of a branch',
    [
      [0, index, '# Memory\n'],
      [1, `${main}/feat-login/tokens.md`, note],
      [1, `${main}/feat-login/forms.md`, 'Forms keep what was typed.\n'],
      [9, index, '# Memory\n\n- more\n'],
    ],
    ['possible medium: feat-login/tokens.md, feat-login/forms.md'],
  ],
  [
    'a folder of a branch with a stroke in its name',
    [
      [0, index, '# Memory\n'],
      [1, `${main}/fix/login/tokens.md`, note],
      [9, index, '# Memory\n\n- more\n'],
    ],
    ['possible medium: fix/login/tokens.md'],
  ],
  [
    'a folder that is a memory of its own',
    [
      [0, index, '# Memory\n'],
      [1, `${main}/login/MEMORY.md`, '- [tokens](tokens.md)\n'],
      [1, `${main}/login/tokens.md`, note],
      [9, index, '# Memory\n\n- more\n'],
    ],
    ['likely medium: login/tokens.md'],
  ],
  [
    'found so',
    [
      [-30, `${worktree}/tokens.md`, note],
      [-2, index, '# Memory\n'],
    ],
    ['likely low: login/tokens.md'],
  ],
  [
    'one of two wants to be left alone',
    [
      [0, index, '# Memory\n'],
      [1, `${worktree}/a.md`, 'Forms keep what was typed.\n'],
      [1, `${worktree}/tokens.md`, `<!-- undertext: ignore stray-namespace -->\n${note}`],
      [9, index, '# Memory\n\n- more\n'],
    ],
    ['likely medium: login/a.md'],
  ],
  [
    'one of two was gathered',
    [
      [0, index, '# Memory\n'],
      [1, `${worktree}/tokens.md`, note],
      [1, `${worktree}/forms.md`, 'Forms keep what was typed.\n'],
      [2, `${main}/forms.md`, 'Forms keep it.\n'],
      [9, index, '# Memory\n\n- more\n'],
    ],
    ['likely medium: login/tokens.md'],
  ],
];

const stray: readonly Line[] = [
  [0, index, '# Memory\n'],
  [1, `${worktree}/tokens.md`, note],
];
const later: Line = [9, index, '# Memory\n\n- more\n'];

const quiet: readonly (readonly [title: string, lines: readonly Line[]])[] = [
  ['work goes on there', [...stray, [6, `${worktree}/forms.md`, 'Forms.\n'], later]],
  ['nobody wrote to the main memory since', [...stray]],
  ['a file of that name is there', [...stray, [2, `${main}/tokens.md`, 'Tokens end.\n'], later]],
  ['a file of that content is there', [...stray, [2, `${main}/login.md`, note], later]],
  ['it was there, and deleted later', [...stray, [2, `${main}/login.md`, note], [3, `${main}/login.md`, null], later]],
  ['what it says is there', [...stray, [2, `${main}/all.md`, `# All\n\nForms.\n${note}`], later]],
  ['it is gone', [...stray, [2, `${worktree}/tokens.md`, null], later]],
  [
    'it wants to be left alone',
    [stray[0]!, [1, `${worktree}/tokens.md`, `<!-- undertext: ignore stray-namespace -->\n${note}`], later],
  ],
  ['only an index', [stray[0]!, [1, `${worktree}/MEMORY.md`, '# Memory\n'], later]],
  [
    'folders that stand for themselves',
    [
      [0, index, '# Memory\n'],
      ...['team', 'logs', 'sessions', 'agents', 'archive', '.git'].map(
        (name, i): Line => [1, `${main}/${name}/${i === 0 ? 'MEMORY' : 'x'}.md`, `What ${name} is about.\n`],
      ),
      [1, `${main}/team/ann.md`, 'Ann renews the tokens.\n'],
      later,
    ],
  ],
  [
    'folders by topic',
    [
      [0, index, '# Memory\n'],
      [1, `${main}/people/ann.md`, note],
      [1, `${main}/audio-notes/a.md`, 'Buffers are copied.\n'],
      later,
    ],
  ],
  [
    'a folder that the index names',
    [
      [0, index, '# Memory\n'],
      [1, `${main}/feat-login/tokens.md`, note],
      [9, index, '- [login](feat-login/tokens.md)\n'],
    ],
  ],
  [
    'another project with a longer name',
    [[0, index, '# Memory\n'], [1, 'projects/app-server/memory/a.md', note], later],
  ],
  [
    'a project below the folder of another',
    [
      [0, 'projects/-home-me/memory/MEMORY.md', 'x'],
      [1, 'projects/-home-me-app/memory/a.md', note],
      [9, 'projects/-home-me/memory/MEMORY.md', 'y'],
    ],
  ],
  [
    'a worktree of a project without a memory',
    [
      [1, `${worktree}/tokens.md`, note],
      [9, 'projects/other/memory/MEMORY.md', 'x'],
    ],
  ],
];

testRule({
  rule: strayNamespace,
  told,
  caught,
  quiet,
  mutants: [
    ['a day is enough', 'tools.options.days * DAY_MS', 'DAY_MS'],
    ['names do not matter', 'nameOf(file.path) === name || ', ''],
    ['contents do not matter', 'blob !== null && blobs.has(blob)', 'false'],
    ['texts do not matter', '|| (await isWithin(note, gathered, tools))', ''],
    ['every folder is a branch', 'if (!isBranch && !isWhole) continue;', ''],
    ['every longer name is a branch', 'if (worktree === undefined && !branch.test(rest)) continue;', ''],
    ['the index is not asked', 'if ([...gathered].some(line => names(line, space))) return [];', ''],
    ['folders that stand for themselves do not', '|| ignored.includes(name)', ''],
    ['markers do not matter', '(await tools.ignores(note)) || ', ''],
  ],
});

describe('stray-namespace', () => {
  it('is likely when records say that the branch of that name wrote it', async () => {
    const steps = told([[0, index, '# Memory\n'], [1, `${main}/feat-login/tokens.md`, note, 'A'], later]);
    const testimony = writersOf(steps);
    const on = (branch: string) => ({
      ...testimony,
      writer: async (version: Parameters<typeof testimony.writer>[0]) => {
        const writer = await testimony.writer(version);
        return writer && { ...writer, branch };
      },
    });
    const said = async (branch: string) =>
      (await audit(steps, [strayNamespace], { testimony: on(branch) })).incidents.map(({ certainty }) => certainty);
    expect([await said('feat/login'), await said('main')]).toEqual([['likely'], ['possible']]);
  });

  it('says since when, and what to do', async () => {
    const { incidents } = await audit(told([...stray, later]), [strayNamespace]);
    expect(incidents.map(({ message, path, cause }) => [message, path, cause?.at])).toEqual([
      [`a note of login was never gathered into ${main}`, `${worktree}/tokens.md`, noon + 86_400_000],
    ]);
    expect(incidents[0]!.advice).toContain(main);
  });
});

function told(lines: readonly Line[]): readonly Step[] {
  return lines.map(([days, path, text, who]) => ({
    path,
    at: noon + days * 86_400_000,
    text,
    how: days < 0 ? 'scan' : 'event',
    ...(who ? { who } : {}),
  }));
}
