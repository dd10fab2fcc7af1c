/** What a report leaves out, and how it says so. */
import { describe, expect, it } from 'vitest';
import type { Incident } from '../../src/model.ts';
import { acceptText } from '../../src/report/accept-text.ts';
import { alike, alikeTo } from '../../src/report/alike.ts';
import { type AuditReport, auditJson, incidentJson } from '../../src/report/audit-json.ts';
import { oldDrift, oldDriftLines } from '../../src/report/first-look.ts';
import { incidentBlock, incidentDetails } from '../../src/report/incident-block.ts';
import { auditText } from '../../src/report/incident-table.ts';
import { auditMarkdown } from '../../src/report/markdown.ts';
import { makeStyle } from '../../src/report/style.ts';
import { isAtLeast, isWeak, type Threshold, thresholds } from '../../src/report/weight.ts';
import { driftIncident, indexIncident, memoryIncident, now, provenIncident, report, today, unit } from './samples.ts';

const narrow = makeStyle({ color: false, width: 80 });
const wide = makeStyle({ color: false, width: 120 });
const weak: Incident = { ...memoryIncident, id: 'w3akaa', severity: 'low' };
const asItWas = 'it was so when undertext first looked';

/** Losses of one stroke, a minute apart. */
const stroke = (length: number, more: (at: number) => Partial<Incident> = () => ({})): readonly Incident[] =>
  Array.from({ length }, (_, at) => ({
    ...indexIncident,
    id: `str0k${String.fromCharCode(97 + at)}`,
    restore: `undertext restore str0k${String.fromCharCode(97 + at)}`,
    path: `skills/skill-${String.fromCharCode(97 + at)}/SKILL.md`,
    cause: { ...indexIncident.cause!, at: today('14:03:20') - at * 30_000 },
    ...more(at),
  }));

const old: readonly Incident[] = [
  ['projects/x/memory/MEMORY.md', 'index-drift', 12],
  ['projects/x/memory/a.md', 'bad-frontmatter', 1],
  ['projects/x/memory/b.md', 'bad-frontmatter', 0],
  ['skills/_index.md', 'index-drift', 2],
  ['CLAUDE.md', 'missing-import', 1],
].map(([path, rule, units], at) => ({
  ...driftIncident,
  id: `0ld${at}aa`,
  state: 'accepted',
  closed: asItWas,
  baseline: true,
  path: path as string,
  cause: null,
  units: Array.from({ length: units as number }, (_, i) => unit('file', `f${i}`, `f${i}`)),
  findings: [{ rule: rule as string, message: 'm', evidence: [] }],
}));

const text = (incidents: readonly Incident[], more: Partial<AuditReport> = {}, style = narrow) =>
  auditText(report(incidents, more), style, now);

describe('what may have been meant', () => {
  it.each([
    ['possible', 'low', true],
    ['possible', 'medium', false],
    ['likely', 'low', false],
  ] as const)('%s and %s: %s', (certainty, severity, is) => {
    expect(isWeak({ certainty, severity })).toBe(is);
    const plain = JSON.parse(incidentJson({ ...memoryIncident, certainty, severity })).incident;
    expect(plain.weak).toBe(is ? true : undefined);
  });

  it('is counted and not listed', () => {
    expect(text([weak, indexIncident, { ...weak, id: 'w3akbb' }])).toContain(
      '\n1 open incident (1 likely); 812 versions looked at\n2 more may have been meant: undertext audit --all\n',
    );
    expect(text([weak])).toMatch(/^no open incidents; 812 versions looked at\n1 may have been meant: /);
    expect(text([weak])).not.toContain('w3akaa');
    const markdown = auditMarkdown(report([weak, indexIncident]));
    expect(markdown).toContain('# 1 open incident\n');
    expect(markdown).toContain('\n1 more may have been meant: `undertext audit --all`\n');
    expect(markdown).not.toContain('w3akaa');
  });

  it('is listed where that was asked for', () => {
    for (const shows of [
      { all: true, weak: false },
      { all: false, weak: true },
    ]) {
      expect(text([weak], { shows })).toMatch(/w3akaa[\s\S]*\n1 open incident \(1 possible\)/);
      expect(text([weak], { shows })).not.toContain('may have been meant');
      expect(auditMarkdown(report([weak], { shows }))).toContain('## w3akaa');
    }
  });

  it('is in the JSON', () => {
    const { incidents } = JSON.parse(auditJson(report([weak, indexIncident])));
    expect(incidents.map(({ id, weak }: { id: string; weak?: boolean }) => [id, weak])).toEqual([
      ['w3akaa', true],
      ['k7f3qz', undefined],
    ]);
  });
});

