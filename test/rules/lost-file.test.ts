import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import lostFile from '../../rules/lost-file.ts';
import { runAudit } from '../../src/audit/run-audit.ts';
import { testRule } from '../helpers/rule-tests.ts';
import type { Step } from '../helpers/stories.ts';
import { audit, inShort, noon, world, writersOf } from '../helpers/stories.ts';

/** `[minutes, path, text, who]`; a text of null is a deletion; before 0: a first scan found it so. */
type Line = readonly [minutes: number, path: string, text: string | null, who?: string];
const memory = 'projects/x/memory';
const index = `${memory}/MEMORY.md`;
const voice = `${memory}/voice-buffer.md`;
const line = '- [voice-buffer](voice-buffer.md) — how sound is kept\n';
const about = (what: string) =>
  `---\nname: ${what}\n---\n\nWhoever works on ${what} asks first, and writes down why.\n`;
const skill = (name: string) => `skills/${name}/SKILL.md`;
const five = ['a-1', 'b-2', 'c-3', 'd-4', 'e-5'];
const settings = '{\n  "model": "opus",\n  "permissions": { "deny": ["Read(**/.env)"] }\n}\n';
/** What `lost-file` says of one of `about()`. */
const said = (weight: string, what: string) =>
  `${weight}: name, Whoever works on ${what} asks first, and writes down why.`;

