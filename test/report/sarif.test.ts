/** SARIF as code scanning takes it: by its own schema, and by what the specification asks beyond that. */
import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import type { AuditReport } from '../../src/report/audit-json.ts';
import { auditSarif } from '../../src/report/sarif.ts';
import * as sample from './samples.ts';
import { sarifValidator } from './sarif-schema.ts';

interface Sarif {
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
      readonly results: readonly {
        readonly ruleId: string;
        readonly ruleIndex: number;
        readonly level: string;
        readonly message: { readonly text: string };
        readonly locations: readonly { physicalLocation: { artifactLocation: { uri: string; uriBaseId: string } } }[];
        readonly suppressions?: readonly object[];
        readonly properties: { readonly incident: string };
      }[];
      readonly originalUriBaseIds: Readonly<Record<string, { readonly uri: string }>>;
      readonly invocations: readonly object[];
    },
  ];
}

const validate = sarifValidator();
const closed = { ...sample.memoryIncident, id: 'c4sed2', state: 'resolved', closed: 'the text is back' } as const;
const accepted = { ...sample.driftIncident, id: 'accep2', state: 'accepted', closed: 'by design' } as const;
const weak = { ...sample.memoryIncident, id: 'w3ak22', severity: 'low' } as const;
const every = [
  sample.indexIncident,
  sample.provenIncident,
  sample.memoryIncident,
  sample.hostileIncident,
  weak,
  closed,
  accepted,
];

const reports: readonly (readonly [string, AuditReport])[] = [
  ['nothing', sample.report([])],
  ['every state', sample.report(every, { rules })],
  ['rules that are no longer loaded', sample.report(every, { rules: [] })],
  [
    'what could not be seen',
    sample.report([], {
      failedRules: [{ rule: 'r\u001b', path: 'p', message: 'm' }],
      coverage: {
        ...sample.report([]).coverage,
        unreadable: [{ root: 'claude', path: 'a', why: 'EACCES' }],
        limited: [{ root: 'claude', path: 'b', why: 'too deep' }],
      },
    }),
  ],
  [
    'a root on Windows',
    sample.report([sample.indexIncident], { roots: [{ name: 'claude', path: 'C:\\Users\\me\\.claude' }] }),
  ],
];

describe('sarif', () => {
  it.each(reports)('of %s fits the schema of 2.1.0', (_, report) => {
    expect(validate(JSON.parse(auditSarif(report))), JSON.stringify(validate.errors, null, 1)).toBe(true);
  });

  it('that breaks the schema is noticed', () => {
    const whole = JSON.parse(auditSarif(sample.report(every)));
    const [run] = whole.runs;
    expect(validate({ ...whole, version: '2.0.0' })).toBe(false);
    expect(validate({ ...whole, runs: [{ ...run, tool: {} }] })).toBe(false);
    expect(validate({ ...whole, runs: [{ ...run, results: [{ ...run.results[0], level: 'high' }] }] })).toBe(false);
    expect(validate({ ...whole, runs: [{ ...run, columnKind: 'bytes' }] })).toBe(false);
  });

  it('names of each result a rule that is listed, a file below a root, and a fingerprint', () => {
    const [run] = parsed(sample.report(every, { rules })).runs;
    for (const { ruleId, ruleIndex, locations } of run.results) {
      expect(run.tool.driver.rules[ruleIndex]!.id).toBe(ruleId);
      const { uri, uriBaseId } = locations[0]!.physicalLocation.artifactLocation;
      expect(run.originalUriBaseIds[uriBaseId]!.uri).toMatch(/^file:\/\/\/.*\/$/);
      expect(uri).not.toMatch(/^\/|[^\x21-\x7e]/);
    }
    expect(run.tool.driver.rules.find(({ id }) => id === 'lost-update')).toMatchObject({
      defaultConfiguration: { level: 'error' },
      shortDescription: { text: rules.find(({ id }) => id === 'lost-update')!.summary },
      help: { text: expect.stringContaining('undertext show ID') },
    });
  });

  it('has a level by severity, and a note for what may have been meant', () => {
    const [run] = parsed(sample.report([sample.indexIncident, sample.memoryIncident, weak])).runs;
    expect(run.results.map(({ level, properties }) => [properties.incident, level])).toEqual([
      ['k7f3qz', 'error'],
      ['m2pq8d', 'warning'],
      ['w3ak22', 'note'],
    ]);
    const grave = { ...sample.indexIncident, certainty: 'possible' } as const;
    expect(parsed(sample.report([grave])).runs[0].results[0]!.level).toBe('error');
  });

  it('says of what was accepted why', () => {
    const [run] = parsed(sample.report([accepted, sample.indexIncident])).runs;
    expect(run.results.map(({ suppressions }) => suppressions)).toEqual([
      undefined,
      [{ kind: 'external', status: 'accepted', justification: 'by design' }],
    ]);
  });

  it('says what was lost, what to do, and how to bring it back', () => {
    const advised = { ...sample.driftIncident, advice: 'delete the line' };
    const [run] = parsed(sample.report([sample.indexIncident, advised])).runs;
    expect(run.results.map(({ message }) => message.text)).toEqual([
      'the line "old-skill" names old-skill/SKILL.md, which does not exist\ndelete the line',
      'lost: list item "voice-buffer"; 1 list item of 14:02:50 is missing since the write of 14:03:20, which grew from 13:58:02\nundertext restore k7f3qz',
    ]);
  });
});

function parsed(report: AuditReport): Sarif {
  return JSON.parse(auditSarif(report)) as Sarif;
}