describe('a threshold', () => {
  const all = (['proven', 'likely', 'possible'] as const).flatMap(certainty =>
    (['high', 'medium', 'low'] as const).map(severity => ({ certainty, severity })),
  );
  it.each<[Threshold, number]>([
    ['proven', 3],
    ['likely', 6],
    ['possible', 9],
    ['high', 3],
    ['medium', 6],
    ['low', 9],
  ])('%s is reached by %i of nine', (threshold, number) => {
    expect(all.filter(weight => isAtLeast(weight, threshold))).toHaveLength(number);
    expect(thresholds).toContain(threshold);
  });

  it('asks for that scale alone', () => {
    expect(isAtLeast({ certainty: 'likely', severity: 'low' }, 'likely')).toBe(true);
    expect(isAtLeast({ certainty: 'likely', severity: 'low' }, 'medium')).toBe(false);
    expect(isAtLeast({ certainty: 'possible', severity: 'high' }, 'medium')).toBe(true);
  });
});

describe('incidents of one stroke', () => {
  const sizes = (incidents: readonly Incident[]) => alike(incidents).map(group => group.length);

  it.each<[string, readonly Incident[], readonly number[]]>([
    ['from four on', stroke(4), [4]],
    ['three are told one by one', stroke(3), [1, 1, 1]],
    ['in one file', stroke(5, () => ({ path: 'notes.md' })), [5]],
    ['in one tree', stroke(4, at => ({ path: `projects/x/memory/${at % 2 ? 'topics/' : ''}${at}.md` })), [4]],
    ['without a known cause', stroke(4, () => ({ cause: null })), [4]],
    ['of other trees', stroke(4, at => ({ path: `projects/${at}/memory/a.md` })), [1, 1, 1, 1]],
    [
      'of trees that only begin alike',
      stroke(4, at => ({ path: `skills${at % 2 ? '-old' : ''}/a/SKILL.md` })),
      [1, 1, 1, 1],
    ],
    ['at the root, beside a tree', stroke(4, at => (at === 3 ? { path: 'CLAUDE.md' } : {})), [1, 1, 1, 1]],
    ['of another root', stroke(4, at => ({ root: at === 3 ? 'notes' : 'claude' })), [1, 1, 1, 1]],
    ['of another certainty', stroke(4, at => ({ certainty: at === 3 ? 'proven' : 'likely' })), [1, 1, 1, 1]],
    ['of another severity', stroke(4, at => ({ severity: at === 3 ? 'low' : 'high' })), [1, 1, 1, 1]],
    ['of another state', stroke(4, at => ({ state: at === 3 ? 'resolved' : 'open' })), [1, 1, 1, 1]],
    ['of other rules', stroke(4, at => (at === 3 ? { findings: [indexIncident.findings[0]!] } : {})), [1, 1, 1, 1]],
    [
      'half an hour apart',
      stroke(4, at => (at === 3 ? { cause: { ...indexIncident.cause!, at: 0 } } : {})),
      [1, 1, 1, 1],
    ],
    ['one without a cause', stroke(4, at => (at === 3 ? { cause: null } : {})), [1, 1, 1, 1]],
    ['one without a way back', stroke(4, at => (at === 3 ? { restore: null } : {})), [1, 1, 1, 1]],
    ['and others between them', [...stroke(2), driftIncident, ...stroke(6).slice(2)], [6, 1]],
  ])('%s', (_, incidents, expected) => {
    expect(sizes(incidents)).toEqual(expected);
    expect(alike(incidents).flat()).toHaveLength(incidents.length);
  });

  it('are one row, with one command', () => {
    const told = text([...stroke(12), provenIncident], {}, wide);
    expect(told).toMatchInlineSnapshot(`
      "id          certainty  when      path                              what
      p7v3nq      proven     14:03:20  projects/-home-me-reader/memory/  lost: section "Voice buffer invariants"
                                       architecture.md                   by session "Fix the double emit in og"
      str0ka      likely     14:03:20  skills/                           lost: 12 list items in 12 files:
      + 11 alike                                                         skill-a/SKILL.md, skill-b/SKILL.md,
                                                                         skill-c/SKILL.md and 9 more
                                                                         by session "feat/citation-tracker"

      13 open incidents (1 proven, 12 likely); 812 versions looked at

      not watched: 02:00:00 to 08:30:00: no watcher
      not kept: 1 × secret

      why: undertext show p7v3nq

      to bring the text back:
      undertext restore p7v3nq
      undertext restore str0ka --alike
      "
    `);
  });

  it('are one row at 80 columns', () => {
    expect(
      text([...stroke(5), ...stroke(4, at => ({ lost: null, restore: null, path: `a/b/${at}.md` }))]),
    ).toMatchInlineSnapshot(`
      "id         certainty  when      path     what
      str0ka     likely     14:03:20  skills/  lost: 5 list items in 5 files:
      + 4 alike                                skill-a/SKILL.md, skill-b/SKILL.md,
                                               skill-c/SKILL.md and 2 more
                                               by session "feat/citation-tracker"
      str0ka     likely     14:03:20  a/b/     lost-update, index-drift in 4 files:
      + 3 alike                                0.md, 1.md, 2.md and 1 more

      9 open incidents (9 likely); 812 versions looked at

      not watched: 02:00:00 to 08:30:00: no watcher
      not kept: 1 × secret

      why: undertext show str0ka

      to bring the text back:
      undertext restore str0ka --alike
      "
    `);
  });

  it('stand one by one where all are listed', () => {
    const told = text(stroke(5), { shows: { all: true, weak: false } });
    expect(told.match(/^str0k[a-e]/gm)).toHaveLength(5);
    expect(told).not.toContain('alike');
  });

  it('are one part of a mail', () => {
    expect(auditMarkdown(report([...stroke(4), driftIncident]))).toMatchInlineSnapshot(`
      "# 5 open incidents

      undertext 0.1.0, 2026-11-20 22:00 UTC: 812 versions looked at in \`/home/me/.claude\`.

      - **d4r8ft** wrong in \`skills/_index.md\` (proven, low)
      - **str0ka** lost: 4 list items in 4 files below \`skills/\` (likely, high)

      ## d4r8ft: wrong in \`skills/_index.md\` (proven, low)

      What: the line "old-skill" names old-skill/SKILL.md, which does not exist (2026-11-20 14:03 UTC, session "feat/citation-tracker").

      \`\`\`
      - [old-skill](old-skill/SKILL.md)
      \`\`\`

      - index-drift: old-skill/SKILL.md was deleted at 14:03:20

      More: \`undertext show d4r8ft\`

      ## str0ka: lost: 4 list items in 4 files below \`skills/\` (likely, high)

      The first of them: 1 list item of 14:02:50 is missing since the write of 14:03:20, which grew from 13:58:02 (2026-11-20 14:03 UTC, session "feat/citation-tracker").

      \`\`\`
      - [voice-buffer](voice-buffer/SKILL.md) — how the voice buffer keeps speech from being cut inside a word
      \`\`\`

      - lost-update: the write of 14:03:20 holds nothing of what 14:02:50 added to 13:58:02
      - lost-update: it adds a list item of its own, 30 s after the lost one
      - index-drift: the line went with the write of 14:03:20

      Alike:

      - str0kb: \`skills/skill-b/SKILL.md\`
      - str0kc: \`skills/skill-c/SKILL.md\`
      - str0kd: \`skills/skill-d/SKILL.md\`

      To bring it back: \`undertext restore str0ka --alike\`

      ## What could not be seen

      - not watched from 2026-11-20 02:00 UTC to 2026-11-20 08:30 UTC: no watcher
      - not kept on purpose: 1 place
      "
    `);
  });
});

