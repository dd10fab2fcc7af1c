import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frontOf } from '../../rules/bad-frontmatter/front.ts';
import badFrontmatter from '../../rules/bad-frontmatter.ts';
import { testRule } from '../helpers/rule-tests.ts';
import type { Step } from '../helpers/stories.ts';
import { audit, noon } from '../helpers/stories.ts';

/** `[seconds, path, text]`; a text of null is a deletion; seconds below 0: a first scan found it so. */
type Line = readonly [seconds: number, path: string, text: string | null];
const memory = 'projects/x/memory/voice-buffer.md';
const agent = 'agents/reviewer.md';
const skill = 'skills/voice-buffer/SKILL.md';
const top = (fields: string, body = 'Buffers are copied before they are sent.\n') => `---\n${fields}\n---\n\n${body}`;
const flat = top('name: Voice buffer\ndescription: why buffers are copied\ntype: project');
const reviewer = top('name: reviewer\ndescription: reads changes\ntools: Read');
const voice = top('name: voice-buffer\ndescription: Copies buffers.');

const caught: readonly (readonly [title: string, lines: readonly Line[], said: readonly string[]])[] = [
  [
    'a memory is saved anew with a blank name and without the rest',
    [
      [0, memory, flat],
      [60, memory, top('name: ""\nmetadata:\n  node_type: memory')],
    ],
    ['likely medium: name, description, type'],
  ],
  [
    'an agent lost its description',
    [
      [0, agent, reviewer],
      [60, agent, top('name: reviewer\ntools: Read')],
    ],
    ['likely high: description'],
  ],
  [
    'it was two writes ago',
    [
      [0, agent, reviewer],
      [60, agent, top('name: reviewer\ntools: Read')],
      [90, agent, top('name: reviewer\ntools: Read, Grep')],
    ],
    ['likely high: description'],
  ],
  [
    'a skill lost its description',
    [
      [0, skill, voice],
      [60, skill, top('name: voice-buffer')],
    ],
    ['likely medium: description'],
  ],
  [
    'a skill lost a name that it does not need here',
    [
      [0, skill, voice],
      [60, skill, top('description: Copies buffers.')],
    ],
    ['possible low: name'],
  ],
  [
    'the whole text became another',
    [
      [0, agent, reviewer],
      [60, agent, '# Plans\n\n- one\n- two\n- three\n- four\n'],
    ],
    ['possible high: name, description'],
  ],
  [
    'a write broke the frontmatter of an agent',
    [
      [0, agent, reviewer],
      [60, agent, reviewer.replace('\n---\n', '\n')],
    ],
    ['likely medium: frontmatter'],
  ],
  [
    'a byte order mark',
    [
      [0, agent, reviewer],
      [60, agent, `\uFEFF${reviewer}`],
    ],
    ['likely medium: frontmatter'],
  ],
  ['a line above it', [[-1, agent, `<!-- made by a program -->\n${reviewer}`]], ['likely low: frontmatter']],
  [
    'a quote that is not closed',
    [[-1, skill, top('name: voice-buffer\ndescription: "Copies buffers.')]],
    ['likely low: frontmatter'],
  ],
  ['a tab', [[-1, memory, top('name: x\nmetadata:\n\ttype: user')]], ['likely low: frontmatter']],
  ['prose among the fields', [[-1, skill, top('name: voice-buffer\nCopies buffers.')]], ['likely low: frontmatter']],
  [
    'a colon that is not quoted',
    [[-1, skill, top('name: voice-buffer\ndescription: Copies. Use when: sending')]],
    ['possible low: frontmatter'],
  ],
  ['an agent without a name', [[-1, agent, top('description: reads\nmodel: opus')]], ['likely low: name']],
  ['an agent without a description', [[-1, agent, top('name: reviewer\nmodel: opus')]], ['likely low: description']],
  ['an agent whose name is skipped', [[-1, agent, top('name: a:b\ndescription: reads')]], ['likely low: name']],
  ['a skill without a description', [[-1, skill, '# Voice buffer\n']], ['possible low: description']],
  ['a skill in a folder of another name', [[-1, skill, top('name: recorder\ndescription: x')]], ['possible low: name']],
  [
    'a description that is not listed whole',
    [[-1, skill, top(`name: voice-buffer\ndescription: ${'words '.repeat(300)}`)]],
    ['likely low: description'],
  ],
  [
    'a description that others refuse, over several lines',
    [[-1, skill, top(`name: voice-buffer\ndescription: >\n${'  many words\n'.repeat(100)}`)]],
    ['possible low: description'],
  ],
  ['a memory whose name is blank', [[-1, memory, top('name: ""\ndescription: x')]], ['likely low: name']],
  ['a memory without a description', [[-1, memory, top('name: x\ntype: user')]], ['likely low: description']],
];

