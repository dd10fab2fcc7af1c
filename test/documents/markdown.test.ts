/** What Markdown is taken apart into, and that cutting it first changes nothing. */
import fc from 'fast-check';
import type { List, Nodes } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmTableFromMarkdown } from 'mdast-util-gfm-table';
import { gfmTable } from 'micromark-extension-gfm-table';
import { describe, expect, it } from 'vitest';
import { parseDocument } from '../../src/documents/document.ts';

const read = (text: string) => parseDocument('notes.md', Buffer.from(text));
const told = (text: string) =>
  read(text).units.map(unit => `${unit.kind} ${unit.place ? `${unit.place} > ` : ''}${unit.name}`);

describe('the units of Markdown', () => {
  it.each<[string, string, readonly string[]]>([
    [
      'headings of both kinds',
      '# A\n\n## B ##\n\nC\n---\n\nD\n===\n',
      ['section A', 'section A > B', 'section A > C', 'section D'],
    ],
    ['a heading that skips a rank', '# A\n### B\n## C\n', ['section A', 'section A > B', 'section A > C']],
    ['up to three blanks before a heading', '   # A\n\n    # code\n', ['section A', 'block A > # code']],
    ['no heading in a fence', '```\n# no\n\n# no\n```\n# A\n', ['block # no # no ```', 'section A']],
    ['no heading in a comment', '<!--\n\n# no\n\n-->\n# A\n', ['block # no -->', 'section A']],
    ['no heading in an item', '- # no\n- a\n', ['list-item # no', 'list-item a']],
    [
      'items and the items nested in them',
      '- a\n  more\n  - b\n    - c\n- d\n',
      ['list-item a more', 'list-item b', 'list-item c', 'list-item d'],
    ],
    ['a link names its item', '- [x] **[voice](v.md)** — x\n1. [[wiki|W]] y\n', ['list-item voice', 'list-item wiki']],
    ['a heading right above a list', '# A\n- b\ntext\n', ['section A', 'list-item A > b text']],
    ['rows; the header with its line of dashes is one', '|a|b|\n|-|-|\n|c|d|\n', ['table-row a', 'table-row c']],
    [
      'fields by dotted key',
      '---\na: 1\nb:\n  c: 2\n  d: [3]\n---\n# T\n',
      ['field frontmatter > a', 'field frontmatter > b.c', 'field frontmatter > b.d', 'section T'],
    ],
    [
      'a key behind a question mark, which has no colon of its own',
      '---\n? a\nb: 1\n---\n',
      ['field frontmatter > a', 'field frontmatter > b'],
    ],
    [
      'a field that YAML refuses hides no other',
      '---\nname: x\ndescription: a: b: c\n---\n',
      ['field frontmatter > name', 'field frontmatter > description'],
    ],
    ['block quotes whole', '> a\n> - b\nlazy\n', ['block a > - b lazy']],
    ['definitions one by one', '[a]: b\n[c]: d\n', ['block [a]: b', 'block [c]: d']],
    ['a rule is no frontmatter', '---\n\ntext\n', ['block ---', 'block text']],
    ['nothing', '', []],
  ])('%s', (_, text, expected) => {
    expect(told(text)).toEqual(expected);
    expect(told(text.replaceAll('\n', '\r\n'))).toEqual(expected);
  });

  it('offsets cover the text of the unit', () => {
    const text = '---\na: 1\n---\n# A  \n\n- b  \n  - c\n\n|a|b|\n|-|-|\n| c | d |  \n\n> q\n';
    for (const unit of read(text).units) expect(text.slice(unit.start, unit.end)).toBe(unit.text);
    expect(read(text).units.map(unit => unit.text)).toEqual([
      'a: 1',
      '# A',
      '- b',
      '- c',
      '|a|b|\n|-|-|',
      '| c | d |',
      '> q',
    ]);
  });

  it('an unclosed frontmatter is broken and read as lines', () => {
    const { broken, units } = read('---\nname: x\n\n# A\n');
    expect(broken).toBe('the frontmatter is not closed');
    expect(units.map(unit => unit.kind)).toEqual(['line', 'line', 'line']);
  });
});

