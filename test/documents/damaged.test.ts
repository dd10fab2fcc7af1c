/** Text of which a write damaged the characters: which damage is seen, what is left alone, and how each line comes back. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { damageOf } from '../../src/documents/damaged.ts';
import { parseDocument } from '../../src/documents/document.ts';
import { mend } from '../../src/documents/mend.ts';

const bytesOf = (text: string | Uint8Array) => (typeof text === 'string' ? Buffer.from(text) : text);
/** Some versions of Node read the label `windows-1252` as Latin-1. */
const windows = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';
const read = (text: string, encoding: string) =>
  encoding === 'windows-1252'
    ? Buffer.from(text)
        .toString('latin1')
        .replace(/[\x80-\x9f]/g, byte => windows[byte.charCodeAt(0) - 128]!)
    : new TextDecoder(encoding).decode(Buffer.from(text));
const latin1 = (text: string) => Buffer.from(text, 'latin1');
const asked = (text: string, sign = '?') => text.replace(/[^\0-\x7f]/gu, sign);

const german = '# Grüße\n\nDie Straße ist für alle.\n\n- Käse – ein Stück\n- Öl\nplain\n- 🚀 Start → los\n';
const western = '# Grüße\n\nDie Straße ist für alle.\n\n- Käse, ein Stück\n- Öl\nplain\n';
const chinese = '# 项目\n\n- 保存文件\n- 读取 config 文件\n\nUse tabs.\n';
const russian = '# Привет мир\n\n- сохранить файл\n- читать файл\n';
const box = '```\n┌────┐   ┌────┐\n│ a  │ → │ b  │\n├────┤   └────┘\n└────┘\n```\n\n- a → b: TLS\n- b → c: plain\n';
const signs: Record<string, string> = {
  '┌': 'OE',
  '├': 'oe',
  '│': "'",
  '└': '"',
  '→': '-¶',
  '┤': 'Œ',
  '┐': '¿',
  '┘': '˜',
  '─': 'ƒ',
};
const swapped = (text: string, by: Record<string, string>) => [...text].map(sign => by[sign] ?? sign).join('');

const seen = (path: string, before: string | Uint8Array, after: string | Uint8Array) => {
  const { lines } = damageOf(path, bytesOf(before), bytesOf(after));
  return [lines.length, [...new Set(lines.map(({ kind }) => kind))].join()];
};

type Case = readonly [title: string, before: string | Uint8Array, after: string | Uint8Array];

const damaged: readonly (readonly [...Case, lines: number, kinds: string])[] = [
  ['U+FFFD', german, asked(german, '\ufffd'), 5, 'replaced'],
  ['one U+FFFD for each byte', chinese, asked(chinese, '\ufffd\ufffd\ufffd'), 3, 'replaced'],
  ['U+FFFD for bytes that were no UTF-8', latin1(western), latin1(western).toString('utf8'), 4, 'replaced'],
  ['one letter, where a buffer ended', german, german.replace('Straße', 'Stra\ufffd\ufffde'), 1, 'replaced'],
  ['question marks', german, asked(german), 5, 'questioned'],
  ['question marks for CJK', chinese, asked(chinese), 3, 'questioned'],
  ['question marks, and other line ends', german, asked(german).replaceAll('\n', '\r\n'), 5, 'questioned'],
  ['UTF-8 read as Windows-1252', german, read(german, 'windows-1252'), 5, 'misread'],
  ['UTF-8 read as Latin-1', german, latin1(Buffer.from(german).toString('latin1')).toString('latin1'), 5, 'misread'],
  ['UTF-8 read as Windows-1252, twice', german, read(read(german, 'windows-1252'), 'windows-1252'), 5, 'misread'],
  ['UTF-8 read as KOI8-R', russian, read(russian, 'koi8-r'), 3, 'misread'],
  ['UTF-8 read as GBK', german, read(german, 'gbk'), 5, 'misread'],
  ['CJK read as Windows-1252', chinese, read(chinese, 'windows-1252'), 3, 'misread'],
  ['a box read as Windows-1252', box, read(box, 'windows-1252'), 6, 'misread'],
  ['one letter alone', 'Käse\nplain\n', 'KÃ¤se\nplain\n', 1, 'misread'],
  ['Windows-1252 read as code page 437', western, swapped(western, { ü: 'ⁿ', ß: '▀', ä: 'Σ', Ö: '╓' }), 4, 'misread'],
  ['escapes', western, western.replace(/[^\0-\x7f]/g, sign => `\\u00${sign.charCodeAt(0).toString(16)}`), 4, 'misread'],
  ['the low bytes', chinese, latin1(chinese), 3, 'misread'],
  ['low bytes that are NUL', 'Use `─` and `│`.\n', 'Use `\0` and `\x02`.\n', 1, 'control'],
  ['single bytes that are NUL', 'const x = 1;\nlet y = 22;\n', 'con\0t x = 1;\nlet y = 22;\n', 1, 'control'],
  ['letters that were left out', western, western.replace(/[^\0-\x7f]/g, ''), 4, 'dropped'],
  ['UTF-8 saved as Latin-1', western, latin1(western), 4, 'recoded'],
  ['a box that became letters and accents', box, swapped(box, signs), 6, 'garbled'],
  ['… and a line came in between', box, swapped(box, signs).replace('- a', '- new\n- a'), 6, 'garbled'],
];

