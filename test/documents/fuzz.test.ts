/** The readers of documents, whatever they are given: never a crash, and no text that nobody accounts for. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareUnits, countsOf } from '../../src/documents/compare.ts';
import { readable } from '../../src/documents/decode.ts';
import { unifiedDiff } from '../../src/documents/diff.ts';
import { parseDocument } from '../../src/documents/document.ts';
import { gather } from '../../src/documents/gather.ts';
import { mend } from '../../src/documents/mend.ts';
import type { Unit } from '../../src/model.ts';
import { accounted } from './accounted.ts';

/** Files in the shape of those that lie in a home. */
const files: Record<string, string> = {
  'skills/_index.md': `# Skills

Read this first. <!-- generated: no -->

- [voice-buffer](voice-buffer/SKILL.md) — keeps **what was said**, \`og:double-emit\`
- [citations](citations/SKILL.md) — finds them
  - needs [voice](voice-buffer/SKILL.md)
  - [ ] not tried
- [x] *done*

## By hand

| name | when |
|------|------|
| \`voice\` | always |
| cite \\| track | never |

1. first
2) second
`,
  'skills/voice-buffer/SKILL.md': `---
name: voice-buffer
description: "Keeps what was said: always"
metadata:
  type: user
  tags: [a, 'b', &x c]
  again: *x
allowed-tools: Read, Write
---

Setext
======

> quoted
> - item
lazy

~~~js
# no heading
~~~

    code

[ref]: https://example.org "title"
***
<div>

text</div>
`,
  'settings.json': `{
  // by hand
  "model": "opus",
  "permissions": { "allow": ["Bash(npm run *)", "Read"], "deny": [] },
  "hooks": { "Stop": [{ "matcher": "", "hooks": [{ "type": "command", "command": "say \\"done\\"" }] }] },
  "mcpServers": { "a/b~c": { "args": ["-y", "x"], "env": {} } },
  "n": [1, 2.50, -1e9, null, true,],
}
`,
  'history.jsonl': `{"display":"one","timestamp":1,"project":"/home/me"}
{"display":"two \\u00e4","pastedContents":{"1":{"type":"text"}}}
not json
{"display":"three"}
`,
  'notes.txt': 'TODO\n\n- [a](b)\n  indented\ttab\n\nlast line without end',
};

const scraps = [
  '\n',
  '\r\n',
  '\r',
  '\n\n',
  ' ',
  '\t',
  '    ',
  '\v',
  '\0',
  '\ufeff',
  '\u2028',
  '\ud83d\ude00',
  '\u00e4',
  '- ',
  '* ',
  '1. ',
  '# ',
  '###### ',
  '> ',
  '>>>>',
  '```',
  '~~~',
  '`',
  '---\n',
  '===\n',
  '|',
  '|-|-|\n',
  '[',
  ']',
  '(',
  '](',
  '<!--',
  '-->',
  '<pre>',
  '<?',
  '<div>',
  '**',
  '__',
  '\\',
  '&amp;',
  '{',
  '}',
  '"',
  ':',
  ': ',
  ',',
  '//',
  '/*',
  '*/',
  '? ',
  '&a ',
  '*a',
  '!!map ',
  '<<: *a\n',
  '| \n',
  '{"a":',
  '[[',
  ']]',
  '0x',
  '1e999',
];

interface Cut {
  readonly at: number;
  readonly skip: number;
  readonly put: Uint8Array;
}

const scrap = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...scraps).map(text => Buffer.from(text)) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...scraps), fc.integer({ min: 50, max: 400 }))
      .map(([text, count]) => Buffer.from(text.repeat(count))),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 5 }) },
);
const cuts: fc.Arbitrary<readonly Cut[]> = fc.array(
  fc.record({ at: fc.nat(), skip: fc.oneof(fc.constant(0), fc.nat(60)), put: scrap }),
  { minLength: 1, maxLength: 5 },
);

function mutated(bytes: Uint8Array, all: readonly Cut[]): Uint8Array {
  return all.reduce<Uint8Array>((now, { at, skip, put }) => {
    const from = at % (now.length + 1);
    return Buffer.concat([now.subarray(0, from), put, now.subarray(from + skip)]);
  }, bytes);
}

