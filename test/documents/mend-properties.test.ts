/** What mending promises, whatever the three versions are. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareUnits, countsOf } from '../../src/documents/compare.ts';
import { parseDocument } from '../../src/documents/document.ts';
import { mend } from '../../src/documents/mend.ts';
import type { Unit } from '../../src/model.ts';

const read = (path: string, bytes: Uint8Array): readonly Unit[] => parseDocument(path, bytes).units;
const isEmptyContainer = (unit: Unit) => /(?:\{\s*\}|\[\s*\])$/.test(unit.text);

interface Triple {
  readonly base: string;
  readonly lost: string;
  readonly present: string;
}

/** Everything that must hold of one mending; returns how much was put back, so that a test can see it was not idle. */
function check(path: string, { base, lost, present }: Triple, choose?: 'ours' | 'theirs' | 'both'): number {
  const [was, theirs, ours] = [base, lost, present].map(text => Buffer.from(text, 'utf8')) as [Buffer, Buffer, Buffer];
  const asked = compareUnits(read(path, theirs), read(path, was)).removed.map(unit => unit.fingerprint);
  const mending = { path, base: was, lost: theirs, present: ours, fingerprints: asked, ...(choose && { choose }) };
  const mended = mend(mending);
  const text = Buffer.from(mended.bytes).toString('utf8');
  const before = read(path, ours);
  const after = read(path, mended.bytes);

  // every unit of the present file is still there, but those that gave way
  const gone = compareUnits(before, after).removed.filter(unit => !isEmptyContainer(unit));
  const removed = countsOf(mended.removed);
  for (const unit of gone) expect(removed.has(unit.fingerprint), `${unit.text} is gone`).toBe(true);
  // nothing came but what was restored, each once
  if (ours.length > 0) {
    const came = countsOf(compareUnits(before, after).added);
    const restored = countsOf(mended.restored);
    for (const [fingerprint, count] of came) expect(restored.get(fingerprint)).toBe(count);
  }
  // what was asked for is there, was there, or is a person's to choose
  const has = countsOf(after);
  const left = countsOf([...mended.conflicts.map(conflict => conflict.lost), ...mended.already]);
  if (choose !== 'ours')
    for (const fingerprint of asked) expect(has.has(fingerprint) || left.has(fingerprint)).toBe(true);
  // untouched bytes are untouched
  if (mended.removed.length === 0) expect(isWithin(present, text)).toBe(true);
  if (present.trim() !== '') {
    expect(/[\r\n]$/.test(text)).toBe(/[\r\n]$/.test(present));
    expect(text.startsWith('\ufeff')).toBe(present.startsWith('\ufeff'));
    if (present.includes('\r\n') && !/(?:^|[^\r])\n/.test(present)) expect(text).not.toMatch(/(?:^|[^\r])\n/);
  }
  if (mended.restored.length === 0) expect(text).toBe(present);
  // a second time changes nothing
  const again = mend({ ...mending, present: mended.bytes });
  expect(again.restored).toEqual([]);
  expect(Buffer.from(again.bytes).toString('utf8')).toBe(text);
  return mended.restored.length;
}

/** Whether `long` is `short` with text put in between. */
function isWithin(short: string, long: string): boolean {
  let at = 0;
  for (const char of long) if (char === short[at]) at++;
  return at === short.length;
}

const word = fc.constantFrom('alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta', 'theta', 'iota', 'kappa');
const words = fc.array(word, { minLength: 1, maxLength: 4 }).map(all => all.join(' '));
const dress = fc.constantFrom<(text: string) => string>(
  text => text,
  text => text.replaceAll('\n', '\r\n'),
  text => `\ufeff${text}`,
  text => text.replace(/\n+$/, ''),
  text => `${text}\n`,
);