const sound: readonly Case[] = [
  ['a repair', read(german, 'windows-1252'), german],
  ['a repair of U+FFFD', asked(german, '\ufffd'), german],
  ['Latin-1 put into UTF-8', latin1(western), western],
  ['one word in ASCII', 'a naïve plan\nGrüße\n', 'a naive plan\nGrüße\n'],
  ['a text in ASCII', german, swapped(german, { ü: 'ue', ß: 'ss', ä: 'ae', Ö: 'Oe', '–': '-', '→': '->', '🚀': '' })],
  ['straight quotes', '“Hi” – it’s\n“B”…\n', '"Hi" - it\'s\n"B"...\n'],
  ['other quotes', '“Hi” • a – b\n“B” • c\n', '«Hi» · a — b\n«B» · c\n'],
  ['a box in ASCII', box, swapped(box, { ...signs, '─': '-', '→': '>', '│': '|', '┤': '+', '┐': '+', '┘': '+' })],
  ['other emoji', '- ✅ a\n- ❌ b\n- ⚠ c\n', '- ✔ a\n- ✘ b\n- ▲ c\n'],
  ['words for emoji', '- 🟢 a\n- 🔴 b\n- 🟡 c\n', '- réussi a\n- échoué b\n- à faire c\n'],
  ['a spelling', 'Le père est né\nB é\n', 'Le pere est né\nB è\n'],
  ['another tongue', '- Привет\n- Мир\n- Файл\n', '- Bonjour\n- Monde\n- Été\n'],
  ['a question', 'Ship it tomorrow…\n', 'Ship it tomorrow?\n'],
  ['a text about U+FFFD', '# U+FFFD\n\nIt is shown for é\n', '# U+FFFD\n\nIt is shown for \ufffd\n'],
  ['a line about encodings', 'In UTF-8: ä\nGrüße\n', 'In UTF-8: Ã¤\nGrüße\n'],
  ['it always had NUL', 'a\0ü\nb ü\n', 'a\0?\nb ?\n'],
  ['other line ends', german, german.replaceAll('\n', '\r\n')],
  ['lines that are deleted', german, '# Grüße\n'],
];

