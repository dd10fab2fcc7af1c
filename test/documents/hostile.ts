/** Documents that nobody writes by hand: long, deep, or made to take a parser quadratic time. Each is one line to read. */

export interface Hostile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

const many = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => `${line(index)}\n`).join('');
const members = (count: number, member: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => member(index)).join(',\n');
const deep = (open: string, close: string, levels: number, inside = ''): string =>
  open.repeat(levels) + inside + close.repeat(levels);
const wide16 = (text: string): Uint8Array => Buffer.from(`\ufeff${text}`, 'utf16le');
const laughs = (value: (name: string) => string): string =>
  [...'bcdefghijklmn'].map((name, index) => `${name}: &${name} ${value('abcdefghijklmn'[index]!)}\n`).join('');

const texts: Record<string, Record<string, string | Uint8Array>> = {
  'a.txt': {
    '10 MB in one line': 'word '.repeat(2_000_000),
    '10 MB of lines': many(250_000, index => `line ${index} with some words in it here`),
    '49,000 lines': many(49_000, index => `line ${index} with some words in it here`),
    '49,000 equal lines': 'same\n'.repeat(49_000),
    '4 MB of line ends': '\n'.repeat(4_000_000),
    '4 MB of blanks': ' '.repeat(4_000_000),
    'blanks before a word': `${' '.repeat(100_000)}x\n`.repeat(30),
    '2 MB of lone CRs': 'x\r'.repeat(1_000_000),
    NULs: '\0'.repeat(5_000_000),
    'bytes that are no UTF-8': Buffer.alloc(3_000_000, 0xff),
    'lone surrogates': wide16('\ud800 \udc00x\n'.repeat(40_000)),
    'links that never close': many(300, index => `- [a${index}](${'b'.repeat(4000)}`),
  },
  'a.jsonl': {
    'two records of 5 MB': `{"a":"${'x'.repeat(5_000_000)}"}\n{"b":"${'y'.repeat(5_000_000)}"}\n`,
    '200,000 records': many(200_000, index => `{"n":${index}}`),
    'records that nest': `${'['.repeat(1_000_000)}\n${'{"a":'.repeat(200_000)}\n`,
  },
  'a.md': {
    '4 MB of paragraphs': many(20_000, index => `para ${index} ${'words '.repeat(30)}\n`),
    '100,000 items': many(100_000, index => `- item ${index}`),
    '100,000 headings': many(100_000, index => `# h ${index}`),
    'a heading of 1 MB above 30,000 paragraphs': `# ${'n'.repeat(1_000_000)}\n${many(30_000, index => `p ${index}\n`)}`,
    'quotes in quotes': `${'>'.repeat(100_000)}x`,
    'quotes of 59 levels': `${'>'.repeat(59)}x\n`.repeat(1600),
    brackets: '['.repeat(100_000),
    '10,000 nested lists': many(2_000, index => `${' '.repeat(2 * index)}- x`),
    'lists on one line': `${'- '.repeat(50_000)}x`,
    'lists of 59 levels': `${'- '.repeat(59)}x\n`.repeat(800),
    'quotes of lists': `${'> - '.repeat(29)}x\n`.repeat(800),
    'items that are quotes': '- > a\n'.repeat(20_000),
    'bare markers': '-\n'.repeat(40_000),
    'lists that alternate': '* a\n- a\n'.repeat(12_000),
    'a quote that goes on lazily': `> a\n${'b\n'.repeat(49_000)}`,
    'headings underlined': 'a\n-\n'.repeat(24_000),
    stars: '* '.repeat(49_000),
    emphasis: '*a **a '.repeat(14_000),
    backticks: `- a\n\n  ${'`'.repeat(95_000)}x`,
    links: `> ${'[a](b '.repeat(16_000)}`,
    'a link that never closes': `[a](${'b'.repeat(95_000)}\n`,
    HTML: '<div>\n'.repeat(16_000),
    'comments that are open': '<!-- \n\n'.repeat(20_000),
    'instructions that are open': '<?\n\n'.repeat(20_000),
    definitions: many(8_000, index => `[a${index}]: b`),
    'definitions that break': '[a]: b "\n'.repeat(11_000),
    'a wide table': `|${'a|'.repeat(20_000)}\n|${'-|'.repeat(20_000)}\n`,
    'a long table': `|a|b|\n|-|-|\n${'|x|y|\n'.repeat(16_000)}`,
    'fences that never close': many(1_200, index => `${'`'.repeat(1300 - index)} x\n\npara\n`),
    'fences in quotes': many(5_000, index => `> \`\`\` ${index}\n\ntext ${index}\n`),
    tabs: `${'\t'.repeat(99_000)}x`,
    'lone surrogates': wide16('# \ud800\n\n- \udc00\n\n'.repeat(30_000)),
    '390,000 fields': `---\n${many(390_000, index => `k${index}: v`)}---\n`,
    '5,000 fields': `---\n${many(5_000, index => `k${index}: v`)}---\n`,
    'fields that YAML refuses': `---\n${many(5_000, index => `k${index}: "v`)}---\n`,
    'a billion laughs': `---\na: &a [x,x,x]\n${laughs(name => `[${`*${name},`.repeat(9)}]`)}---\n`,
    'a billion laughs in maps': `---\na: &a {x: y}\n${laughs(name => `{k: *${name}, l: *${name}}`)}---\n`,
    'a value that holds itself': '---\na: &a [*a]\nb: &b {c: *b}\n---\n',
    'a list in lists': `---\na: ${deep('[', ']', 5_000)}\n---\n`,
    'a list that never closes': `---\na: ${'['.repeat(50_000)}\n---\n`,
    'brackets that never open': `---\na: ${'}'.repeat(40_000)}\n---\n`,
    'a map in maps': `---\na: ${deep('{a: ', '}', 5_000, 'x')}\n---\n`,
    'keys that are maps': `---\nx: y\n${'? '.repeat(20_000)}x\n---\n`,
    'keys below keys': `---\n${many(1_500, index => `${' '.repeat(index)}a:`)}---\n`,
  },
  'a.json': {
    brackets: '['.repeat(100_000),
    'members in members': '{"a":'.repeat(100_000),
    'a thousand lists of 190 levels': `[${members(1_000, () => deep('[', ']', 190))}]`,
    'long keys, nested': `${deep(`{"${'k'.repeat(9_000)}":`, '}', 190, `{${members(40, index => `"a${index}":1`)}}`)}`,
    '300,000 members': `{${members(300_000, index => `"k${index}":1`)}}`,
    '40,000 members': `{\n${members(40_000, index => `"k${index}":1`)}\n}`,
    'one key 40,000 times': `{\n${members(40_000, index => `"k":${index}`)}\n}`,
    '40,000 objects': `[${members(20_000, index => `{"id":"x${index}","v":${index}}`)}]`,
    'a text of 4 MB': `{"a":"${'x'.repeat(3_800_000)}"}`,
    'a text of 2 MB': `{"a":"${'x'.repeat(1_900_000)}"}`,
    'a text that never ends': `{"a":"${'x'.repeat(1_900_000)}`,
    'comments that never end': '/* '.repeat(600_000),
    slashes: '/'.repeat(1_900_000),
    'brackets that never open': '}'.repeat(1_900_000),
    commas: `[${','.repeat(1_000_000)}]`,
    'lone surrogates': `{${members(10_000, index => `"\\ud800${index}":"\\udfff"`)}}`,
    'UTF-16': wide16('{"a":1}'),
    '24,000 members of one id': `[${members(12_000, index => `{"id":1,"text":"words ${index}"}`)}]`,
    '20,000 comments': `{\n${many(20_000, index => `// comment ${index}\n"k${index}": 1,`)}"z": 1}`,
  },
  'a.toml': {
    '9,000 tables': many(9_000, index => `[t${index}]\nk = ${index}`),
    '14,000 keys': many(14_000, index => `k${index} = "v"`),
    'a list of 60,000': `a = [${'1,'.repeat(60_000)}]`,
    'long keys': many(300, index => `${'a.'.repeat(300)}b${index} = 1`),
    'lists in lists': `a = ${deep('[', ']', 3_000)}`,
    'tables in tables': `a = ${deep('{a = ', '}', 3_000, '1')}`,
    '4 MB of keys': many(300_000, index => `k${index} = "v"`),
    'a text that never ends': `a = """${'x'.repeat(190_000)}`,
    'comments alone': '# a\n'.repeat(40_000),
  },
  'a.bin': { '20 MB of nothing': Buffer.alloc(20_000_000) },
};

/** By what they are called: `a.md: quotes in quotes`. */
export const hostile: ReadonlyMap<string, Hostile> = new Map(
  Object.entries(texts).flatMap(([path, all]) =>
    Object.entries(all).map(([name, text]) => [
      `${path}: ${name}`,
      { path, bytes: typeof text === 'string' ? Buffer.from(text) : text },
    ]),
  ),
);