describe('what was so at the first look', () => {
  it('is counted by folder, most of it first', () => {
    expect(oldDrift([...old, indexIncident])).toEqual([
      { root: 'claude', folder: 'projects/x/memory', rules: { 'index-drift': 12, 'bad-frontmatter': 2 } },
      { root: 'claude', folder: 'skills', rules: { 'index-drift': 2 } },
      { root: 'claude', folder: '', rules: { 'missing-import': 1 } },
    ]);
  });

  it('is one line for each folder', () => {
    expect(text([], { baseline: oldDrift(old) })).toMatchInlineSnapshot(`
      "no open incidents; 812 versions looked at

      as it was when undertext first looked (\`undertext audit --all\` lists it):
        projects/x/memory: 12 index-drift, 2 bad-frontmatter
        skills: 2 index-drift
        the root claude: 1 missing-import

      not watched: 02:00:00 to 08:30:00: no watcher
      not kept: 1 × secret
      "
    `);
    expect(auditMarkdown(report([], { baseline: oldDrift(old) }))).toMatchInlineSnapshot(`
      "# No open incidents

      undertext 0.1.0, 2026-11-20 22:00 UTC: 812 versions looked at in \`/home/me/.claude\`.

      ## As it was when undertext first looked

      \`undertext audit --all\` lists it.

      - projects/x/memory: 12 index-drift, 2 bad-frontmatter
      - skills: 2 index-drift
      - the root claude: 1 missing-import

      ## What could not be seen

      - not watched from 2026-11-20 02:00 UTC to 2026-11-20 08:30 UTC: no watcher
      - not kept on purpose: 1 place
      "
    `);
  });

  it('of folders side by side that say the same is one line', () => {
    const skills = (names: string, rule: string) =>
      [...names].map(name => ({ root: 'claude', folder: `skills/${name}`, rules: { [rule]: 2 } }));
    expect(oldDriftLines([...skills('abcd', 'bad-frontmatter'), ...skills('xyz', 'missing-import')])).toEqual([
      'skills/*: 8 bad-frontmatter',
      'skills/x: 2 missing-import',
      'skills/y: 2 missing-import',
      'skills/z: 2 missing-import',
    ]);
    const tops = [...'abcd'].map(folder => ({ root: 'claude', folder, rules: { 'index-drift': 1 } }));
    expect(oldDriftLines(tops)).toHaveLength(4);
    const two = [
      ...skills('ab', 'index-drift'),
      ...skills('ab', 'index-drift').map(each => ({ ...each, root: 'notes' })),
    ];
    expect(oldDriftLines(two)).toHaveLength(4);
  });

  it('of many folders ends with their number', () => {
    const many = Array.from({ length: 13 }, (_, at) => ({ ...old[0]!, path: `projects/p${at}/memory/MEMORY.md` }));
    expect(text([], { baseline: oldDrift(many) })).toContain('\n  … 3 more folders\n');
  });

  it('is listed, and not counted, where all are', () => {
    const told = text(old, { baseline: oldDrift(old), shows: { all: true, weak: false } });
    expect(told).toContain('0ld0aa  accepted');
    expect(told).not.toContain('first looked');
    expect(told).toMatch(/\nno open incidents; /);
  });
});

