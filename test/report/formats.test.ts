/** Whatever an incident holds, each format can be read by whom it is for, and no terminal obeys it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import type { Nodes } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { describe, expect, it } from 'vitest';
import type { Incident, Unit, VersionAt, Writer } from '../../src/model.ts';
import { type AuditReport, auditJson } from '../../src/report/audit-json.ts';
import { oldDrift } from '../../src/report/first-look.ts';
import { incidentBlock, incidentDetails } from '../../src/report/incident-block.ts';
import { auditText } from '../../src/report/incident-table.ts';
import { auditMarkdown } from '../../src/report/markdown.ts';
import { code, escaped } from '../../src/report/markdown-text.ts';
import { auditNdjson } from '../../src/report/ndjson.ts';
import { auditSarif } from '../../src/report/sarif.ts';
import { makeStyle } from '../../src/report/style.ts';
import { hidden } from '../../src/report/visible.ts';
import { watchLine } from '../../src/report/watch-lines.ts';
import { now, report } from './samples.ts';
import { sarifValidator } from './sarif-schema.ts';

const folder = join(import.meta.dirname, '../../schemas');
const ajv = new Ajv({ strict: true, strictRequired: true });
ajv.addFormat('date-time', /^[+-]?\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
for (const name of readdirSync(folder)) ajv.addSchema(JSON.parse(readFileSync(join(folder, name), 'utf8')));
const isAudit = ajv.getSchema('audit.schema.json')!;
const isLine = ajv.getSchema('watch-line.schema.json')!;
const isSarif = sarifValidator();

const nasty = fc.constantFrom(
  '\u001b[2J',
  '\u009b31m',
  '\u202e',
  '\u200b',
  '\udc80',
  '\ud800',
  '\0',
  '\r',
  '\n',
  '```',
  '~~~',
  '<b>',
  '](x)',
  '![x](y)',
  '&amp;',
  '**x**',
  '_x_',
  '# x',
  '- x',
  '\\',
  '|',
  '中文',
  '👩‍👩‍👧',
);
const text = fc.array(fc.oneof(nasty, fc.string({ maxLength: 8, unit: 'binary' }), fc.lorem({ maxCount: 2 })), {
  maxLength: 5,
});
const anyText = text.map(parts => parts.join(''));
const path = fc
  .array(
    fc.oneof(
      fc.constantFrom('skills', 'projects', 'memory', 'a.md'),
      anyText.map(part => part || 'x'),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map(parts => parts.join('/'));
const time = fc.oneof(
  fc.integer({ min: 0, max: 4e12 }),
  fc.double({ noNaN: true }),
  fc.constantFrom(now, now - 60_000),
);
const certainty = fc.constantFrom('proven' as const, 'likely' as const, 'possible' as const);
const severity = fc.constantFrom('high' as const, 'medium' as const, 'low' as const);
const kind = fc.constantFrom<Unit['kind'][]>('section', 'list-item', 'member', 'file', 'line');
const unit: fc.Arbitrary<Unit> = fc.record({
  kind,
  name: anyText,
  text: anyText,
  place: anyText,
  fingerprint: anyText,
  start: fc.nat(),
  end: fc.nat(),
});
const writer: fc.Arbitrary<Writer> = fc.record(
  {
    kind: fc.constantFrom('session' as const, 'person' as const, 'tool' as const, 'unknown' as const),
    id: anyText,
    label: anyText,
    certainty,
    agent: anyText,
    branch: anyText,
    cwd: anyText,
  },
  { requiredKeys: ['kind', 'id', 'label', 'certainty'] },
) as fc.Arbitrary<Writer>;
const versionAt: fc.Arbitrary<VersionAt> = fc.record({
  version: fc.constantFrom('lost4xkabc', 'cause9wabc'),
  at: time,
  writer: fc.option(writer),
  blob: fc.option(fc.constant('aa')),
});
const incident = fc
  .record(
    {
      id: fc.string({ minLength: 6, maxLength: 6, unit: fc.constantFrom(...'abcdefgh23456789') }),
      state: fc.constantFrom('open' as const, 'open' as const, 'accepted' as const, 'resolved' as const),
      severity,
      certainty,
      root: fc.constantFrom('claude', 'notes'),
      path,
      message: anyText,
      lost: fc.option(versionAt),
      cause: fc.option(versionAt),
      base: fc.option(versionAt.map(at => ({ ...at, how: 'inferred' as const }))),
      units: fc.array(unit, { maxLength: 4 }),
      fingerprints: fc.constant([]),
      findings: fc.array(
        fc.record({
          rule: fc.constantFrom('lost-update', 'my-rule'),
          message: anyText,
          evidence: fc.array(anyText, { maxLength: 3 }),
        }),
        { maxLength: 3 },
      ),
      isRestorable: fc.boolean(),
      closed: fc.option(anyText),
      advice: anyText,
      proposed: fc.array(anyText, { maxLength: 2 }),
      standing: fc.boolean(),
      baseline: fc.boolean(),
      forgotten: time,
    },
    {
      noNullPrototype: true,
      requiredKeys: [
        'id',
        'state',
        'severity',
        'certainty',
        'root',
        'path',
        'message',
        'lost',
        'cause',
        'base',
        'units',
        'fingerprints',
        'findings',
        'isRestorable',
        'closed',
      ],
    },
  )
  .map(
    ({ isRestorable, ...rest }) =>
      ({ ...rest, restore: isRestorable ? `undertext restore ${rest.id}` : null }) as Incident,
  );

const place = fc.record({ root: fc.constant('claude'), path, why: anyText });
const reports: fc.Arbitrary<AuditReport> = fc
  .record({
    incidents: fc.array(incident, { maxLength: 6 }),
    shows: fc.record({ all: fc.boolean(), weak: fc.boolean() }),
    unreadable: fc.array(place, { maxLength: 2 }),
    limited: fc.array(place, { maxLength: 2 }),
    suppressed: fc.array(
      fc.record({
        root: fc.constant('claude'),
        path,
        rule: fc.constantFrom('lost-update', 'my-rule'),
        how: fc.constantFrom('config' as const, 'marker' as const),
        reason: fc.option(anyText),
        findings: fc.integer({ min: 1, max: 9 }),
      }),
      { maxLength: 3 },
    ),
    failedRules: fc.array(fc.record({ rule: anyText, path, message: anyText }), { maxLength: 2 }),
    roots: fc.constant([
      { name: 'claude', path: '/home/me/.claude' },
      { name: 'notes', path: '/home/me/no\u001btes' },
    ]),
  })
  .map(({ incidents, shows, failedRules, roots, ...seen }) =>
    report(incidents, {
      shows,
      failedRules,
      roots,
      baseline: oldDrift(incidents),
      coverage: { ...report([]).coverage, ...seen },
    }),
  );

/** What a terminal would obey or hide; a joiner inside an emoji is none. */
const obeyed = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;
const shownWhole = (output: string) =>
  output.replace(/[\n\t]|(?<=\p{Extended_Pictographic}|\ufe0f)\u200d(?=\p{Extended_Pictographic})/gu, '');