const caught: readonly (readonly [title: string, lines: readonly Line[], said: readonly string[]])[] = [
  [
    'a memory goes, and the index still names it',
    [
      [-60, voice, about('buffers')],
      [-60, index, line],
      [60, voice, null],
    ],
    ['likely high: name, Whoever works on buffers asks first, and writes down why.'],
  ],
  [
    'a young one that went as a stale tree came',
    [
      [-60, 'docs/log.md', '- first day\n'],
      [-60, 'docs/plan.md', '- dig\n'],
      [-20, 'docs/log.md', '- first day\n- second day\n'],
      [-10, 'docs/plan.md', '- dig\n- plant\n'],
      [-5, 'docs/handoff.md', 'The gate is checked, the queue is next.\n'],
      [0, 'docs/log.md', '- first day\n'],
      [0, 'docs/plan.md', '- dig\n'],
      [0, 'docs/handoff.md', null],
    ],
    ['likely medium: The gate is checked, the queue is next.'],
  ],
  [
    'a memory that no list ever named',
    [
      [-60, voice, about('buffers')],
      [60, voice, null],
    ],
    ['possible high: name, Whoever works on buffers asks first, and writes down why.'],
  ],
  [
    'a note in a folder of its own',
    [
      [-60, 'notes/plan.md', 'Ship on Monday, and tell the others.\n'],
      [60, 'notes/plan.md', null],
    ],
    ['possible medium: Ship on Monday, and tell the others.'],
  ],
  [
    'the index names a file of that name in another folder',
    [
      [-60, 'docs/README.md', 'Ship on Monday, and tell the others.\n'],
      [-60, 'docs/_index.md', '- src/README.md says how\n'],
      [60, 'docs/README.md', null],
    ],
    ['possible medium: Ship on Monday, and tell the others.'],
  ],
  [
    'the index names it by its way',
    [
      [-60, 'docs/README.md', 'Ship on Monday, and tell the others.\n'],
      [-60, 'docs/_index.md', '- docs/README.md says how\n'],
      [60, 'docs/README.md', null],
    ],
    ['likely medium: Ship on Monday, and tell the others.'],
  ],
  [
    'a session deletes what another one wrote',
    [
      [0, voice, about('buffers'), 'A'],
      [60, voice, null, 'B'],
    ],
    ['possible high: name, Whoever works on buffers asks first, and writes down why.'],
  ],
  [
    'a session deletes its own: listed, not shouted',
    [
      [0, voice, about('buffers'), 'A'],
      [60, voice, null, 'A'],
    ],
    ['possible low: name, Whoever works on buffers asks first, and writes down why.'],
  ],
  [
    'a session deletes its own, after another one added to it',
    [
      [0, voice, about('buffers'), 'A'],
      [30, voice, `${about('buffers')}\nNever share one.\n`, 'B'],
      [60, voice, null, 'A'],
    ],
    ['possible high: name, Whoever works on buffers asks first, and writes down why., Never share one.'],
  ],
  [
    'whoever deleted it also took its line: listed, not shouted',
    [
      [-60, voice, about('buffers')],
      [-60, index, `# M\n\n${line}`],
      [60, voice, null],
      [61, index, '# M\n'],
    ],
    ['possible low: name, Whoever works on buffers asks first, and writes down why.'],
  ],
  [
    'the line went by another hand',
    [
      [0, voice, about('buffers'), 'A'],
      [0, index, `# M\n\n${line}`, 'A'],
      [60, voice, null, 'B'],
      [61, index, '# M\n', 'C'],
    ],
    ['possible high: name, Whoever works on buffers asks first, and writes down why.'],
  ],
  [
    'many go at once, and their lines with them',
    [
      ...['a-1', 'a-2', 'a-3', 'a-4', 'a-5'].map((name): Line => [-60, `${memory}/${name}.md`, `About ${name}.\n`]),
      [-60, index, '# M\n\n- [a-1](a-1.md)\n- [a-2](a-2.md)\n- [a-3](a-3.md)\n- [a-4](a-4.md)\n- [a-5](a-5.md)\n'],
      ...['a-1', 'a-2', 'a-3', 'a-4', 'a-5'].map((name, i): Line => [60 + i / 10, `${memory}/${name}.md`, null]),
      [61, index, '# M\n'],
    ],
    ['a-5', 'a-4', 'a-3', 'a-2', 'a-1'].map(name => `possible medium: About ${name}.`),
  ],
  [
    'many go at once, and a part of each was gathered',
    [
      ...['a-1', 'a-2', 'a-3', 'a-4', 'a-5'].map((name): Line => [-60, `${memory}/${name}.md`, about(name)]),
      [-60, index, '# M\n\n- [a-1](a-1.md)\n- [a-2](a-2.md)\n- [a-3](a-3.md)\n- [a-4](a-4.md)\n- [a-5](a-5.md)\n'],
      [
        59,
        `${memory}/all.md`,
        ['a-1', 'a-2', 'a-3', 'a-4', 'a-5'].map(name => `- Whoever works on ${name}: ask\n`).join(''),
      ],
      ...['a-1', 'a-2', 'a-3', 'a-4', 'a-5'].map((name, i): Line => [60 + i / 10, `${memory}/${name}.md`, null]),
      [61, index, '# M\n\n- [all](all.md)\n'],
    ],
    ['a-5', 'a-4', 'a-3', 'a-2', 'a-1'].map(
      name => `possible low: name, Whoever works on ${name} asks first, and writes down why.`,
    ),
  ],
  [
    'many skills at once, by nobody known',
    [
      ...['a', 'b', 'c', 'd', 'e'].flatMap((name): Line[] => [
        [-60, skill(name), about(name)],
        [-60, `skills/${name}/run.sh`, `echo ${name}\n`],
      ]),
      ...['a', 'b', 'c', 'd', 'e'].flatMap((name, i): Line[] => [
        [60 + i / 100, skill(name), null],
        [60 + i / 100, `skills/${name}/run.sh`, null],
      ]),
    ],
    [
      ...['e', 'd', 'c', 'b', 'a'].map(
        name => `possible high: name, Whoever works on ${name} asks first, and writes down why.`,
      ),
      ...['e', 'd', 'c', 'b', 'a'].map(name => `possible low: echo ${name}`),
    ],
  ],
  [
    'a checkout: many are written in the moment in which it goes',
    [
      [-60, voice, about('buffers')],
      [-60, 'notes/plan.md', 'Ship on Monday.\n'],
      ...['a', 'b', 'c', 'd', 'e'].map((name): Line => [-60, `rules/${name}.md`, `About ${name}.\n`]),
      [60, voice, null],
      [60, 'notes/plan.md', null],
      ...['a', 'b', 'c', 'd', 'e'].map((name): Line => [60.01, `rules/${name}.md`, `More about ${name}.\n`]),
    ],
    ['possible low: Ship on Monday.', 'possible low: name, Whoever works on buffers asks first, and writes down why.'],
  ],
  [
    'a checkout that leaves the index as it was',
    [
      [-60, voice, about('buffers')],
      [-60, `${memory}/MEMORY.md`, '# Memory\n\n- [Voice](voice-buffer.md)\n'],
      ...['a', 'b', 'c', 'd', 'e'].map((name): Line => [-60, `rules/${name}.md`, `About ${name}.\n`]),
      [60, voice, null],
      ...['a', 'b', 'c', 'd', 'e'].map((name): Line => [60.01, `rules/${name}.md`, `More about ${name}.\n`]),
    ],
    ['possible medium: name, Whoever works on buffers asks first, and writes down why.'],
  ],
  [
    'many texts at once that no program reads',
    [
      ...['a', 'b', 'c', 'd', 'e'].map(
        (name): Line => [
          -60,
          `drafts-of-may/${name}.md`,
          `About it, and why.${'\n'.repeat(1 + name.charCodeAt(0) - 97)}`,
        ],
      ),
      ...['a', 'b', 'c', 'd', 'e'].map((name): Line => [60, `drafts-of-may/${name}.md`, null]),
    ],
    ['a', 'b', 'c', 'd', 'e'].map(() => 'possible low: About it, and why.'),
  ],
  [
    'many commands at once',
    [
      ...['a', 'b', 'c', 'd', 'e'].map(
        (name): Line => [-60, `commands/${name}.md`, `About it, and why.${'\n'.repeat(1 + name.charCodeAt(0) - 97)}`],
      ),
      ...['a', 'b', 'c', 'd', 'e'].map((name): Line => [60, `commands/${name}.md`, null]),
    ],
    ['a', 'b', 'c', 'd', 'e'].map(() => 'possible medium: About it, and why.'),
  ],
  [
    'one skill with all that belongs to it',
    [
      [-60, skill('a'), about('a')],
      [-60, 'skills/a/run.sh', 'echo a\n'],
      [60, skill('a'), null],
      [60, 'skills/a/run.sh', null],
    ],
    ['possible high: name, Whoever works on a asks first, and writes down why.', 'possible low: echo a'],
  ],
  [
    'the memory of a project goes, its transcripts stay',
    [
      [-60, 'projects/x/1.jsonl', '{}\n'],
      [-60, voice, about('buffers')],
      [60, voice, null],
    ],
    ['possible high: name, Whoever works on buffers asks first, and writes down why.'],
  ],
  [
    'another file has its head, and little else of it',
    [
      [-60, voice, `${about('buffers')}\nA buffer lives as long as its recorder, and is never shared by two.\n`],
      [59, `${memory}/other.md`, '---\nname: buffers\n---\n\nWhoever works on buffers asks first.\n'],
      [60, voice, null],
    ],
    [
      'possible high: name, Whoever works on buffers asks first, and writes down why., A buffer lives as long as its recorder, and is never shared…',
    ],
  ],
  [
    'one of its kind was written long before',
    [
      [-200, 'notes/a.md', 'Ask first. Write down why. Then tell the others on the list. Apples.\n'],
      [-60, 'notes/b.md', 'Ask first. Write down why. Then tell the others on the list. Pears.\n'],
      [5, 'notes/b.md', null],
    ],
    ['possible medium: Ask first. Write down why. Then tell the others on the…'],
  ],
  [
    'made anew much later, and about something else',
    [
      [-60, voice, about('buffers')],
      [60, voice, null],
      [600, voice, 'Voices are recorded in mono.\n'],
    ],
    ['possible high: name, Whoever works on buffers asks first, and writes down why.'],
  ],
  [
    'deleted before anybody watched: a record tells',
    [
      [-60, voice, about('buffers'), 'import'],
      [-20, voice, null, 'import'],
    ],
    ['possible low: name, Whoever works on buffers asks first, and writes down why.'],
  ],
  [
    'the settings go',
    [
      [-60, 'settings.json', settings],
      [60, 'settings.json', null],
    ],
    ['possible high: model, permissions'],
  ],
  [
    'the settings of one profile go, the rest of it stays',
    [
      [-60, 'profiles/work/settings.local.json', settings],
      [-60, 'profiles/work/CLAUDE.md', 'Ask first.\n'],
      [60, 'profiles/work/settings.local.json', null],
    ],
    ['possible high: model, permissions'],
  ],
  [
    'switches alone go',
    [
      [-60, 'settings.local.json', '{ "model": "opus", "verbose": true }'],
      [60, 'settings.local.json', null],
    ],
    ['possible medium: model, verbose'],
  ],
  [
    'the registry of plugins goes',
    [
      [-60, 'plugins/known_marketplaces.json', '{ "house": { "source": "github", "repo": "me/house" } }'],
      [60, 'plugins/known_marketplaces.json', null],
    ],
    ['possible medium: house'],
  ],
  [
    'servers beside the home go, in a file that is written all day',
    [
      ...Array.from(
        { length: 30 },
        (_, i): Line => [i * 20, '../.claude.json', `{ "starts": ${i}, "mcpServers": { "pg": { "command": "pg" } } }`],
      ),
      [700, '../.claude.json', null],
    ],
    ['possible high: starts, mcpServers'],
  ],
  [
    'keys and a status line go',
    [
      [-60, 'keybindings.json', '{ "bindings": [{ "key": "ctrl+k", "command": "clear" }] }'],
      [-60, 'statusline.sh', 'echo "$PWD"\n'],
      [60, 'keybindings.json', null],
      [61, 'statusline.sh', null],
    ],
    ['possible high: bindings', 'possible medium: echo "$PWD"'],
  ],
  [
    'most skills are swept into a hidden folder',
    [
      ...[...five, 'f-6'].map((name): Line => [-60, skill(name), about(name)]),
      ...five.flatMap((name, i): Line[] => [
        [60 + i / 100, `skills/.trash/17-${i}/${name}/SKILL.md`, about(name)],
        [60 + i / 100, skill(name), null],
      ]),
    ],
    ['e-5', 'd-4', 'c-3', 'b-2', 'a-1'].map(name => said('possible high', name)),
  ],
  [
    'most commands are swept into a folder that the client does not load',
    [
      ...five.map((name): Line => [-60, `commands/${name}.md`, about(name)]),
      ...five.slice(1).flatMap((name, i): Line[] => [
        [60 - i / 100, `commands-unused/${name}.md`, about(name)],
        [60 - i / 100, `commands/${name}.md`, null],
      ]),
    ],
    five.slice(1).map(name => said('possible medium', name)),
  ],
  [
    'all agents are called otherwise, so that they are not loaded',
    [
      ...five.slice(2).map((name): Line => [-60, `agents/${name}.md`, about(name)]),
      ...five.slice(2).flatMap((name, i): Line[] => [
        [60 - i / 100, `agents/${name}.md.off`, about(name)],
        [60 - i / 100, `agents/${name}.md`, null],
      ]),
    ],
    five.slice(2).map(name => said('possible high', name)),
  ],
  [
    'rules are swept away, and the copies die, too: one loss, where they were read',
    [
      ...five.map((name): Line => [-60, `rules/${name}.md`, about(name)]),
      ...five.flatMap((name, i): Line[] => [
        [60 + i / 100, `rules/.trash/${name}.md`, about(name)],
        [60 + i / 100, `rules/${name}.md`, null],
      ]),
      ...five.map((name, i): Line => [6_000 + i / 100, `rules/.trash/${name}.md`, null]),
    ],
    ['e-5', 'd-4', 'c-3', 'b-2', 'a-1'].map(name => said('possible medium', name)),
  ],
  [
    'the only instructions are called otherwise, and none are made in their place',
    [
      [-60, 'CLAUDE.md', about('buffers')],
      [60, 'CLAUDE.md.bak', about('buffers')],
      [60, 'CLAUDE.md', null],
    ],
    [said('possible medium', 'buffers')],
  ],
  [
    'one skill is put away: listed, not shouted',
    [
      ...five.map((name): Line => [-60, skill(name), about(name)]),
      [60, 'skills/_archive/a-1/SKILL.md', about('a-1')],
      [60, skill('a-1'), null],
    ],
    [said('possible low', 'a-1')],
  ],
  [
    'one of two is put away: listed, not shouted',
    [
      ...five.slice(3).map((name): Line => [-60, skill(name), about(name)]),
      [60, 'skills/_archive/d-4/SKILL.md', about('d-4')],
      [60, skill('d-4'), null],
    ],
    [said('possible low', 'd-4')],
  ],
  [
    'one skill is put away, and the copy dies weeks later',
    [
      ...five.map((name): Line => [-60, skill(name), about(name)]),
      [60, 'skills/.trash/a-1/SKILL.md', about('a-1')],
      [60, skill('a-1'), null],
      [50_000, 'skills/.trash/a-1/SKILL.md', null],
    ],
    [said('possible high', 'a-1')],
  ],
  [
    'a few of many are put away: listed, not shouted',
    [
      ...[...five, 'f-6', 'g-7', 'h-8'].map((name): Line => [-60, `commands/${name}.md`, about(name)]),
      ...five.slice(2).flatMap((name, i): Line[] => [
        [60 - i / 100, `commands/_deprecated/${name}.md`, about(name)],
        [60 - i / 100, `commands/${name}.md`, null],
      ]),
    ],
    five.slice(2).map(name => said('possible low', name)),
  ],
  [
    'the rest follows others into an archive that is in use: listed, not shouted',
    [
      [-600, 'commands/archive/old.md', about('steam')],
      ...five.map((name): Line => [-60, `commands/${name}.md`, about(name)]),
      ...five.flatMap((name, i): Line[] => [
        [100 - i / 100, `commands/archive/${name}.md`, about(name)],
        [100 - i / 100, `commands/${name}.md`, null],
      ]),
    ],
    five.map(name => said('possible low', name)),
  ],
  [
    'notes that no program reads go into an archive: listed, not shouted',
    [
      ...five.map((name): Line => [-60, `handoffs/${name}.md`, about(name)]),
      ...five.flatMap((name, i): Line[] => [
        [60 - i / 100, `handoffs/archive/${name}.md`, about(name)],
        [60 - i / 100, `handoffs/${name}.md`, null],
      ]),
    ],
    five.map(name => said('possible low', name)),
  ],
  [
    'a profile goes with all that it held: listed, not shouted',
    [
      [-60, 'profiles/work/settings.json', settings],
      [-60, 'profiles/work/CLAUDE.md', about('work')],
      [-60, 'profiles/work/skills/a/SKILL.md', about('a')],
      [60, 'profiles/work/settings.json', null],
      [60.1, 'profiles/work/CLAUDE.md', null],
      [60.2, 'profiles/work/skills/a/SKILL.md', null],
    ],
    [said('possible low', 'a'), said('possible low', 'work'), 'possible low: model, permissions'],
  ],
  [
    'a registry is followed by its next form: listed, not shouted',
    [
      [-60, 'plugins/installed.json', '{ "house": { "source": "github", "repo": "me/house" } }'],
      [
        60,
        'plugins/installed_v2.json',
        '{ "version": 2, "all": { "house": [{ "source": "github", "scope": "user" }] } }',
      ],
      [60, 'plugins/installed.json', null],
    ],
    ['possible low: house'],
  ],
  [
    'the trash is emptied, of which nothing else is known: listed, not shouted',
    [
      [-60, 'skills/.trash/a/SKILL.md', about('a')],
      [60, 'skills/.trash/a/SKILL.md', null],
    ],
    [said('possible low', 'a')],
  ],
];