/** Base, and two edits of it that never saw each other: pieces go, come and change. */
function triples<T>(piece: fc.Arbitrary<T>, join: (pieces: readonly T[]) => string): fc.Arbitrary<Triple> {
  const edits = fc.array(fc.record({ at: fc.nat(20), skip: fc.nat(1), put: fc.array(piece, { maxLength: 2 }) }), {
    maxLength: 3,
  });
  const apply = (pieces: readonly T[], list: readonly { at: number; skip: number; put: readonly T[] }[]) =>
    list.reduce<readonly T[]>((all, edit) => all.toSpliced(edit.at % (all.length + 1), edit.skip, ...edit.put), pieces);
  return fc.record({ pieces: fc.array(piece, { maxLength: 8 }), lost: edits, present: edits, dress }).map(made => ({
    base: join(made.pieces),
    lost: join(apply(made.pieces, made.lost)),
    present: made.dress(join(apply(made.pieces, made.present))),
  }));
}

const markdownPiece = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.tuple(fc.integer({ min: 1, max: 3 }), words).map(([rank, text]) => `${'#'.repeat(rank)} ${text}`),
  },
  { weight: 3, arbitrary: words },
  {
    weight: 4,
    arbitrary: fc.array(words, { minLength: 1, maxLength: 4 }).map(all => all.map(item => `- ${item}`).join('\n')),
  },
  { weight: 2, arbitrary: fc.tuple(words, words, words).map(([a, b, c]) => `- ${a}\n  - ${b}\n  - ${c}`) },
  { weight: 1, arbitrary: fc.tuple(words, words).map(([a, b]) => `1. ${a}\n2. ${b}`) },
  { weight: 1, arbitrary: words.map(text => `\`\`\`\n# ${text}\n\n${text}\n\`\`\``) },
  {
    weight: 1,
    arbitrary: fc
      .array(words, { maxLength: 3 })
      .map(rows => ['| a | b |', '|---|---|', ...rows.map(row => `| ${row} | x |`)].join('\n')),
  },
  { weight: 1, arbitrary: fc.tuple(words, words).map(([a, b]) => `- [${a}](${a.replaceAll(' ', '-')}.md) — ${b}`) },
  { weight: 1, arbitrary: words.map(text => `> ${text}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '---',
      '<!-- x -->',
      '<div>\nx\n</div>',
      '    code',
      '```\nopen',
      '<!-- open',
      'Setext\n---',
      '* other\n* marker',
    ),
  },
);

const field = fc.tuple(word, words).map(([key, value]) => `${key}: ${value}`);
const unique = (lines: readonly string[]) => [...new Map(lines.map(line => [line.split(':')[0], line])).values()];

const json: fc.Arbitrary<unknown> = fc.letrec(tie => ({
  value: fc.oneof(
    { maxDepth: 3 },
    { weight: 3, arbitrary: fc.oneof(words, fc.integer(), fc.boolean(), fc.constant(null)) },
    { weight: 2, arbitrary: fc.array(words, { maxLength: 3 }) },
    { weight: 2, arbitrary: fc.dictionary(word, tie('value'), { maxKeys: 4 }) },
    { weight: 1, arbitrary: fc.array(fc.dictionary(word, tie('value'), { maxKeys: 2 }), { maxLength: 2 }) },
  ),
})).value;
const settings = fc.record(
  {
    model: words,
    permissions: fc.record({ allow: fc.uniqueArray(words, { maxLength: 4 }) }),
    env: fc.dictionary(word, json, { maxKeys: 4 }),
  },
  { requiredKeys: [] },
);