const quiet: readonly (readonly [title: string, lines: readonly Line[]])[] = [
  [
    'the type moved to where newer versions keep it',
    [
      [0, memory, flat],
      [60, memory, top('name: voice-buffer\ndescription: why\nmetadata:\n  type: project\n  node_type: memory')],
    ],
  ],
  [
    'the description was rewritten',
    [
      [0, agent, reviewer],
      [60, agent, reviewer.replace('reads changes', 'reads every change')],
    ],
  ],
  [
    'it came back',
    [
      [0, agent, reviewer],
      [60, agent, top('name: reviewer\ntools: Read')],
      [90, agent, reviewer],
    ],
  ],
  [
    'a file of that name came anew',
    [
      [0, agent, reviewer],
      [60, agent, null],
      [900, agent, '# How agents are written here\n'],
    ],
  ],
  ['an agent in quotes and blocks', [[-1, agent, top('name: "reviewer" # the one\ndescription: |\n  reads: all')]]],
  ['documentation among agents', [[-1, 'agents/how-to.md', '# Agents\n']]],
  ['documentation with a title', [[-1, 'agents/how-to.md', top('title: Agents\ndescription: about them')]]],
  ['a README', [[-1, 'agents/README.zh.md', top('name: x\ntools: Read')]]],
  ['an index', [[-1, 'agents/_index.md', top('name: x\ntools: Read')]]],
  ['an agent of another client', [[-1, agent, top('description: x\nmode: subagent\nmodel: y\ntools:\n  bash: true')]]],
  ['a folder of that name in a project', [[-1, 'src/agents/x.md', top('name: x\ntools: Read')]]],
  ['a skill that only a person calls', [[-1, skill, top('disable-model-invocation: true')]]],
  ['a skill with a label', [[-1, skill, top('name: Voice Buffer\ndescription: x')]]],
  ['a skill deeper down', [[-1, 'skills/catalog/audio/recorder/SKILL.md', top('name: recorder\ndescription: x')]]],
  ['a skill that is a template', [[-1, 'skills/x/SKILL.md', top('name: "{{name}}"\ndescription: "{{what}}"')]]],
  ['a file of a skill', [[-1, 'skills/x/references/a.md', top('name: "')]]],
  ['a memory as one writes by hand', [[-1, memory, '# Voice buffer\n\nBuffers are copied.\n']]],
  ['a note of another program', [[-1, memory, top('title: Voice buffer\ntags: [audio, "a: b"]')]]],
  [
    'a list below its key, a comment, a web address',
    [[-1, skill, top('name: voice-buffer\n# x\ndescription: see http://a.b/c\nallowed-tools:\n- Read\n- Bash(x:*)')]],
  ],
  ['a value over several lines', [[-1, skill, top('name: voice-buffer\ndescription: Copies\n  buffers\n  on time')]]],
  ['a quote over several lines', [[-1, skill, top('name: voice-buffer\ndescription: "Copies:\n  buffers"')]]],
  ['a rule at the top', [[-1, memory, '---\n\nBuffers are copied.\n']]],
  ['an empty file', [[-1, agent, '']]],
  ['what is no text', [[-1, memory, 'a\0b']]],
];

testRule({
  rule: badFrontmatter,
  told,
  caught,
  quiet,
  mutants: [
    ['a blank field is there', "(front.fields.get(name) ?? '') !== ''", 'front.fields.has(name)'],
    ['the type has one place', "['type', 'metadata.type']]", "['type']]"],
    ['a file that came anew had fields', "edit.after.kind !== 'file' || edit.before.kind !== 'file'", 'false'],
    ['documentation is an agent', "name === '' && hasDescription && isClaudeAgent(front)", "name === ''"],
    ['agents of other clients', "if (fields.has('mode') || fields.has('temperature')) return false;", ''],
    ['labels are names', '/^[a-z0-9-]+$/.test(name) && ', ''],
    ['only the last write', 'missing.length === 0 || edit', 'went.length === 0 || edit'],
    ['colons within words', ':(?:\\s|$)/.test(each)', ':/.test(each)'],
    ['another text is as sure', 'isAnother || ', ''],
  ],
});

describe('bad-frontmatter', () => {
  it('names the version that had the fields, so that they can be put back', async () => {
    const { incidents } = await audit(
      told([
        [0, agent, reviewer],
        [60, agent, top('name: reviewer\ntools: Read')],
        [90, agent, top('name: reviewer\ntools: Read, Grep')],
      ]),
      [badFrontmatter],
    );
    expect(incidents.map(({ lost, cause, restore }) => [lost?.at, cause?.at, restore !== null])).toEqual([
      [noon, noon + 60_000, true],
    ]);
  });

  it('is over when the fields are there again, also in other words', async () => {
    const lines: readonly Line[] = [
      [0, agent, reviewer],
      [60, agent, top('name: reviewer\ntools: Read')],
    ];
    const { notes } = await audit(told(lines), [badFrontmatter]);
    const mended: Line = [120, agent, top('name: reviewer\ndescription: looks at changes\ntools: Read')];
    const { incidents } = await audit(told([...lines, mended]), [badFrontmatter], { notes });
    expect(incidents.map(({ state }) => state)).toEqual(['resolved']);
  });

  it('is one incident while what is wrong stays', async () => {
    const broken = (text: string) => top(`name: reviewer\nmodel: opus`, text);
    const first = await audit(told([[0, agent, broken('a\n')]]), [badFrontmatter]);
    const second = await audit(
      told([
        [0, agent, broken('a\n')],
        [60, agent, broken('b\n')],
      ]),
      [badFrontmatter],
    );
    expect(second.incidents.map(({ id }) => id)).toEqual(first.incidents.map(({ id }) => id));
    expect(first.incidents[0]!.advice).toContain('frontmatter');
  });

  it('waits for the fields of a new file', async () => {
    const steps = told([[0, agent, top('name: reviewer\nmodel: opus')]]);
    expect((await audit(steps, [badFrontmatter], { now: noon + 60_000 })).incidents).toEqual([]);
    expect((await audit(steps, [badFrontmatter], { now: noon + 121_000 })).incidents).toHaveLength(1);
  });

  it('reads whatever the bytes, and never throws', () => {
    const mess = fc.stringMatching(/^(?:---|name|: |\n|\r|\t|"|'|\[|\{|>|#|- |x|\uFEFF|\\)*$/, { maxLength: 300 });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          mess.map(text => new TextEncoder().encode(text)),
        ),
        bytes => {
          const front = frontOf(bytes);
          return front === null || front.state !== 'none' || front.fields.size === 0;
        },
      ),
    );
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
