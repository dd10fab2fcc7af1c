/** TOML as tables and keys, and how they come back. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareUnits, counterpart } from '../../src/documents/compare.ts';
import { parseDocument } from '../../src/documents/document.ts';
import { gather } from '../../src/documents/gather.ts';
import { mend } from '../../src/documents/mend.ts';
import { mendSection } from '../../src/documents/mend-section.ts';
import { findSection } from '../../src/documents/sections.ts';
import { accounted } from './accounted.ts';

const read = (text: string) => parseDocument('config.toml', Buffer.from(text));
const said = (text: string) => read(text).units.map(({ kind, name, text: own }) => `${kind} ${name} | ${own}`);

const config = `# mine
model = "one" # the best

[servers.docs]
command = "docs"
args = ["--ro", "-v"]

# [servers.old]
# command = "old"

[servers.db]
url = "https://db.example"
env = { HOST = "db", PORT = 5 }

[[rules]]
id = 3
text = "never push on a friday"
`;

describe('the units of TOML', () => {
  it('are keys by table, values of lists, keys of inline tables, comments', () => {
    expect(said(config)).toEqual([
      'block mine | # mine',
      'member model | model = "one"',
      'block the best | # the best',
      'member servers.docs.command | command = "docs"',
      'member servers.docs.args: --ro | "--ro"',
      'member servers.docs.args: -v | "-v"',
      'block [servers.old] command = "old" | # [servers.old]\n# command = "old"',
      'member servers.db.url | url = "https://db.example"',
      'member servers.db.env.HOST | HOST = "db"',
      'member servers.db.env.PORT | PORT = 5',
      'member rules[id=3].id | id = 3',
      'member rules[id=3].text | text = "never push on a friday"',
    ]);
  });

  it.each([
    ['the order of tables', '[a]\nx = 1\n[b]\ny = 2\n', '[b]\ny = 2\n[a]\nx = 1\n'],
    ['how a table is spelled', '[a]\nx = { y = 1 }\n', '[a.x]\ny = 1\n'],
    ['a dotted key', 'a.x = 1\n', '[a]\nx = 1\n'],
    ['how a text is quoted', "x = 'a'\n", 'x = "a"\n'],
  ])('ignore %s', (_, one, other) => {
    const { removed, added } = compareUnits(read(one).units, read(other).units);
    expect([removed, added]).toEqual([[], []]);
  });

  it('a table without keys is one', () => {
    expect(said('[a.b]\n')).toEqual(['member a.b | [a.b]']);
  });

  it('a key with another value is an edit', () => {
    const [one, other] = [read('[a]\nx = "b"\n').units[0]!, read('[a]\nx = "c"\n').units[0]!];
    expect(counterpart(one, [other])).toBe(other);
  });

  it('are lines where it cannot be read', () => {
    const { broken, units } = read('[a\nx = 1\n');
    expect(broken).toMatch(/^invalid TOML in line 2 /);
    expect(units.map(({ kind }) => kind)).toEqual(['line', 'line']);
    expect(read(`a = ${'{a = '.repeat(3_000)}1${'}'.repeat(3_000)}\n`).limited).toMatch(/nested too deeply/);
    expect(read('a = 1\n'.repeat(50_000)).limited).toMatch(/longer than 200 thousand/);
  });

  it('are gathered to tables', () => {
    const document = read(config);
    const lost = document.units.filter(({ name }) => /servers/.test(name) && !/old|PORT/.test(name));
    expect(gather(lost, document).map(({ name }) => name)).toEqual([
      'servers.docs',
      'servers.db.url',
      'servers.db.env.HOST',
    ]);
  });

  it('whatever the bytes, account for the text', () => {
    const line = fc.constantFrom(
      '[a]',
      '[a.b]',
      '[[c]]',
      'x = 1',
      'y = "a b"',
      'z = [1, 2]',
      'k = { a = 1 }',
      '# c',
      '',
      'broken',
      'a.b = 2',
      '"q k" = \'v\'',
      's = """',
      '"""',
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), lines => void accounted('x.toml', Buffer.from(lines.join('\n')))),
      { numRuns: 1000 },
    );
  });
});

const back = (lost: string, present: string, base = present) => {
  const fingerprints = compareUnits(read(lost).units, read(present).units).removed.map(
    ({ fingerprint }) => fingerprint,
  );
  const mending = { path: 'config.toml', base: Buffer.from(base), lost: Buffer.from(lost), fingerprints };
  const mended = mend({ ...mending, present: Buffer.from(present) });
  expect(Buffer.compare(mend({ ...mending, present: mended.bytes }).bytes, mended.bytes), 'twice is once').toBe(0);
  return { text: Buffer.from(mended.bytes).toString(), asked: mended.conflicts.length };
};

describe('it comes back', () => {
  it.each<[string, string, string]>([
    ['a table, behind the one it stood behind', config, config.replace(/\[servers\.db\][\s\S]*?\n\n/, '')],
    ['the first table', config, config.replace(/\[servers\.docs\][\s\S]*?\n\n/, '')],
    ['the last one', config, config.slice(0, config.indexOf('\n[[rules]]'))],
    ['a key', config, config.replace('command = "docs"\n', '')],
    ['a key above all tables', config, config.replace('model = "one" # the best\n', '')],
    ['a value of a list', config, config.replace('"--ro", ', '')],
    ['a key of an inline table', config, config.replace(', PORT = 5', '')],
    ['a comment', config, config.replace('# [servers.old]\n# command = "old"\n\n', '')],
    ['a comment beside a key', config, config.replace(' # the best', '')],
    ['all of it', config, ''],
  ])('%s', (_, lost, present) => {
    const { text, asked } = back(lost, present);
    expect(asked).toBe(0);
    expect(text.replaceAll(/\n+/g, '\n').trim()).toBe(lost.replaceAll(/\n+/g, '\n').trim());
  });

  it('what came since stays, and a value that both changed is asked about', () => {
    const present = 'model = "two"\n\n[servers.new]\ncommand = "new"\n';
    const { text, asked } = back(config, present, 'model = "zero"\n');
    expect(asked).toBe(1);
    expect(text).toContain('# mine\nmodel = "two" # the best\n');
    for (const part of ['[servers.docs]', 'args = ["--ro", "-v"]', '[[rules]]', '[servers.new]'])
      expect(text).toContain(part);
  });

  it('a table by its name', () => {
    const present = config.replace('command = "docs"', 'command = "other"');
    const { section } = findSection(read(config), 'servers.docs');
    const mended = mendSection({
      path: 'config.toml',
      lost: Buffer.from(config),
      present: Buffer.from(present),
      section: section!,
    });
    expect(Buffer.from(mended!.bytes).toString()).toBe(config);
  });

  it('whatever the tables', () => {
    const key = fc.constantFrom('a', 'b', 'c');
    const value = fc.constantFrom('1', '"x y"', '["p", "q"]', '{ k = 1 }', 'true');
    const entries = fc.dictionary(key, value, { maxKeys: 3 });
    const file = fc.dictionary(fc.constantFrom('t', 'u', 'u.v', 'w'), entries, { maxKeys: 4 });
    const print = (tables: Record<string, Record<string, string>>): string =>
      Object.entries(tables)
        .map(
          ([name, all]) =>
            `[${name}]\n${Object.entries(all)
              .map(([k, v]) => `${k} = ${v}\n`)
              .join('')}`,
        )
        .join('\n');
    fc.assert(
      fc.property(file, file, (one, other) => {
        const [lost, present] = [print(one), print(other)];
        if (read(lost).broken !== null || read(present).broken !== null) return;
        const { text } = back(lost, present, '');
        const gone = compareUnits(read(present).units, read(text).units).removed.filter(
          unit => !unit.text.startsWith('['),
        );
        expect([read(text).broken, gone]).toEqual([null, []]);
      }),
      { numRuns: 500 },
    );
  });
});