const quiet: readonly (readonly [title: string, lines: readonly Line[]])[] = [
  [
    'it moves',
    [
      [-60, voice, about('buffers')],
      [60, voice, null],
      [60, `${memory}/buffers.md`, about('buffers')],
    ],
  ],
  [
    'it moves to another folder, and is worded a little better',
    [
      [-60, voice, `${about('buffers')}\nA buffer lives as long as its recorder, and is never shared by two.\n`],
      [
        59,
        'skills/buffers/SKILL.md',
        '# Buffers\n\nWhoever works on buffers asks first, and writes down why. A buffer lives as\nlong as its recorder. Never shared by two.\n',
      ],
      [60, voice, null],
    ],
  ],
  [
    'three are gathered into one',
    [
      [-60, `${memory}/a.md`, about('apples')],
      [-60, `${memory}/b.md`, about('pears')],
      [-60, `${memory}/fruit.md`, '# Fruit\n\nFruit rots.\n'],
      [
        40,
        `${memory}/fruit.md`,
        '# Fruit\n\nFruit rots.\n\n- Whoever works on apples asks first, and writes down why.\n- Whoever works on pears asks first, and writes down why.\n',
      ],
      [60, `${memory}/a.md`, null],
      [60, `${memory}/b.md`, null],
    ],
  ],
  [
    'a copy stands elsewhere since long',
    [
      [-600, `${memory}/buffers.md`, about('buffers')],
      [-600, voice, about('buffers')],
      [60, voice, null],
    ],
  ],
  [
    'the project is purged',
    [
      [-60, 'projects/x/1.jsonl', '{}\n'],
      [-60, 'projects/x/2.jsonl', '{"a":1}\n'],
      [-60, voice, about('buffers')],
      [60, 'projects/x/1.jsonl', null],
      [60, 'projects/x/2.jsonl', null],
      [60, voice, null],
    ],
  ],
  [
    'the project is purged, its transcripts were never kept',
    [
      [-60, '../.claude.json', '{"projects":{"/home/me/x y":{},"/home/me/z":{}}}'],
      [-60, 'projects/-home-me-x-y/memory/a.md', about('a')],
      [60, '../.claude.json', '{"projects":{"/home/me/z":{}}}'],
      [60, 'projects/-home-me-x-y/memory/a.md', null],
    ],
  ],
  [
    'a plan is swept',
    [
      [-60, 'plans/brave-otter.md', about('otters')],
      [60, 'plans/brave-otter.md', null],
    ],
  ],
  [
    'what a session spilled goes with it',
    [
      [-60, 'projects/x/0b5c8a34-1111-4222-8333-444455556666/tool-results/a.txt', 'much\n'],
      [60, 'projects/x/0b5c8a34-1111-4222-8333-444455556666/tool-results/a.txt', null],
    ],
  ],
  [
    'it is back soon',
    [
      [-60, voice, about('buffers')],
      [60, voice, null],
      [68, voice, 'Buffers are copied.\n'],
    ],
  ],
  [
    'it is back later, nearly as it was',
    [
      [
        -60,
        voice,
        `${about('buffers')}\nA buffer lives as long as its recorder, and is never shared by two of them.\n`,
      ],
      [60, voice, null],
      [
        180,
        voice,
        `${about('buffers')}\nA buffer lives as long as its recorder, and is never shared by two of these.\n`,
      ],
    ],
  ],
  [
    'it lived for minutes',
    [
      [0, voice, about('buffers')],
      [5, voice, null],
    ],
  ],
  [
    'a draft lived for an hour',
    [
      [0, `${memory}/draft-buffers.md`, about('buffers')],
      [60, `${memory}/draft-buffers.md`, null],
    ],
  ],
  [
    'it was empty, or a heading',
    [
      [-60, voice, '\n'],
      [-60, `${memory}/a.md`, '# Later\n'],
      [60, voice, null],
      [60, `${memory}/a.md`, null],
    ],
  ],
  [
    'a program had made it',
    [
      [-60, 'hooks/x.sh', '# Auto-generated by the installer\necho x\n'],
      [-60, 'notes/api.md', '<!-- auto-generated, see the script -->\nCalls.\n'],
      [60, 'hooks/x.sh', null],
      [60, 'notes/api.md', null],
    ],
  ],
  [
    'a program takes away what it brought',
    [
      [-60, skill('recorder'), about('recorders')],
      [-60, 'skills/registry.json', '{"skills":["recorder","other"]}'],
      [60, skill('recorder'), null],
      [60, 'skills/registry.json', '{"skills":["other"]}'],
    ],
  ],
  [
    'undertext took back what it had put there',
    [
      [0, voice, about('buffers'), 'restore'],
      [60, voice, null, 'restore'],
    ],
  ],
  [
    'what a program writes for itself goes',
    [
      [-60, 'sessions/4711.json', '{ "pid": 4711, "name": "x" }'],
      [-60, 'todos/x.json', '[{ "content": "ship", "status": "done" }]'],
      [-60, 'tasks/x/1.json', '{ "subject": "ship" }'],
      [-60, 'usage-cache.json', '{ "days": { "monday": 3 } }'],
      [-60, 'plugins/install-counts.json', '{ "house": { "count": 3 } }'],
      [-60, '.last-result.json', '{ "ok": true }'],
      [-60, 'device.json', '{ "id": "0b5c8a3411114222", "since": 1764500000000 }'],
      [-60, 'projects/x/sessions-index.json', '{ "entries": [{ "title": "ship" }] }'],
      ...['sessions/4711.json', 'todos/x.json', 'tasks/x/1.json', 'usage-cache.json', '.last-result.json'].map(
        (path): Line => [60, path, null],
      ),
      ...['plugins/install-counts.json', 'device.json', 'projects/x/sessions-index.json'].map(
        (path): Line => [60, path, null],
      ),
    ],
  ],
  [
    'what is written all day goes, and holds nothing that somebody chose',
    [
      ...Array.from({ length: 30 }, (_, i): Line => [i * 20, 'usage.json', `{ "by": { "opus": ${i} } }`]),
      [700, 'usage.json', null],
    ],
  ],
  [
    'the settings are deleted and made anew',
    [
      [-60, 'settings.json', settings],
      [60, 'settings.json', null],
      [62, 'settings.json', '{ "model": "sonnet" }'],
    ],
  ],
  [
    'empty settings go',
    [
      [-60, 'settings.local.json', '{}\n'],
      [-60, 'mcp.json', '{ "mcpServers": {} }\n'],
      [60, 'settings.local.json', null],
      [60, 'mcp.json', null],
    ],
  ],
  [
    'local settings are taken over into the common ones',
    [
      [-60, 'settings.local.json', '{ "permissions": { "allow": ["Bash(make:*)", "Bash(pnpm test:*)"] } }'],
      [-60, 'settings.json', '{ "model": "opus" }'],
      [60, 'settings.json', '{ "model": "opus", "permissions": { "allow": ["Bash(make:*)", "Bash(pnpm test:*)"] } }'],
      [60, 'settings.local.json', null],
    ],
  ],
  [
    'a memory is put into the archive, and its line goes with it',
    [
      [-60, voice, about('buffers')],
      [-60, index, `# M\n\n${line}`],
      [60, `${memory}/archive/voice-buffer.md`, about('buffers')],
      [60, voice, null],
      [61, index, '# M\n'],
    ],
  ],
  [
    'many skills become commands',
    [
      ...five.map((name): Line => [-60, skill(name), about(name)]),
      ...five.flatMap((name): Line[] => [
        [60, `commands/${name}.md`, about(name)],
        [60, skill(name), null],
      ]),
    ],
  ],
  [
    'all skills get another name',
    [
      ...five.map((name): Line => [-60, skill(name), about(name)]),
      ...five.flatMap((name): Line[] => [
        [60, skill(`my-${name}`), about(name)],
        [60, skill(name), null],
      ]),
    ],
  ],
];