describe('damage', () => {
  it.each(damaged)('%s', (_, before, after, lines, kinds) =>
    expect(seen('x.md', before, after)).toEqual([lines, kinds]),
  );
  it.each(sound)('is not: %s', (_, before, after) => expect(seen('x.md', before, after)).toEqual([0, '']));
  it('is not: an escape in code', () => expect(seen('x.sh', 'echo "❓"\n', 'echo "\\u2753"\n')).toEqual([0, '']));
  it('is not: an escape in JSON', () => expect(seen('x.json', '{"a":"ü"}\n', '{"a":"\\u00fc"}\n')).toEqual([0, '']));

  it('names lines that were also edited', () => {
    const { lines, edited } = damageOf(
      'x.md',
      bytesOf(german),
      bytesOf(asked(german, '\ufffd').replace('ein', 'kein')),
    );
    expect([lines.length, edited.map(({ text }) => text)]).toEqual([4, ['- Käse – ein Stück']]);
  });

  it('throws for no bytes, and takes bounded time', () => {
    const any = fc.oneof(
      fc.string({ unit: 'binary' }).map(text => Buffer.from(text)),
      fc.uint8Array(),
    );
    fc.assert(
      fc.property(any, any, fc.constantFrom('x.md', 'x.json', 'x.jsonl', 'x.sh'), (before, after, path) => {
        const { lines, edited } = damageOf(path, before, after);
        for (const { start, end } of [...lines, ...edited]) expect(start).toBeLessThanOrEqual(end);
      }),
    );
    const long = Array.from({ length: 40_000 }, (_, n) => `- Käse ${n % 7}\n`).join('');
    const started = performance.now();
    damageOf('x.md', Buffer.from(long), Buffer.from(asked(long)));
    expect(performance.now() - started).toBeLessThan(15_000);
  });
});

const all = (path: string, lost: string | Uint8Array) =>
  parseDocument(path, bytesOf(lost)).units.map(({ fingerprint }) => fingerprint);

/** What `restore` does: `cause` is what the write left, `present` what stands there by now. */
const told = (
  lost: string | Uint8Array,
  cause: string | Uint8Array,
  present = cause,
  more: { readonly path?: string; readonly choose?: 'ours' | 'theirs' | 'both' } = {},
) => {
  const { path = 'x.md', ...choice } = more;
  const mending = {
    path,
    base: null,
    lost: bytesOf(lost),
    cause: bytesOf(cause),
    fingerprints: all(path, lost),
    ...choice,
  };
  const mended = mend({ ...mending, present: bytesOf(present) });
  const again = mend({ ...mending, present: mended.bytes });
  if (mended.conflicts.length === 0) expect(Buffer.compare(again.bytes, mended.bytes), 'twice is once').toBe(0);
  return { text: Buffer.from(mended.bytes).toString('latin1'), conflicts: mended.conflicts.length };
};
const inBytes = (text: string) => Buffer.from(text).toString('latin1');