/** Reads, compares, gathers, prints and mends; what mending promises is checked on the units alone. */
function check(path: string, one: Uint8Array, other: Uint8Array): void {
  const [lost, present] = [accounted(path, one), accounted(path, other)];
  const { removed, added } = compareUnits(lost.units, present.units);
  const together = gather(removed, lost);
  expect(together.length).toBeLessThanOrEqual(removed.length);
  expect(together.length > 0).toBe(removed.length > 0);
  gather(added, present);
  unifiedDiff(lost.text, present.text, 'one', 'other');
  const fingerprints = removed.map(unit => unit.fingerprint);
  const mended = mend({ path, base: null, lost: one, present: other, fingerprints });
  const after = accounted(path, mended.bytes);
  const isEmpty = ({ text }: { readonly text: string }) => /(?:\{\s*\}|\[\s*\])$/.test(text);
  const gone = compareUnits(present.units, after.units).removed.filter(unit => !isEmpty(unit));
  const gaveWay = countsOf(mended.removed);
  // JSON that no reader takes comes back member by member (`mend-broken.test.ts`): its lines are no units of what it becomes.
  const isRescued = present.format === 'json' && present.broken !== null && after.broken === null;
  if (!isRescued) expect(gone.filter(unit => !gaveWay.has(unit.fingerprint)).map(unit => unit.text)).toEqual([]);
  if (mended.restored.length === 0 && !isRescued) expect(Buffer.compare(mended.bytes, other)).toBe(0);
  // What was asked for is there, or a person is asked about it; where one side is read by lines, line by line.
  const told = [...mended.already, ...mended.conflicts.map(conflict => conflict.lost)];
  const has = countsOf([...after.units, ...told]);
  const all = [readable(after.text, after.encoding), ...told.map(({ text }) => text)].join('\n');
  const isThere = ({ fingerprint, text }: Unit): boolean =>
    has.has(fingerprint) || text.split(/[\r\n]+/).every(line => all.includes(line.trim()));
  const isWhole = mended.conflicts.some(conflict => conflict.lost.kind === 'file');
  if (!isWhole) expect(removed.filter(unit => !isThere(unit)).map(unit => unit.text)).toEqual([]);
}

describe('mutated files', () => {
  it.each(Object.keys(files))('%s', path => {
    const whole = Buffer.from(files[path]!);
    fc.assert(
      fc.property(cuts, cuts, (one, other) => check(path, mutated(whole, one), mutated(whole, other))),
      { numRuns: 200 },
    );
  });

  it('read as each other format', () => {
    const paths = fc.constantFrom('a.md', 'a.json', 'a.jsonl', 'a.txt', 'a.md.bak');
    const text = fc.constantFrom(...Object.values(files).map(file => Buffer.from(file)));
    fc.assert(
      fc.property(paths, text, text, cuts, cuts, (path, mine, theirs, one, other) =>
        check(path, mutated(mine, one), mutated(theirs, other)),
      ),
      { numRuns: 200 },
    );
  });

  it('in UTF-16, with and without an odd byte', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(files)), cuts, cuts, fc.boolean(), (path, one, other, isBig) => {
        const bytes = Buffer.from(`\ufeff${files[path]}`, 'utf16le');
        const whole = isBig ? bytes.swap16() : bytes;
        check(path, mutated(whole, one), mutated(whole, other));
      }),
      { numRuns: 100 },
    );
  });
});

// JSON knows four blanks; any other sign is a text.
it.each(['\u2028', '\u00a0', '\u000b'])('%j alone in a JSON file is no empty file', sign => {
  check('a.json', Buffer.from('{"a":'), Buffer.from(sign));
});

describe('scraps of syntax', () => {
  it.each(['a.md', 'a.json', 'a.jsonl', 'a.txt'])('in %s', path => {
    const text = fc.array(fc.oneof(fc.constantFrom(...scraps), fc.string({ maxLength: 3 })), { maxLength: 30 });
    const front = fc.tuple(fc.constantFrom('', '---\n', '---\nname: x\n'), text, fc.constantFrom('', '\n---\n'), text);
    const bytes = front.map(([open, one, close, two]) => Buffer.from([open, ...one, close, ...two].join('')));
    fc.assert(
      fc.property(bytes, bytes, (one, other) => check(path, one, other)),
      { numRuns: 300 },
    );
  });
});

const corpus = join(import.meta.dirname, '../../../shared/corpus/folders');

describe.skipIf(!existsSync(corpus))('mutated real files (skipped where ../shared/corpus is not present)', () => {
  it('are read, compared and mended', () => {
    const real = readdirSync(corpus, { recursive: true, encoding: 'utf8' })
      .filter(name => /\.(?:md|json|jsonl|txt)$/.test(name))
      .sort()
      .map(name => ({ path: name, bytes: readFileSync(join(corpus, name)) }))
      .filter(({ bytes }) => bytes.length > 0 && bytes.length < 20_000);
    expect(real.length).toBeGreaterThan(10);
    for (const { path, bytes } of real) expect(parseDocument(path, bytes).limited, path).toBe(null);
    fc.assert(
      fc.property(fc.nat(real.length - 1), cuts, cuts, (index, one, other) => {
        const { path, bytes } = real[index]!;
        check(path, mutated(bytes, one), mutated(bytes, other));
      }),
      { numRuns: 300 },
    );
  });
});