testRule({
  rule: lostFile,
  told,
  extra: steps => ({ testimony: writersOf(steps) }),
  caught,
  quiet,
  mutants: [
    ['what moved is lost', ' || (await others.partElsewhere(death)) >= MOST', ''],
    ['what was gathered in part went too far', '(await others.partElsewhere(death)) >= SOME', 'false'],
    ['what came back is lost', "back !== 'like it' && ", ''],
    ['a purge is a loss', '(await isPurged(death)) || ', ''],
    ['settings are missed by nobody', "file.class === 'state' && isConfiguration(file)", 'false'],
    ['what a program writes is missed', " && !madeByProgram.test(nameOf(path).replace(format, ''))", ''],
    ['what is written all day is missed', 'lately.length <= WRITES_A_DAY && ', ''],
    ['stamps are missed', ' && stamps * 2 < units.length', ''],
    ['what somebody chose is lost in the counts', 'if (units.some(isChosen)) return true;', ''],
    ['switches weigh as much as servers', "return units.some(({ place }) => place !== '');", 'return true;'],
    ['a profile is a loss', 'if (profile && isGone', 'if (false && profile && isGone'],
    ['the next form of a registry is none', 'if (successor) return', 'if (false) return'],
    [
      'a copy anywhere is read',
      'if (copiesOf(death).some(file => mayHold(file, death.file) && !isOut(file.path))) return 1;',
      'if (copiesOf(death).length > 0) return 1;',
    ],
    ['one that is put away is a loss', 'const FEW = 3;', 'const FEW = 1;'],
    ['a few of many are a loss', 'moved.size * 2 >= before.size', 'true'],
    ['an archive in use is as bad', 'if (isUsualPlace(copy, death, folder)) return', 'if (false) return'],
    ['notes are loaded', '(!loaded.test(path) && !namedBy)', 'false'],
    ['a line that goes with it says nothing', 'if (copy || (bundle', 'if ((bundle'],
    ['a copy that dies is a loss of its own', 'filter(({ death }) => !isOfMoved(death, found))', 'filter(() => true)'],
    ['the trash is a place to read', 'if (isTrash(file.path)) return', 'if (false) return'],
    ['a move of many is a checkout', ' && !moved.has(now.blob)', ''],
    ['who took the line does not matter', ' && !(await areTwoHands(list.now, gone, tools))', ''],
    ['a line that went says nothing', 'const list = await others.leftOutBy(death);', 'const list = null as never;'],
    ['one may not delete what one wrote', "hand?.kind === 'session' && hand.id === hands[0]?.id", 'false'],
    ['many are as few', "severity: isMany && isGrave ? 'medium' : 'low'", "severity: 'low'"],
    ['a checkout speaks against an index', 'if (!namedBy) return weak(why);', 'return weak(why);'],
    ['a clean-up is an alarm', 'if (isMany && !isGrave && ', 'if (false && isMany && '],
    ['what lived for minutes is missed', 'lived < shortMinutes * 60_000', 'false'],
    ['drafts are missed', 'isScratch || isSwept', 'isSwept'],
    [
      'a young one that a stale tree took is left out',
      "!death.isShort || (await tools.stroke(death.gone))?.says === 'lost'",
      '!death.isShort',
    ],
    ['whose line stays does not matter', 'if (namedBy) return', 'if (false) return'],
    ['any line of it elsewhere will do', 'const MOST = 0.6;', 'const MOST = 0.1;'],
    [
      'a part is as grave as its skill',
      "bundle && isGone(bundle, folder) && nameOf(file.path) !== 'SKILL.md'",
      'false',
    ],
    ['a checkout is as grave', 'length >= TREE', 'length >= 99'],
    ['what a program made is missed', 'if (said && ', 'if (false && said && '],
  ],
});