describe('what is left alone', () => {
  const suppressed = [
    { root: 'claude', path: 'skills/_index.md', rule: 'index-drift', how: 'marker', reason: 'hub file', findings: 2 },
    { root: 'claude', path: 'skills/x/_index.md', rule: 'index-drift', how: 'marker', reason: 'hub file', findings: 1 },
    { root: 'claude', path: 'plans/a.md', rule: 'lost-update', how: 'config', reason: 'plans\u001b', findings: 1 },
    { root: 'claude', path: 'b.md', rule: 'lost-update', how: 'marker', reason: null, findings: 1 },
  ] as const;
  const coverage = { ...report([]).coverage, gaps: [], skipped: [], suppressed };

  it('is one line', () => {
    expect(text([], { coverage }, wide)).toMatchInlineSnapshot(`
      "no open incidents; 812 versions looked at

      left alone: 3 × index-drift (hub file), 1 × lost-update (plans\\x1b), 1 × lost-update (marked in the file)
      "
    `);
  });

  it('is named by path for a program, and in a mail', () => {
    expect(JSON.parse(auditJson(report([], { coverage }))).coverage.suppressed).toEqual(suppressed);
    expect(auditMarkdown(report([], { coverage }))).toContain(
      '\n## Left alone\n\n- 2 × index-drift in `skills/_index.md` (hub file)\n',
    );
  });
});

