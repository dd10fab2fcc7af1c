/** Pages cannot lie: their examples are run, and nothing about a rule can be forgotten. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import { checkRule } from '../../src/audit/load-rules.ts';
import { parseDocument } from '../../src/documents/document.ts';
import { recordsOf, storiesOf } from '../../src/stories/page.ts';
import { audit, inShort, story } from '../helpers/stories.ts';

const folder = join(import.meta.dirname, '../../rules');
const names = (where: string, ending: string) =>
  readdirSync(where)
    .filter(name => name.endsWith(ending))
    .map(name => name.slice(0, -ending.length))
    .sort();
const ids = rules.map(rule => rule.id).sort();

describe('id = file = page = test = entry in the list', () => {
  it('files', () => expect(names(folder, '.ts').filter(name => name !== 'index')).toEqual(ids));
  it('pages', () => expect(names(folder, '.md').filter(name => name !== 'README')).toEqual(ids));
  it('tests', () => {
    const tests = names(import.meta.dirname, '.test.ts');
    expect(ids.filter(id => !tests.includes(id))).toEqual([]);
  });
  it.each(ids)('%s default-exports the rule of its name', async id => {
    const module = await import(`../../rules/${id}.ts`);
    expect(checkRule(module.default, `${id}.ts`).id).toBe(id);
  });
});

describe.each(rules.map(rule => [rule.id, rule] as const))('the page of %s', (id, rule) => {
  const page = readFileSync(join(folder, `${id}.md`), 'utf8');
  const stories = storiesOf(page);

  it('has its parts in their order', () => {
    expect(page.split('\n')[0]).toBe(`# ${id}`);
    expect(page).toContain(rule.summary);
    const parts = [...page.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
    expect(parts).toEqual(['Catches', 'Leaves alone', 'How to restore', 'Options', 'Known limits']);
  });

  it('names every option', () => {
    for (const option of Object.keys(rule.options)) expect(page).toContain(`\`${option}\``);
  });

  it('has a story that is caught and one that is not', () => {
    expect(stories.some(story => story.said.length > 0)).toBe(true);
    expect(stories.some(story => story.said.length === 0)).toBe(true);
  });

  it.each(stories.map(story => [story.title, story] as const))(
    'tells the truth: %s',
    async (_, { options, steps, said }) => {
      const { incidents, failedRules } = await audit(steps, [rule], {
        options: { [id]: options },
        ...recordsOf(steps),
      });
      expect(failedRules).toEqual([]);
      expect(incidents.map(inShort)).toEqual(said);
    },
  );
});

it('files split into the units that the README names', async () => {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8');
  const rows = readme
    .slice(readme.indexOf('### Units'), readme.indexOf('## Its page'))
    .matchAll(/^\| [^`|]+ \| `([a-z-]+)` /gm);
  const named = [...rows].map(([, kind]) => kind);
  const all: Record<string, string> = {
    'a.md': '---\nname: x\n---\n\n# Log\n\n- [one](a.md) more\n\n| a | b |\n|---|---|\n\nText.\n',
    'a.json': '{ "mcpServers": { "x": { "args": 1 } } }',
    'a.toml': '[mcp_servers.x]\nargs = 1 # why\n',
    'a.jsonl': '{"a":1}\n',
    'a.txt': 'one\n\n',
    'a.bin': '\0',
  };
  const units = Object.entries(all).flatMap(([path, text]) => parseDocument(path, Buffer.from(text)).units);
  expect(units.map(({ kind }) => kind)).toEqual(named);
  expect(units.map(({ name, text, place }) => [name, text, place])).toEqual([
    ['name', 'name: x', 'frontmatter'],
    ['Log', '# Log', ''],
    ['one', '- [one](a.md) more', 'Log'],
    ['a', '| a | b |\n|---|---|', 'Log'],
    ['Text.', 'Text.', 'Log'],
    ['mcpServers.x.args', '"args": 1', '/mcpServers/x'],
    ['mcp_servers.x.args', 'args = 1', '/mcp_servers/x'],
    ['why', '# why', '/mcp_servers/x'],
    ['{"a":1}', '{"a":1}', ''],
    ['one', 'one', ''],
    ['a.bin', '', ''],
  ]);
});

it('the whole rule of the README is one, and does what is said of it', async () => {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8');
  const source = /```ts\n([\s\S]*?)```/.exec(readme)![1]!;
  const file = join(import.meta.dirname, '.readme-rule.ts');
  writeFileSync(file, source.replaceAll("'undertext/rule'", "'../../src/rule.ts'"));
  try {
    const { default: value } = (await import(/* @vite-ignore */ file)) as { default: unknown };
    const rule = checkRule(value, 'README.md');
    const long = `A: one ${'x'.repeat(2001)}`;
    expect((await audit(story(['A: one', long, `${long} two`]), [rule])).incidents).toHaveLength(1);
    expect((await audit(story(['A: one', 'A: one two']), [rule])).incidents).toEqual([]);
  } finally {
    rmSync(file);
  }
});