describe('fingerprints of Markdown', () => {
  it.each<[string, string, string]>([
    ['trailing blanks', 'a  \nb\n', 'a\nb'],
    ['line ends', '- a\n- b\n', '- a\r\n- b\r\n'],
    ['wrapping', 'one two\nthree\n', 'one\ntwo three\n'],
    ['list markers', '- a\n- b\n', '* a\n* b\n'],
    ['numbers', '1. a\n2. b\n', '3) a\n4) b\n'],
    ['indentation', '- a\n  - b\n', '- a\n    - b\n'],
    ['the style of a heading', '# A\n', 'A\n=\n'],
    ['padding of tables', '|a|b|\n|-|-|\n|c|d|\n', '| a  | b |\n|:---|---|\n| c  | d |\n'],
    ['quotes around a field', '---\na: "x"\n---\n', "---\na:   'x'\n---\n"],
    ['the heading above', '# A\n\ntext\n\n# B\n', '# A\n\n# B\n\ntext\n'],
    ['a byte order mark', '# A\n', '\ufeff# A\n'],
    ['a bad byte elsewhere', 'grün\n', 'grün\n'],
  ])('ignore %s', (_, one, other) => {
    const prints = (text: string) =>
      read(text)
        .units.map(unit => unit.fingerprint)
        .sort();
    expect(prints(one)).toEqual(prints(other));
  });

  it.each<[string, string, string]>([
    ['a ticked box', '- [ ] a\n', '- [x] a\n'],
    ['a word', 'a b\n', 'a c\n'],
    ['indentation inside a fence', '```\nif\n  a\n```\n', '```\nif\na\n```\n'],
    ['another kind', 'a\n', '- a\n'],
    ['another key', '---\na: 1\n---\n', '---\nb: 1\n---\n'],
  ])('see %s', (_, one, other) => {
    expect(read(one).units[0]!.fingerprint).not.toBe(read(other).units[0]!.fingerprint);
  });

  it('of a line are the same in a file with a bad byte', () => {
    const bad = Buffer.concat([Buffer.from('grün\n\n'), Buffer.of(0xff, 0x0a)]);
    const units = parseDocument('notes.md', bad).units;
    expect(units[0]).toMatchObject({ name: 'grün', fingerprint: read('grün\n').units[0]!.fingerprint });
  });
});

/** The whole document at once, with inline syntax, as the library reads it. */
function reference(text: string): readonly string[] {
  const tree = fromMarkdown(text, { extensions: [gfmTable()], mdastExtensions: [gfmTableFromMarkdown()] });
  const found: string[] = [];
  const say = (kind: string, start: number, end: number) => {
    found.push(`${kind} ${start} ${start + text.slice(start, end).replace(/[ \t\r\n]+$/, '').length}`);
  };
  const range = (node: Nodes) => [node.position!.start.offset!, node.position!.end.offset!] as const;
  const list = (node: List): void => {
    for (const item of node.children) {
      const nested = item.children.findIndex(child => child.type === 'list');
      const own = nested < 0 ? item.children : item.children.slice(0, nested);
      const start = range(item)[0];
      const marker = /^(?:[-*+]|\d+[.)])/.exec(text.slice(start))![0].length;
      say(
        'list-item',
        start,
        own.length > 0 ? range(own[own.length - 1]!)[1] : nested < 0 ? range(item)[1] : start + marker,
      );
      for (const child of nested < 0 ? [] : item.children.slice(nested)) {
        if (child.type === 'list') list(child);
        else say('block', ...range(child));
      }
    }
  };
  for (const node of tree.children) {
    if (node.type === 'heading') say('section', ...range(node));
    else if (node.type === 'list') list(node);
    else if (node.type === 'table') {
      for (const [index, row] of node.children.entries()) {
        const dashes = /^[^\r\n]*(?:\r\n|\n|\r)[^\r\n]*/.exec(text.slice(range(row)[0]))?.[0].length ?? 0;
        say('table-row', range(row)[0], index === 0 ? range(row)[0] + dashes : range(row)[1]);
      }
    } else say('block', ...range(node));
  }
  return found;
}