describe('lost-file', () => {
  it('says how many went together, and that its text can be put back', async () => {
    const lines: readonly Line[] = [
      [-60, voice, about('buffers')],
      [-60, `${memory}/a.md`, about('apples')],
      [60, voice, null],
      [60.5, `${memory}/a.md`, null],
    ];
    const { incidents } = await audit(told(lines), [lostFile]);
    const [first] = incidents;
    expect(incidents.map(({ message }) => message.replace(/at [\d:]+/, 'at T'))).toEqual([
      `the file was deleted at T, and with it 1 field and 1 block: one of 2 files that went from ${memory} within 30 s`,
      `the file was deleted at T, and with it 1 field and 1 block: one of 2 files that went from ${memory} within 30 s`,
    ]);
    expect(first!.restore).toBe(`undertext restore ${first!.id}`);
  });

  it('what stood there at the first look, moments before, came there long ago', async () => {
    const shared = 'Ask first. Write down why. Then tell the others on the list.';
    const found = { how: 'scan', seenAt: noon } as const;
    const old = noon - 7_200_000;
    const steps: readonly Step[] = [
      { path: 'notes/a.md', at: old, text: `${shared} Apples.\n`, ...found },
      { path: 'notes/b.md', at: old, text: `${shared} Pears.\n`, ...found },
      { path: 'notes/a.md', at: noon + 60_000, text: `${shared} Ripe apples.\n` },
      { path: 'notes/b.md', at: noon + 120_000, text: null },
    ];
    const { incidents } = await audit(steps, [lostFile]);
    expect(incidents.map(({ path }) => path)).toEqual(['notes/b.md']);
  });

  it('is over when the file is back, and open again when that is undone', async () => {
    const lines: readonly Line[] = [
      [-60, voice, about('buffers')],
      [60, voice, null],
    ];
    const back: readonly Line[] = [...lines, [90, voice, about('buffers'), 'restore']];
    const undone: readonly Line[] = [...back, [100, voice, null, 'restore']];
    const first = await audit(told(lines), rules);
    const second = await audit(told(back), rules, { notes: first.notes });
    const notes = [...first.notes, ...second.notes];
    const third = await audit(told(undone), rules, { notes });
    const ids = [first, second, third].map(({ incidents }) => incidents.map(({ id }) => id));
    expect(ids[1]).toEqual(ids[0]);
    expect(ids[2]).toEqual(ids[0]);
    expect([first, second, third].map(({ incidents }) => incidents.map(({ state }) => state))).toEqual([
      ['open'],
      ['resolved'],
      ['open'],
    ]);
    expect(second.incidents[0]!.closed).toMatch(/^restored at /);
  });

  it('is over when it turns out that the file only moved', async () => {
    const lines: readonly Line[] = [
      [-60, voice, about('buffers')],
      [60, voice, null],
    ];
    const first = await audit(told(lines), [lostFile]);
    const moved = told([...lines, [65, `${memory}/sound.md`, about('buffers')]]);
    const second = await audit(moved, [lostFile], { notes: first.notes });
    expect(second.incidents.map(({ state, closed }) => [state, closed])).toEqual([
      ['resolved', 'it is in order again'],
    ]);
  });

  it('brings back a file that is no text', async () => {
    const steps = told([
      [-60, 'skills/a/SKILL.md', about('a')],
      [-60, 'skills/a/logo.png', '\u0000PNG\u0000'],
      [60, 'skills/a/logo.png', null],
    ]);
    const { incidents } = await audit(steps, [lostFile]);
    expect(incidents.map(inShort)).toEqual(['possible high: logo.png']);
    expect(incidents[0]!.fingerprints).toHaveLength(1);
  });

  it.each([
    [10, ['possible medium']],
    [40, []],
  ])('a plan that is kept as a text of its own, deleted after %i days', async (days, said) => {
    const steps = told([
      [0, 'plans/brave-otter.md', about('otters')],
      [days * 1440, 'plans/brave-otter.md', null],
    ]);
    const { histories, read, end } = world(steps);
    const base = { rules: [lostFile], options: {}, isNoise: () => false, notes: [], now: end + 3_600_000 };
    const { incidents } = await runAudit({ ...base, histories, read });
    expect(incidents.map(({ certainty, severity }) => `${certainty} ${severity}`)).toEqual(said);
  });

  it.each([
    ['config.toml', 'model = "big"\n\n[mcp_servers.pg]\ncommand = "pg"\n', 'high'],
    ['config.toml', 'model = "big"\n', 'medium'],
    ['.mcp.json', '{ "mcpServers": { "pg": { "command": "pg" } } }', 'high'],
    ['profiles/work/keybindings.json', '{ "bindings": { "ctrl+k": "clear" } }', 'high'],
    ['plugins/installed_plugins.json', '{ "version": 2, "plugins": { "a@house": [{ "scope": "user" }] } }', 'medium'],
  ])('of the deleted %s with %j it says that it is %s', async (path, text, severity) => {
    const steps = told([
      [-60, path, text],
      [60, path, null],
    ]);
    const { incidents } = await audit(steps, [lostFile]);
    expect(incidents.map(incident => [incident.certainty, incident.severity])).toEqual([['possible', severity]]);
  });

  it('what comes and goes by design is told twice, and then no more', async () => {
    const lines = [0, 1, 2, 3].flatMap((day): Line[] => [
      [day * 1440, 'report.md', `All of day ${day} went well, and nothing was left.\n`],
      [day * 1440 + 600, 'report.md', null],
    ]);
    const { incidents } = await audit(told(lines), [lostFile]);
    expect(incidents).toHaveLength(2);
  });
});