function nodesOf(tree: Nodes): readonly Nodes[] {
  return [tree, ...('children' in tree ? tree.children.flatMap(nodesOf) : [])];
}

describe('any report', () => {
  it('is read by its schema, and obeyed by no terminal', () => {
    const met = { weak: 0, baseline: 0 };
    fc.assert(
      fc.property(reports, made => {
        const json = auditJson(made);
        expect(isAudit(JSON.parse(json)), JSON.stringify(isAudit.errors)).toBe(true);
        const sarif = auditSarif(made);
        expect(isSarif(JSON.parse(sarif)), JSON.stringify(isSarif.errors)).toBe(true);
        const lines = auditNdjson(made).trimEnd().split('\n');
        expect(lines.map(line => JSON.parse(line).type)).toEqual([...made.incidents.map(() => 'incident'), 'summary']);
        const watched = made.incidents.map(each => watchLine({ type: 'incident', incident: each }));
        for (const line of watched) expect(isLine(JSON.parse(line)), JSON.stringify(isLine.errors)).toBe(true);
        const markdown = auditMarkdown(made);
        const texts = [40, 120]
          .map(width => makeStyle({ color: false, width }))
          .flatMap(style => [
            auditText(made, style, now),
            ...made.incidents.flatMap(each => [incidentBlock(each, style, now), incidentDetails(each, '', style, now)]),
          ]);
        for (const output of [json, sarif, markdown, ...lines, ...watched, ...texts]) {
          expect(shownWhole(output)).not.toMatch(obeyed);
        }
        met.weak += Number(json.includes('"weak": true'));
        met.baseline += made.baseline.length;
      }),
      { numRuns: 80, seed: 5 },
    );
    expect(Math.min(met.weak, met.baseline)).toBeGreaterThan(10);
  });

  it('as Markdown is what we made it, whatever stands in the texts', () => {
    fc.assert(
      fc.property(reports, made => {
        const nodes = nodesOf(fromMarkdown(auditMarkdown(made)));
        const types = new Set(nodes.map(({ type }) => type));
        expect(
          [...types].filter(type =>
            ['link', 'image', 'html', 'definition', 'blockquote', 'emphasis', 'break'].includes(type),
          ),
        ).toEqual([]);
        const headings = nodes.filter(node => node.type === 'heading');
        const bold = nodes.filter(node => node.type === 'strong').flatMap(nodesOf);
        expect(headings.filter(node => node.depth > 2)).toEqual([]);
        for (const node of bold) if (node.type === 'text') expect(node.value).toMatch(/^([a-h2-9]{6}|Warning:)$/);
      }),
      { numRuns: 80 },
    );
  });
});

describe('text in Markdown', () => {
  it('reads as it was', () => {
    fc.assert(
      fc.property(anyText, given => {
        const line = given.replace(hidden, '').replace(/\p{C}/gu, '').replace(/\s+/g, ' ').trim();
        const [paragraph] = fromMarkdown(`x ${escaped(line)} x`).children;
        expect(
          nodesOf(paragraph!)
            .flatMap(node => ('value' in node ? [node.value] : []))
            .join(''),
        ).toBe(`x ${line} x`);
        if (line === '') return;
        const [spanned] = fromMarkdown(`x ${code(line)} x`).children;
        expect(nodesOf(spanned!).find(({ type }) => type === 'inlineCode')).toMatchObject({ value: line });
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['snake_case and C:\\x', 'snake_case and C:\\x'],
    ['a < b & c', 'a < b & c'],
    ['the line "x" names x/SKILL.md', 'the line "x" names x/SKILL.md'],
    ['*x* [y](z) `c`', '\\*x\\* \\[y\\](z) \\`c\\`'],
    ['<b> &amp; \\*', '\\<b> \\&amp; \\\\\\*'],
  ])('%s', (given, shown) => {
    expect(escaped(given)).toBe(shown);
  });
});