describe('mending holds for', () => {
  const run = (property: fc.IProperty<[Triple]>) => fc.assert(property, { numRuns: 500 });

  it('Markdown', () => {
    let restored = 0;
    run(
      fc.property(
        triples(markdownPiece, pieces => `${pieces.join('\n\n')}\n`),
        triple => {
          restored += check('notes.md', triple);
        },
      ),
    );
    expect(restored).toBeGreaterThan(100);
  });

  it('Markdown without blank lines', () => {
    run(
      fc.property(
        triples(markdownPiece, pieces => `${pieces.join('\n')}\n`),
        triple => void check('notes.md', triple),
      ),
    );
  });

  it.each(['ours', 'theirs', 'both'] as const)('Markdown when a person chose %s', choose => {
    run(
      fc.property(
        triples(markdownPiece, pieces => `${pieces.join('\n\n')}\n`),
        triple => void check('notes.md', triple, choose),
      ),
    );
  });

  it('frontmatter', () => {
    run(
      fc.property(
        triples(field, lines => (lines.length > 0 ? `---\n${unique(lines).join('\n')}\n---\n\ntext\n` : 'text\n')),
        triple => void check('memory/x.md', triple),
      ),
    );
  });

  it('an index of links', () => {
    const line = fc.tuple(word, words).map(([name, about]) => `- [${name}](${name}/SKILL.md) — ${about}`);
    run(
      fc.property(
        triples(line, lines => `# Skills\n\n${lines.join('\n')}\n`),
        triple => void check('skills/_index.md', triple),
      ),
    );
  });

  it('records', () => {
    run(
      fc.property(
        triples(fc.nat(30), all => all.map(n => `{"n":${n}}\n`).join('')),
        triple => void check('log.jsonl', triple),
      ),
    );
  });

  it('lines', () => {
    run(
      fc.property(
        triples(fc.oneof(words, fc.constant('')), all => `${all.join('\n')}\n`),
        triple => void check('todo.txt', triple),
      ),
    );
  });

  it('settings', () => {
    const print = fc.constantFrom(
      (value: unknown) => JSON.stringify(value),
      (value: unknown) => `${JSON.stringify(value, null, 2)}\n`,
      (value: unknown) => JSON.stringify(value, null, '\t'),
      (value: unknown) => `// by hand\n${JSON.stringify(value, null, 2)} // end\n`,
    );
    const made = fc.tuple(settings, settings, settings, print, print, fc.boolean(), fc.boolean());
    run(
      fc.property(
        made.map(([one, two, three, printA, printB, keepLost, keepPresent]) => ({
          base: JSON.stringify(one),
          lost: printA(keepLost ? { ...one, ...two } : two),
          present: printB(keepPresent ? { ...one, ...three } : three),
        })),
        triple => void check('settings.json', triple),
      ),
    );
  });

  it('any two texts, whatever they are', () => {
    const any = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('{', '---\na: 1\n', '[]', '{}', 'null', '# T\n'),
    );
    const path = fc.constantFrom('a.md', 'a.json', 'a.jsonl', 'a.txt');
    fc.assert(
      fc.property(
        path,
        any,
        any,
        fc.constantFrom('ours', 'theirs', 'both', undefined),
        (name, lost, present, choose) => {
          const [theirs, ours] = [Buffer.from(lost), Buffer.from(present)];
          const fingerprints = read(name, theirs).map(unit => unit.fingerprint);
          const mended = mend({
            path: name,
            base: null,
            lost: theirs,
            present: ours,
            fingerprints,
            ...(choose && { choose }),
          });
          const removed = countsOf(mended.removed);
          if (removed.size > 0) return;
          const gone = compareUnits(read(name, ours), read(name, mended.bytes)).removed.filter(
            unit => !isEmptyContainer(unit),
          );
          expect(gone).toEqual([]);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('bytes that are no text', () => {
    const bytes = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(bytes, bytes, fc.constantFrom('a.md', 'a.txt', 'a.jsonl'), (lost, present, path) => {
        const fingerprints = read(path, lost).map(unit => unit.fingerprint);
        const mended = mend({ path, base: null, lost, present, fingerprints });
        if (mended.restored.length === 0) expect(Buffer.compare(mended.bytes, present)).toBe(0);
        else if (mended.removed.length === 0)
          expect(isWithin(Buffer.from(present).toString('latin1'), Buffer.from(mended.bytes).toString('latin1'))).toBe(
            true,
          );
      }),
      { numRuns: 700 },
    );
  });
});