/** Lines that Markdown trips over. */
const line = fc.constantFrom(
  '',
  '',
  '',
  'text',
  'more text',
  'x | y',
  '--- | ---',
  '| a | b |',
  '|---|---|',
  '# H',
  '## H two #',
  '#',
  '#no',
  '   # three',
  '    # code',
  '- a',
  '- b',
  '* c',
  '+ d',
  '1. one',
  '2) two',
  '10. ten',
  '- [x] done',
  '- [l](m) n',
  '- **b**',
  '-',
  '  - nested',
  '    - deeper',
  '\t- tab',
  '  para in item',
  '    code',
  '```',
  '```sh',
  '~~~',
  '    ```',
  '- ```',
  '> quote',
  '> - in quote',
  '>',
  '---',
  '===',
  '***',
  '- - -',
  '* * *',
  '<!--',
  '-->',
  '<!-- one -->',
  '<div>',
  '</div>',
  '<script>',
  '</script>',
  '<?php',
  '?>',
  '[a]: b',
  '[c]:',
  '`code`',
  '- `code` x',
  'ünïcode',
  '\u00a0nbsp',
  '  ',
  '- # h',
  '- "q"',
  'a <!-- b',
  '   - in three',
  '1. first',
  '   1. nested first',
  '  - 2024 was',
  '**bold** text',
  '  more of it',
  '````',
  ' ```',
  '~~~ x',
);

describe('cutting before parsing', () => {
  it('finds what the library finds in the whole', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 14 }), fc.constantFrom('\n', '\r\n', '\r'), (lines, end) => {
        const text = `x\n\n${lines.join(end)}`.replaceAll('\n', end).replaceAll('\r\r', '\r');
        const found = read(text).units.map(unit => `${unit.kind} ${unit.start} ${unit.end}`);
        expect(found).toEqual(reference(text));
      }),
      { numRuns: 1500 },
    );
  });
});

describe('input that nobody writes', () => {
  it.each<[string, string, string]>([
    ['brackets', 'x.json', '['.repeat(100_000)],
    ['braces', 'x.json', '{"a":'.repeat(100_000)],
    ['brackets in Markdown', 'x.md', '['.repeat(100_000)],
    ['quotes', 'x.md', '>'.repeat(100_000)],
    ['quotes with blanks', 'x.md', '> '.repeat(50_000)],
    ['nested items', 'x.md', '- '.repeat(50_000)],
    ['numbered items', 'x.md', '1. '.repeat(30_000)],
    ['items, each deeper', 'x.md', Array.from({ length: 300 }, (_, depth) => `${'  '.repeat(depth)}- x`).join('\n')],
    ['stars', 'x.md', '*a '.repeat(30_000)],
    ['fences', 'x.md', '```\n\nx\n'.repeat(5_000)],
    ['fences that are open', 'x.md', `\`\`\`\n${'\nx\n'.repeat(20_000)}`],
    ['comments that are open', 'x.md', '<!--\n\nx\n\n'.repeat(10_000)],
    ['a long paragraph', 'x.md', 'x <b> y\n'.repeat(30_000)],
    ['flow maps in frontmatter', 'x.md', `---\na: ${'{b: '.repeat(20_000)}\n---\n`],
    [
      'aliases in frontmatter',
      'x.md',
      `---\na: &a [1,1]\n${Array.from({ length: 30 }, (_, n) => `k${n}: &k${n} [*${n ? `k${n - 1}` : 'a'}, *${n ? `k${n - 1}` : 'a'}]`).join('\n')}\n---\n`,
    ],
    ['NUL bytes', 'x.md', 'a\0b'],
    ['one long line', 'x.txt', 'x'.repeat(1_000_000)],
    ['blanks', 'x.md', ' '.repeat(300_000)],
    ['tabs and text', 'x.md', `${'\t'.repeat(100_000)}x`],
    ['half an emoji', 'x.md', '\ud83d'],
  ])('%s are read in bounded time', (_, path, text) => {
    const document = parseDocument(path, Buffer.from(text));
    expect(document.units.length).toBeLessThanOrEqual(200_000);
    let last = 0;
    for (const unit of document.units) {
      expect(unit.start).toBeGreaterThanOrEqual(last);
      last = unit.end;
    }
  });
});