describe('advice', () => {
  const long = `move what is older than a month into a file of its own, ${'and name it in the index, '.repeat(8)}then look again`;
  const advised: readonly Incident[] = [
    { ...driftIncident, id: 'adv1ce', advice: 'delete the line, or write the file' },
    { ...driftIncident, id: 'adv2ce', path: 'a/b.md', advice: 'delete the line, or write the file' },
    { ...driftIncident, id: 'adv3ce', path: 'c/d.md', advice: long },
    { ...indexIncident, advice: 'never shown here, as the text can be put back' },
  ];

  it('stands below the table where nothing can be put back, cut short', () => {
    const told = text(advised);
    expect(told.slice(told.indexOf('why:'))).toMatchInlineSnapshot(`
      "why: undertext show adv1ce

      what to do:
      adv1ce, adv2ce: delete the line, or write the file
      adv3ce: move what is older than a month into a file of its own, and name it in
        the index, and name it in the index, and name it in the index, and name it…

      to bring the text back:
      undertext restore k7f3qz
      "
    `);
  });

  it('is whole in show, in a block, and in a mail', () => {
    for (const whole of [incidentDetails(advised[2]!, '', narrow, now), auditMarkdown(report([advised[2]!]))]) {
      expect(whole.replace(/\s+/g, ' ').toLowerCase()).toContain(`what to do: ${long}`);
    }
    expect(incidentBlock(advised[0]!, narrow, now)).toMatch(
      /\nwhat to do: delete the line, or write the file\n\nto see all of it: undertext show adv1ce\n/,
    );
    expect(incidentBlock(driftIncident, narrow, now)).not.toContain('what to do');
  });

  it('says which lines would put it in order', () => {
    const restore = 'undertext restore d4r8ft';
    const proposing = { ...driftIncident, restore, proposed: ['- [a](a.md)', '- [\u001b](b.md)'] };
    for (const told of [incidentBlock(proposing, narrow, now), incidentDetails(proposing, '', narrow, now)]) {
      expect(told).toContain('\nwhat restore would add\n+ - [a](a.md)\n+ - [\\x1b](b.md)\n\n');
    }
    expect(text([proposing])).toContain(`\nto put it in order:\n${restore}\n`);
    expect(text([proposing, indexIncident])).toContain('\nto bring the text back:\n');
  });
});

describe('accept', () => {
  it('says what was closed and what is left', () => {
    const accepted = [indexIncident, memoryIncident];
    expect(acceptText({ accepted, reason: 'tidied\u001b up', left: 0 }, narrow)).toBe(
      'accepted k7f3qz, m2pq8d: tidied\\x1b up\nnothing else is open\n',
    );
    expect(acceptText({ accepted, reason: 'x', left: 1 }, narrow)).toMatch(
      /\n1 incident is still open: undertext audit\n$/,
    );
    expect(acceptText({ accepted, reason: 'x', left: 2 }, narrow)).toMatch(
      /\n2 incidents are still open: undertext audit\n$/,
    );
  });

  it('finds those that are told together', () => {
    const group = stroke(5);
    const all = [...group, driftIncident, { ...group[0]!, id: 'closed', state: 'accepted' } as const];
    expect(alikeTo(group[3]!, all).map(({ id }) => id)).toEqual(
      [group[3]!, ...group.filter(each => each !== group[3])].map(({ id }) => id),
    );
    expect(alikeTo(driftIncident, all)).toEqual([driftIncident]);
    expect(alikeTo(all.at(-1)!, all)).toEqual([all.at(-1)]);
  });
});