describe('a damaged text comes back line by line', () => {
  it.each(damaged.filter(([, , , lines]) => lines > 0).filter(([title]) => !title.includes('came in between')))(
    '%s',
    (_, before, after) => {
      const { text, conflicts } = told(before, after);
      const wanted = Buffer.from(bytesOf(before)).toString('latin1');
      expect([text.replaceAll('\r\n', '\n'), conflicts]).toEqual([wanted, 0]);
    },
  );

  it('beside lines that are newer', () => {
    const now = `${asked(german, '\ufffd').replace('plain\n', '')}- neu: schön\n`;
    expect(told(german, asked(german, '\ufffd'), now)).toEqual({
      text: inBytes(`${german.replace('plain\n', '')}- neu: schön\n`),
      conflicts: 0,
    });
  });

  it('of bytes that are no UTF-8, byte for byte', () => {
    const now = latin1(western).toString('utf8').replace('plain', 'plain, and newer');
    expect(told(latin1(western), now).text).toBe(western.replace('plain', 'plain, and newer'));
  });

  it('after it was damaged once more', () => {
    const once = read(german, 'windows-1252');
    expect(told(german, once, read(once, 'windows-1252')).text).toBe(inBytes(german));
  });

  it('and asks where such a line was edited since', () => {
    const cause = asked(german, '\ufffd');
    const now = cause.replace('ein St', 'kein St');
    expect(told(german, cause, now).conflicts).toBe(1);
    expect(told(german, cause, now, { choose: 'theirs' }).text).toBe(inBytes(german));
    const ours = told(german, cause, now, { choose: 'ours' }).text;
    expect(ours).toBe(inBytes(german.replace('- Käse – ein Stück', '- K\ufffdse \ufffd kein St\ufffdck')));
    const both = told(german, cause, now, { choose: 'both' }).text;
    expect(both).toBe(inBytes(german.replace(/(- Käse.*\n)/, '$1- K\ufffdse \ufffd kein St\ufffdck\n')));
  });

  it('and asks where such a line was deleted since', () => {
    const cause = asked(german, '\ufffd');
    const now = cause.replace(/- K.*\n/, '');
    expect(told(german, cause, now).conflicts).toBe(1);
    expect(told(german, cause, now, { choose: 'theirs' }).text).toBe(inBytes(german));
    expect(told(german, cause, now, { choose: 'ours' }).text).toBe(inBytes(german.replace(/- K.*\n/, '')));
  });

  it('and asks where the same write edited a line', () => {
    const cause = asked(german, '\ufffd').replace('ein St', 'kein St');
    expect(told(german, cause).conflicts).toBe(1);
    expect(told(german, cause, cause, { choose: 'theirs' }).text).toBe(inBytes(german));
  });

  it('leaves a line that was put right by hand', () => {
    const now = asked(german, '\ufffd').replace(/# Gr.*/, '# Grüße');
    expect(told(german, asked(german, '\ufffd'), now)).toEqual({ text: inBytes(german), conflicts: 0 });
  });

  it('keeps a byte order mark and line ends', () => {
    const now = `\ufeff${asked(german).replaceAll('\n', '\r\n')}`;
    expect(told(german, now).text).toBe(inBytes(`\ufeff${german.replaceAll('\n', '\r\n')}`));
  });

  it('whatever is newer', () => {
    const line = fc.constantFrom('- Käse', '- Öl', 'plain', '', '# Grüße', '- b → c');
    const lines = fc.array(line, { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(lines, fc.nat(12), (before, at) => {
        const lost = `${before.join('\n')}\n`;
        if (!/[^\0-\x7f]/.test(lost)) return;
        const cause = asked(lost, '\ufffd');
        const newer = cause.split('\n');
        newer.splice(Math.min(at, newer.length - 1), 0, '- quite new');
        const { text, conflicts } = told(lost, cause, newer.join('\n'));
        expect(conflicts).toBe(0);
        expect(
          text
            .split('\n')
            .filter(each => each !== '- quite new')
            .join('\n'),
        ).toBe(inBytes(lost));
      }),
    );
  });
});

const rules =
  '# House rules\n\nRead this first.\n\n## Reporting\n\nReport a mistake at once:\n\n- name the file\n- name the step\n\n## Talking\n\nUse the short form.\n';
const flat = `${rules.trim().replaceAll(/\s+/g, ' ')}\n`;

describe('a text that lost its line ends', () => {
  const starts = (path: string, before: string, after: string) =>
    damageOf(path, Buffer.from(before), Buffer.from(after)).flattened;

  it.each([
    ['one line', flat],
    ['one line, and a word is new', flat.replace('first', 'now')],
    ['two lines', flat.replace(' ## Talking', '\n## Talking')],
    ['nothing between the lines', `${rules.replaceAll('\n', '')}\n`],
    ['line ends that are two characters', rules.replaceAll('\n', '\\n')],
    ['a text as JSON spells it', JSON.stringify(rules)],
  ])('%s', (_, after) => expect(starts('x.md', rules, after)).toBeGreaterThanOrEqual(3));

  it.each([
    [
      'paragraphs that are put into one line each',
      'a\nb\nc\n\nd\ne\nf\n\n# G\n\nh\ni\n',
      'a b c\n\nd e f\n\n# G\n\nh i\n',
      'x.md',
    ],
    [
      'a list that became a sentence',
      rules,
      rules.replace('\n- name the file\n- name the step\n', ' file, step.\n'),
      'x.md',
    ],
    ['a short text', '# A\n\nb\n', '# A b\n', 'x.md'],
    ['another text', rules, 'Look into the handbook.\n', 'x.md'],
    ['JSON without blanks', '{\n  "a": 1,\n  "b": 2,\n  "c": 3\n}\n', '{"a":1,"b":2,"c":3}\n', 'x.json'],
    ['plain text', 'a\nb\nc\nd\ne\n', 'a b c d e\n', 'x.txt'],
    ['other line ends', rules, rules.replaceAll('\n', '\r'), 'x.md'],
  ])('is not: %s', (_, before, after, path) => expect(starts(path, before, after)).toBe(0));

  it('of code, too', () => {
    const code = 'set -e\nmake one\nmake two\nmake three\n';
    expect(starts('run.sh', code, code.trim().replaceAll('\n', ' '))).toBe(3);
  });

  it('comes back in its place', () => {
    expect(told(rules, flat).text).toBe(rules);
    expect(told(rules, flat, `${flat}\n- newer\n`).text).toBe(`${rules}\n- newer\n`);
    expect(told(rules, rules.replaceAll('\n', '\\n')).text).toBe(rules);
  });

  it('is asked about when words changed as well', () => {
    const now = flat.replace('first', 'now');
    expect(told(rules, now).conflicts).toBe(1);
    expect(told(rules, now, now, { choose: 'theirs' }).text).toBe(rules);
    expect(told(rules, now, now, { choose: 'ours' }).text).toBe(now);
  });
});

const record = (n: number, content: unknown) =>
  `${JSON.stringify({ uuid: `u${n}`, type: 'user', message: { role: 'user', content }, cwd: '/home/me/my shop' })}\n`;
const log = (content: (n: number) => unknown) => [...Array(20).keys()].map(n => record(n, content(n))).join('');
const said = (n: number) => `why is part ${n} slow`;
const most = (other: unknown) => log(n => (n < 15 ? other : said(n)));

describe('records that lost what they said', () => {
  it.each<[string, unknown, number]>([
    ['an empty text', '', 15],
    ['nothing', null, 15],
    ['an empty list', [], 15],
    ['the same note in all of them', '[cleared]', 15],
  ])('%s', (_, other, lines) => expect(seen('x.jsonl', log(said), most(other))).toEqual([lines, 'emptied']));

  it('is not: other words in each of them', () => {
    expect(
      seen(
        'x.jsonl',
        log(said),
        log(n => `part ${n} is fast now`),
      ),
    ).toEqual([0, '']);
  });
  it('is seen without ids', () => {
    const bare = (text: string) => text.replace(/"uuid":"u\d+",/g, '');
    expect(seen('x.jsonl', bare(log(said)), bare(most('')))).toEqual([15, 'emptied']);
  });
  it('is not: a word that is blacked out', () => {
    expect(
      seen(
        'x.jsonl',
        log(said),
        log(n => said(n).replace('part', '[redacted]')),
      ),
    ).toEqual([0, '']);
  });
  it('is not: one field of several', () => {
    const two = (stdout: string) => log(n => [{ type: 'text', text: said(n) }, { stdout: stdout && `${stdout} ${n}` }]);
    expect(seen('x.jsonl', two('a long output of'), two(''))).toEqual([0, '']);
  });
  it('comes back in the place of the empty one, beside records that are newer', () => {
    const now = `${most('')}${record(99, 'a new one')}`;
    const { text, conflicts } = told(log(said), most(''), now, { path: 'x.jsonl' });
    expect([text, conflicts]).toEqual([`${log(said)}${record(99, 'a new one')}`, 0]);
  });
});