describe('lost-file, of what was undone', () => {
  it('lists a deletion that somebody undid before an audit saw it, as resolved', async () => {
    const lines: readonly Line[] = [
      [-60, voice, about('buffers')],
      [60, voice, null],
      [180, voice, about('buffers')],
    ];
    const { incidents } = await audit(told(lines), [lostFile]);
    expect(incidents.map(({ state, closed }) => [state, closed?.replace(/[\d:]+$/, 'T')])).toEqual([
      ['resolved', 'the text is back since the write of T'],
    ]);
  });

  it('knows it again by its text when something was added to it', async () => {
    const lines: readonly Line[] = [
      [-60, voice, about('buffers')],
      [60, voice, null],
      [180, voice, `${about('buffers')}\nNever share one.\n`],
      [240, voice, 'Something else.\n'],
    ];
    const { incidents } = await audit(told(lines), [lostFile]);
    expect(incidents.map(({ state }) => state)).toEqual(['resolved']);
  });

  it('names a deletion that is too young to be judged', async () => {
    const { histories, read, end } = world(
      told([
        [-60, voice, about('buffers')],
        [60, voice, null],
      ]),
    );
    const base = { rules: [lostFile], options: {}, isNoise: () => false, notes: [], histories, read };
    const young = await runAudit({ ...base, now: end + 20_000 });
    expect(young.incidents).toEqual([]);
    expect(young.waiting.map(({ path, until }) => [path, until - end])).toEqual([[voice, 60_000]]);
    const old = await runAudit({ ...base, now: end + 61_000 });
    expect([old.incidents.length, old.waiting.length]).toEqual([1, 0]);
  });

  it('says where a copy stands', async () => {
    const { incidents } = await audit(
      told([
        [-60, 'CLAUDE.md', about('buffers')],
        [60, 'CLAUDE.md.bak', about('buffers')],
        [60, 'CLAUDE.md', null],
      ]),
      [lostFile],
    );
    expect(incidents[0]!.findings[0]!.evidence.join('\n')).toContain('CLAUDE.md.bak');
  });
});

function told(lines: readonly Line[]): readonly Step[] {
  return lines.map(([minutes, path, text, who]) => ({
    path,
    at: noon + minutes * 60_000,
    text,
    ...(who === undefined || who === 'restore' || who === 'import' ? {} : { who }),
    how: who === 'restore' || who === 'import' ? who : minutes < 0 ? 'scan' : 'event',
  }));
}
