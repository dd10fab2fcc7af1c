/** What a person sees, whole, at 80 and at 120 columns. */
import { describe, expect, it } from 'vitest';
import { auditJson } from '../../src/report/audit-json.ts';
import { coloredDiff } from '../../src/report/diff-text.ts';
import { errorText } from '../../src/report/error-text.ts';
import { type Found, findText } from '../../src/report/find-text.ts';
import { type ForgetReport, forgetText } from '../../src/report/forget-text.ts';
import { incidentBlock, incidentDetails } from '../../src/report/incident-block.ts';
import { auditText } from '../../src/report/incident-table.ts';
import { logTable } from '../../src/report/log-table.ts';
import { auditMarkdown } from '../../src/report/markdown.ts';
import { type PruneReport, prunedLine, pruneText } from '../../src/report/prune-text.ts';
import { type RestoreReport, restoreText } from '../../src/report/restore-text.ts';
import { snapshotText } from '../../src/report/snapshot-text.ts';
import { type StatusReport, statusText } from '../../src/report/status-text.ts';
import { makeStyle } from '../../src/report/style.ts';
import { repairText, verifyText } from '../../src/report/verify-text.ts';
import { columns } from '../../src/report/width.ts';
import {
  driftIncident,
  gap,
  hostileIncident,
  indexIncident,
  memoryIncident,
  noEvidence,
  now,
  pruning,
  report,
  room,
  session,
  tightRoom,
  today,
  unit,
  version,
} from './samples.ts';

const narrow = makeStyle({ color: false, width: 80 });
const wide = makeStyle({ color: false, width: 120 });
const all = [indexIncident, memoryIncident, driftIncident, hostileIncident];

describe('the block of an incident', () => {
  it('at 80 columns', () => {
    expect(incidentBlock(indexIncident, narrow, now)).toMatchInlineSnapshot(`
      "lost: list item "voice-buffer" in skills/_index.md
      overwritten 14:03:20 by session "feat/citation-tracker", probably working from
      an old copy (13:58:02)
      certainty: likely · severity: high · state: open

      - - [voice-buffer](voice-buffer/SKILL.md) — how the voice buffer keeps speech
        from being cut inside a word

      to bring it back: undertext restore k7f3qz
      if it was meant: undertext accept k7f3qz --reason "…"

      why (lost-update)
        1 list item of 14:02:50 is missing since the write of 14:03:20, which grew
        from 13:58:02
        · the write of 14:03:20 holds nothing of what 14:02:50 added to 13:58:02
        · it adds a list item of its own, 30 s after the lost one
      why (index-drift)
        voice-buffer/SKILL.md is named by no line of skills/_index.md
        · the line went with the write of 14:03:20
      "
    `);
  });

  it('at 120 columns', () => {
    expect(incidentBlock(indexIncident, wide, now)).toMatchInlineSnapshot(`
      "lost: list item "voice-buffer" in skills/_index.md
      overwritten 14:03:20 by session "feat/citation-tracker", probably working from an old copy (13:58:02)
      certainty: likely · severity: high · state: open

      - - [voice-buffer](voice-buffer/SKILL.md) — how the voice buffer keeps speech from being cut inside a word

      to bring it back: undertext restore k7f3qz
      if it was meant: undertext accept k7f3qz --reason "…"

      why (lost-update)
        1 list item of 14:02:50 is missing since the write of 14:03:20, which grew from 13:58:02
        · the write of 14:03:20 holds nothing of what 14:02:50 added to 13:58:02
        · it adds a list item of its own, 30 s after the lost one
      why (index-drift)
        voice-buffer/SKILL.md is named by no line of skills/_index.md
        · the line went with the write of 14:03:20
      "
    `);
  });

  it('of a long text shows its beginning', () => {
    expect(incidentBlock(memoryIncident, narrow, now)).toMatchInlineSnapshot(`
      "lost: section "Voice buffer invariants" in
      projects/-home-me-reader/memory/architecture.md
      overwritten 2026-11-19 09:11 by an unknown writer
      certainty: possible · severity: medium · state: open

      - ## Voice buffer invariants
      -
      - - one
      - - two
      - - three
      - - four
      - - five
        … 3 lines more: undertext show m2pq8d

      to bring it back: undertext restore m2pq8d
      if it was meant: undertext accept m2pq8d --reason "…"

      why (lost-section)
        1 section of 09:10:00 is missing since the write of 09:11:30
        · nothing says that it was meant
      "
    `);
  });

  it('without a loss names no restore', () => {
    expect(incidentBlock(driftIncident, narrow, now)).toMatchInlineSnapshot(`
      "wrong in skills/_index.md: the line "old-skill" names old-skill/SKILL.md, which
      does not exist
      written 14:03:20 by session "feat/citation-tracker"
      certainty: proven · severity: low · state: open

      ? - [old-skill](old-skill/SKILL.md)

      to see all of it: undertext show d4r8ft
      if it was meant: undertext accept d4r8ft --reason "…"

      why (index-drift)
        · old-skill/SKILL.md was deleted at 14:03:20
      "
    `);
  });

  it('of hostile text obeys nothing', () => {
    expect(incidentBlock(hostileIncident, narrow, now)).toMatchInlineSnapshot(`
      "lost: section "a\\x1b[2J\\u200bb" in skills/\\x1b[31mred\\nnew\\u202eline\\xff.md
      overwritten 14:03:20 by session "feat/citation-tracker", probably working from
      an old copy (13:58:02)
      certainty: likely · severity: high · state: open

      - ## a\\x1b[2J\\u200bb
      -
      -     indented\\x9b31m\\rreturn
      - 中文 wide

      to bring it back: undertext restore h9st2e
      if it was meant: undertext accept h9st2e --reason "…"

      the heading \\x1b]0;owned\\x07 is gone
      why (lost-section)
        gone\\u202e
        · \\x1b[1mbold\\nsecond line
      "
    `);
  });

  it('never prints an inferred base or a likely writer as known', () => {
    const guessed = { ...session, certainty: 'likely' } as const;
    const incident = { ...indexIncident, cause: { ...indexIncident.cause!, writer: guessed } };
    const text = incidentBlock(incident, wide, now);
    expect(text).toContain('by likely session "feat/citation-tracker", probably working from an old copy (13:58:02)');
    const known = { ...incident, base: { ...incident.base!, how: 'known' } } as const;
    expect(incidentBlock(known, wide, now)).toContain(', working from an old copy (13:58:02)');
  });

  it('names the command before the evidence', () => {
    for (const incident of [indexIncident, memoryIncident, hostileIncident]) {
      for (const text of [incidentBlock(incident, narrow, now), incidentDetails(incident, '', narrow, now)]) {
        const lines = text.split('\n');
        const at = lines.indexOf(`to bring it back: undertext restore ${incident.id}`);
        expect(at).toBeGreaterThan(0);
        expect(at).toBeLessThan(lines.findIndex(line => line.startsWith('why (')));
      }
    }
  });

  it('gives the command a line of its own where it would not fit', () => {
    const text = incidentBlock(indexIncident, makeStyle({ color: false, width: 40 }), now);
    expect(text).toContain('\nif it was meant:\n  undertext accept k7f3qz --reason "…"\n');
  });
});

describe('show', () => {
  it('has everything', () => {
    const diff = '--- a/skills/_index.md\n+++ b/skills/_index.md\n@@ -1,2 +1,2 @@\n # Skills\n-- voice\n+- cite\n';
    expect(incidentDetails(indexIncident, diff, narrow, now)).toMatchInlineSnapshot(`
      "lost: list item "voice-buffer" in skills/_index.md
      overwritten 14:03:20 by session "feat/citation-tracker", probably working from
      an old copy (13:58:02)
      certainty: likely · severity: high · state: open

      - - [voice-buffer](voice-buffer/SKILL.md) — how the voice buffer keeps speech
        from being cut inside a word

      to bring it back: undertext restore k7f3qz
      if it was meant: undertext accept k7f3qz --reason "…"

      why (lost-update)
        1 list item of 14:02:50 is missing since the write of 14:03:20, which grew
        from 13:58:02
        · the write of 14:03:20 holds nothing of what 14:02:50 added to 13:58:02
        · it adds a list item of its own, 30 s after the lost one
      why (index-drift)
        voice-buffer/SKILL.md is named by no line of skills/_index.md
        · the line went with the write of 14:03:20

      base   13:58:02          base2h4abc  inferred · unknown writer
      lost   14:02:50          lost4xkabc  last version with the text · unknown writer
      cause  14:03:20          cause9wabc  removed here · session
                                           "feat/citation-tracker"

      what that write changed

      --- a/skills/_index.md
      +++ b/skills/_index.md
      @@ -1,2 +1,2 @@
       # Skills
      -- voice
      +- cite
      "
    `);
  });

  it('of a closed incident says why it is closed', () => {
    const accepted = { ...memoryIncident, state: 'accepted', closed: 'moved to the wiki\u001b[0m' } as const;
    expect(incidentDetails(accepted, '', narrow, now)).toMatchInlineSnapshot(`
      "lost: section "Voice buffer invariants" in
      projects/-home-me-reader/memory/architecture.md
      overwritten 2026-11-19 09:11 by an unknown writer
      certainty: possible · severity: medium · state: accepted
      reason: moved to the wiki\\x1b[0m

      - ## Voice buffer invariants
      -
      - - one
      - - two
      - - three
      - - four
      - - five
      - - six
      - - seven
      - - eight

      to bring it back: undertext restore m2pq8d
      to list it again: undertext reopen m2pq8d

      why (lost-section)
        1 section of 09:10:00 is missing since the write of 09:11:30
        · nothing says that it was meant

      lost   2026-11-19 09:10  lostmm2abc  last version with the text · unknown writer
      cause  2026-11-19 09:11  causem3abc  removed here · unknown writer
      "
    `);
  });
});

describe('audit', () => {
  it('at 80 columns, worst first', () => {
    expect(auditText(report(all), narrow, now)).toMatchInlineSnapshot(`
      "id      certainty  when        path                            what
      d4r8ft  proven     14:03:20    skills/_index.md                the line
                                                                     "old-skill" names
                                                                     old-skill/
                                                                     SKILL.md, which
                                                                     does not exist
      k7f3qz  likely     14:03:20    skills/_index.md                lost: list item
                                                                     "voice-buffer"
                                                                     by session
                                                                     "feat/
                                                                     citation-tracker"
      h9st2e  likely     14:03:20    skills/                         lost: section
                                     \\x1b[31mred\\nnew\\u202eline\\xff  "a\\x1b[2J\\u200bb"
                                     .md                             by session
                                                                     "feat/
                                                                     citation-tracker"
      m2pq8d  possible   2026-11-19  projects/-home-me-reader/       lost: section
                         09:11       memory/architecture.md          "Voice buffer
                                                                     invariants"

      4 open incidents (1 proven, 2 likely, 1 possible); 812 versions looked at

      not watched: 02:00:00 to 08:30:00: no watcher
      not kept: 1 × secret

      why: undertext show d4r8ft

      to bring the text back:
      undertext restore k7f3qz
      undertext restore h9st2e
      undertext restore m2pq8d
      "
    `);
  });

  it('at 120 columns', () => {
    expect(auditText(report(all), wide, now)).toMatchInlineSnapshot(`
      "id      certainty  when              path                                      what
      d4r8ft  proven     14:03:20          skills/_index.md                          the line "old-skill" names
                                                                                     old-skill/SKILL.md, which does not exist
      k7f3qz  likely     14:03:20          skills/_index.md                          lost: list item "voice-buffer"
                                                                                     by session "feat/citation-tracker"
      h9st2e  likely     14:03:20          skills/\\x1b[31mred\\nnew\\u202eline\\xff.md  lost: section "a\\x1b[2J\\u200bb"
                                                                                     by session "feat/citation-tracker"
      m2pq8d  possible   2026-11-19 09:11  projects/-home-me-reader/memory/          lost: section "Voice buffer invariants"
                                           architecture.md

      4 open incidents (1 proven, 2 likely, 1 possible); 812 versions looked at

      not watched: 02:00:00 to 08:30:00: no watcher
      not kept: 1 × secret

      why: undertext show d4r8ft

      to bring the text back:
      undertext restore k7f3qz
      undertext restore h9st2e
      undertext restore m2pq8d
      "
    `);
  });

  it('at 40 columns', () => {
    expect(auditText(report([indexIncident]), makeStyle({ color: false, width: 10 }), now)).toMatchInlineSnapshot(`
      "k7f3qz
        certainty  likely
        when       14:03:20
        path       skills/_index.md
        what       lost: list item
                   "voice-buffer"
                   by session
                   "feat/citation-tracker"

      1 open incident (1 likely); 812 versions
      looked at

      not watched: 02:00:00 to 08:30:00: no
      watcher
      not kept: 1 × secret

      why: undertext show k7f3qz

      to bring the text back:
      undertext restore k7f3qz
      "
    `);
  });

  it('of nothing says what was looked at', () => {
    expect(auditText(report([]), narrow, now)).toMatchInlineSnapshot(`
      "no open incidents; 812 versions looked at

      not watched: 02:00:00 to 08:30:00: no watcher
      not kept: 1 × secret
      "
    `);
  });

  it('says whatever could not be seen', () => {
    const coverage = {
      versions: 3,
      since: null,
      gaps: [1, 2, 3, 4, 5].map(hour => ({
        ...gap,
        from: today(`0${hour}:00:00`),
        to: null,
        root: 'claude',
        paths: ['a', 'b', 'c', 'd'],
      })),
      skipped: [],
      unreadable: ['a', 'b', 'c', 'd'].map(path => ({ root: 'claude', path, why: 'EACCES' })),
      limited: [],
      suppressed: [],
      evidence: noEvidence,
    };
    const failedRules = [{ rule: 'index-drift', path: 'skills/_index.md', message: 'cannot read \u001b[31m' }];
    expect(auditText(report([], { coverage, failedRules }), narrow, now)).toMatchInlineSnapshot(`
      "no open incidents; 3 versions looked at

      rule index-drift failed on skills/_index.md: cannot read \\x1b[31m
      could not be read: a (EACCES), b (EACCES), c (EACCES) and 1 more
      not watched: 05:00:00 to now: no watcher (a, b, c and 1 more)
      not watched: 04:00:00 to now: no watcher (a, b, c and 1 more)
      not watched: 03:00:00 to now: no watcher (a, b, c and 1 more)
      not watched: 2 earlier gaps
      "
    `);
  });

  it('tells a rule that fails often in the same way once, with how often', () => {
    const fail = (rule: string, path: string, message: string) => ({ rule, path, message });
    const failedRules = [fail('r', 'a', 'no'), fail('r', 'b', 'no'), fail('r', 'c', 'odd'), fail('s', 'd', 'no')];
    const told = report([], { failedRules });
    const lines = auditText(told, wide, now).split('\n');
    expect(lines.filter(line => line.startsWith('rule '))).toEqual([
      'rule r failed on a and 1 more: no',
      'rule r failed on c: odd',
      'rule s failed on d: no',
    ]);
    expect(auditMarkdown(told)).toContain('- the rule r failed on `a` and 1 more: no\n');
    expect(JSON.parse(auditJson(told)).failedRules).toHaveLength(4);
  });

  it('says what was only compared in a cheaper way', () => {
    const why = 'blocks nested deeper than 60 levels: compared line by line';
    const { coverage } = report([]);
    const limited = [{ root: 'claude', path: 'notes/all.md', why }];
    const told = report([], { coverage: { ...coverage, limited } });
    expect(auditText(told, wide, now)).toContain(`limited: notes/all.md (${why})`);
    expect(auditMarkdown(told)).toContain(`- \`notes/all.md\` was looked at with limits: ${why}`);
    expect(JSON.parse(auditJson(told)).coverage.limited).toEqual(limited);
  });

  const hourly = (at: number) => ({ ...indexIncident.cause!, at: now - at * 3_600_000 });

  it('of many incidents gives one command for all', () => {
    const many = Array.from({ length: 30 }, (_, at) => ({
      ...indexIncident,
      id: `aaaa${String(at).padStart(2, '0')}`,
      path: `folder-${at}/notes.md`,
      cause: hourly(at),
    }));
    const lines = auditText(report(many), wide, now).trimEnd().split('\n');
    expect(lines.filter(line => line.startsWith('undertext restore'))).toEqual([indexIncident.restore]);
  });

  it('of more than anybody reads says how many are left out', () => {
    const many = Array.from({ length: 503 }, (_, at) => ({
      ...indexIncident,
      path: `folder-${at}/notes.md`,
      cause: hourly(at),
    }));
    const text = auditText(report(many), wide, now);
    expect(text).toContain('\n\n… 3 more: undertext audit --json\n\n503 open incidents');
    const row = { version: version('base2h4abc', now), writer: null, forgotten: null, change: 'first seen' };
    const log = { root: 'claude', path: 'a.md', rows: Array.from({ length: 501 }, () => row) };
    expect(logTable(log, wide, now)).toMatch(/\n… 1 older version: undertext log PATH --json\n$/);
  });

  it('shows the state when closed ones are listed too', () => {
    const closed = { ...memoryIncident, state: 'resolved', closed: 'the text is back' } as const;
    const text = auditText(report([closed, indexIncident]), wide, now);
    expect(
      text
        .split('\n')
        .map(line => line.slice(0, 24))
        .filter(line => line.trim() !== '')
        .slice(0, 3),
    ).toEqual(['id      state     certai', 'k7f3qz  open      likely', 'm2pq8d  resolved  possib']);
    expect(text).not.toContain('undertext restore m2pq8d');
  });

  it('as markdown escapes what markdown would obey', () => {
    const odd = { ...hostileIncident, units: [unit('section', 'a | b', '## ```\ncode\n```\n')] };
    expect(auditMarkdown(report([odd]))).toMatchInlineSnapshot(`
      "# 1 open incident

      undertext 0.1.0, 2026-11-20 22:00 UTC: 812 versions looked at in \`/home/me/.claude\`.

      ## h9st2e: lost section "a | b" in \`skills/\\x1b[31mred\\nnew\\u202eline\\xff.md\` (likely, high)

      What: the heading \\x1b\\]0;owned\\x07 is gone (2026-11-20 14:03 UTC, session "feat/citation-tracker").

      \`\`\`\`
      ## \`\`\`
      code
      \`\`\`
      \`\`\`\`

      - lost-section: \\x1b\\[1mbold\\nsecond line

      To bring it back: \`undertext restore h9st2e\`

      ## What could not be seen

      - not watched from 2026-11-20 02:00 UTC to 2026-11-20 08:30 UTC: no watcher
      - not kept on purpose: 1 place
      "
    `);
  });
});

describe('forget', () => {
  const report: ForgetReport = {
    root: 'claude',
    path: 'my notes.md',
    at: now,
    reason: null,
    versions: [
      version('leak2h4abc', today('13:58:02'), { path: 'my notes.md' }),
      version('leak4xkabc', today('14:02:50'), { path: 'backups/notes.md', size: 2133 }),
    ],
    bytes: 4133,
    freed: 5120,
    incidents: ['k7f3qz'],
    left: ['newest2abc'],
  };

  it('says what went, and what may hold the same words still', () => {
    expect(forgetText(report, narrow, now)).toMatchInlineSnapshot(`
      "forgot 1 version of my notes.md, and 1 version elsewhere with the same content:
      4.1 KB of content

      version     when      size    path
      leak2h4abc  13:58:02  2.0 KB  my notes.md
      leak4xkabc  14:02:50  2.1 KB  backups/notes.md

      the text of 1 incident went too, and cannot be restored: k7f3qz
      left, because the file on the disk says it: newest2abc
      the trash was emptied too; the store is 5.1 KB smaller
      other versions of my notes.md, and other files, may hold the same words:
      undertext find TEXT
      backups and synchronized copies of the store, and what the sessions wrote into
      their own transcripts, are not ours to clean
      that these versions stood there stays: undertext log shows them as forgotten

      undertext log 'my notes.md'
      "
    `);
  });

  it('says of a dry run that nothing was changed', () => {
    const dry = { ...report, at: null, freed: null, versions: report.versions.slice(0, 1), incidents: [], left: [] };
    expect(forgetText(dry, narrow, now)).toMatchInlineSnapshot(`
      "would forget 1 version of my notes.md: 4.1 KB of content

      version     when      size    path
      leak2h4abc  13:58:02  2.0 KB  my notes.md

      the trash would be emptied too

      nothing was changed
      "
    `);
  });

  it('shows the newest of more than anybody reads', () => {
    const many = Array.from({ length: 50 }, (_, i) => version(`v${String(i).padStart(9, '0')}`, now, { path: 'p' }));
    const text = forgetText({ ...report, versions: many }, narrow, now);
    expect(text).toContain('… and 10 older versions');
    expect(text).toContain('v000000049');
    expect(text).not.toContain('v000000009');
  });
});

describe('the other commands', () => {
  it('log, newest first', () => {
    const rows = [
      { version: version('base2h4abc', today('13:58:02')), writer: null, change: 'first seen' },
      { version: version('lost4xkabc', today('14:02:50'), { size: 2133 }), writer: null, change: '+1 list item' },
      {
        version: version('cause9wabc', today('14:03:20'), { settled: false }),
        writer: session,
        change: '+1 list item −1 list item',
      },
      { version: version('leak3cwabc', today('14:04:00'), { kind: 'withheld', size: 1 }), writer: null, change: '' },
      { version: version('gone22wabc', today('14:05:00'), { kind: 'gone', size: 0 }), writer: null, change: 'deleted' },
    ].map(row => ({ ...row, forgotten: row.version.id === 'leak3cwabc' ? today('20:10:00') : null }));
    expect(logTable({ root: 'claude', path: 'skills/_index.md', rows }, narrow, now)).toMatchInlineSnapshot(`
      "skills/_index.md

      version     when      size    writer                   what changed
      gone22wabc  14:05:00  gone    unknown                  deleted
      leak3cwabc  14:04:00  –       unknown                  forgotten 20:10:00
      cause9wabc  14:03:20  2.0 KB  session                  +1 list item −1 list
                                    "feat/citation-tracker"  item (read while it was
                                                             being written)
      lost4xkabc  14:02:50  2.1 KB  unknown                  +1 list item
      base2h4abc  13:58:02  2.0 KB  unknown                  first seen
      "
    `);
  });

  it('find', () => {
    const [first, last, gone] = ['14:02:50', '14:03:00', '14:03:20'].map((clock, at) =>
      version(`v${at}`, today(clock)),
    );
    const found: Found[] = [
      { root: 'claude', path: "it's/a file.md", first: first!, last: last!, count: 2, gone: gone! },
      { root: 'claude', path: 'skills/_index.md', first: first!, last: last!, count: 2, gone: null },
    ];
    expect(findText('voice', found, narrow, now)).toMatchInlineSnapshot(`
      "path              since     gone         last version  versions
      it's/a file.md    14:02:50  14:03:20     v1            2
      skills/_index.md  14:02:50  still there  v1            2

      to read it: undertext cat 'it'\\''s/a file.md'@v1
      "
    `);
    expect(findText('a\u001b[2Jb', [], narrow, now)).toBe('no version of any file holds "a\\x1b[2Jb"\n');
  });

  const status: StatusReport = {
    watcher: { pid: 4711, since: today('08:30:00'), source: 'native', roots: ['/home/me/.claude'] },
    store: {
      path: '/home/me/.local/share/undertext',
      bytes: 41_200_000,
      versions: 812,
      since: today('00:00:00'),
      sealed: 800,
    },
    room,
    pruned: null,
    roots: [{ name: 'claude', path: '/home/me/.claude' }],
    gaps: [gap],
    incidents: { open: 2, weak: 0, accepted: 1, resolved: 7 },
    evidence: { transcripts: 14, files: 6, damaged: 0 },
    repairs: ['cut 12 bytes that were half written'],
  };

  it('status', () => {
    expect(statusText(status, narrow, now)).toMatchInlineSnapshot(`
      "watcher    process 4711 since 08:30:00 (13 h), native, /home/me/.claude
      root       claude  /home/me/.claude
      store      /home/me/.local/share/undertext
                 812 versions since 00:00:00
                 41 MB of at most 5.0 GB; 80 GB are free on its disk
      evidence   14 transcripts that tell of 6 files
      noticed    cut 12 bytes that were half written
      gaps       02:00:00 to 08:30:00: no watcher
      incidents  2 open, 1 accepted, 7 resolved

      undertext audit
      "
    `);
  });

  it('status names those that may have been meant', () => {
    const told = (open: number, weak: number) =>
      statusText({ ...status, incidents: { open, weak, accepted: 0, resolved: 0 } }, narrow, now);
    expect(told(3, 2)).toMatch(
      /\nincidents {2}3 open \(2 of them may have been meant\), 0 accepted, 0 resolved\n\nundertext/,
    );
    expect(told(2, 2)).toMatch(/\nincidents {2}2 open \(may have been meant\), 0 accepted, 0 resolved\n$/);
  });

  it('status at the cap', () => {
    const pruned = { at: today('03:00:00'), versions: 812, bytes: 41e6, isForced: true, lastTexts: 3 };
    const evidence = { transcripts: 1, files: 1, damaged: 2 };
    expect(
      statusText({ ...status, room: tightRoom, pruned, evidence, repairs: [] }, narrow, now),
    ).toMatchInlineSnapshot(`
      "warning    the store takes 5.2 GB, of which 400 MB are trash, more than its cap
                 of 5.0 GB: logs are not kept until it is smaller
                 \`undertext prune\` makes room; keep.cap in the configuration raises
                 the cap
      warning    only 312 MB are free on the disk of the store: nothing is recorded
                 below 500 MB
                 make room on that disk; recording goes on by itself then
      watcher    process 4711 since 08:30:00 (13 h), native, /home/me/.claude
      root       claude  /home/me/.claude
      store      /home/me/.local/share/undertext
                 812 versions since 00:00:00
                 5.2 GB of at most 5.0 GB, of which 400 MB are trash; 312 MB are free
                 on its disk
      evidence   1 transcript that tells of 1 file
                 2 damaged lines: the next audit reads the transcripts again
      pruned     03:00:00: 812 versions, about 41 MB, as the store was at its cap; 3
                 of them the last to hold a text
      gaps       02:00:00 to 08:30:00: no watcher
      incidents  2 open, 1 accepted, 7 resolved

      undertext audit
      "
    `);
  });

  it('an audit at the cap says so first', () => {
    expect(auditText(report([], { room: tightRoom }), narrow, now)).toMatchInlineSnapshot(`
      "warning: the store takes 5.2 GB, of which 400 MB are trash, more than its cap of
      5.0 GB: logs are not kept until it is smaller
      hint: \`undertext prune\` makes room; keep.cap in the configuration raises the cap
      warning: only 312 MB are free on the disk of the store: nothing is recorded
      below 500 MB
      hint: make room on that disk; recording goes on by itself then

      no open incidents; 812 versions looked at

      not watched: 02:00:00 to 08:30:00: no watcher
      not kept: 1 × secret
      "
    `);
    expect(auditMarkdown(report([], { room: tightRoom }))).toContain('**Warning:** the store takes 5.2 GB');
  });

  it('prune, as it would be', () => {
    expect(pruneText(pruning, narrow, now)).toMatchInlineSnapshot(`
      "would drop 812 versions, about 41 MB

      files     versions  about   why
      authored  112       1.0 MB  a later one of its hour or day stays, and each text
                                  somewhere
      log       700       40 MB   a later version begins with all of it

      path                                             versions  about   why
      projects/-home-me-reader/7c1e.jsonl              700       40 MB   contained
      projects/-home-me-reader/memory/architecture.md  100       900 KB  thinned
      skills/s0/SKILL.md                               1         8.0 KB  thinned
      skills/s1/SKILL.md                               1         8.0 KB  thinned
      skills/s2/SKILL.md                               1         8.0 KB  thinned
      skills/s3/SKILL.md                               1         8.0 KB  thinned
      skills/s4/SKILL.md                               1         8.0 KB  thinned
      skills/s5/SKILL.md                               1         8.0 KB  thinned
      skills/s6/SKILL.md                               1         8.0 KB  thinned
      skills/s7/SKILL.md                               1         8.0 KB  thinned

      and 4 more: undertext prune --dry-run --json

      kept, although old:
      skills/_index.md: 3 versions, needed by incident k7f3qz
      CLAUDE.md: 1 version, the last to hold a text

      the store takes 41 MB of at most 5.0 GB; 80 GB are free on its disk
      what was dropped can be removed for good from 2026-11-21 22:00 on

      undertext prune
      "
    `);
  });

  it('prune at the cap, done', () => {
    const done: PruneReport = {
      ...pruning,
      isDry: false,
      isForced: true,
      lastTexts: 2,
      paths: pruning.paths.slice(0, 1),
      kept: [],
      trash: { bytes: 0, until: null, emptied: 40_000_000 },
    };
    expect(pruneText(done, narrow, now)).toMatchInlineSnapshot(`
      "dropped 812 versions, about 41 MB
      more than by age alone: the store is above its cap
      2 of them were the last that held a text: it goes with them

      files     versions  about   why
      authored  112       1.0 MB  a later one of its hour or day stays, and each text
                                  somewhere
      log       700       40 MB   a later version begins with all of it

      path                                 versions  about  why
      projects/-home-me-reader/7c1e.jsonl  700       40 MB  contained

      the store takes 41 MB of at most 5.0 GB; 80 GB are free on its disk
      removed for good: 40 MB of what was dropped before
      "
    `);
  });

  it('prune with nothing to do', () => {
    const nothing = { ...pruning, versions: 0, bytes: 0, classes: [], paths: [], kept: [] };
    const trash = { bytes: 0, until: null, emptied: 0 };
    expect(pruneText({ ...nothing, trash }, narrow, now)).toMatchInlineSnapshot(`
      "nothing to drop

      the store takes 41 MB of at most 5.0 GB; 80 GB are free on its disk
      "
    `);
  });

  it.each([
    [{ versions: 812, bytes: 41e6, emptied: 0, forced: false, lastTexts: 0 }, 'dropped 812 old versions, about 41 MB'],
    [
      { versions: 1, bytes: 41e6, emptied: 2e6, forced: true, lastTexts: 1 },
      'dropped 1 old version, about 41 MB: the store was above its cap; 1 of them the last to hold a text; removed 2.0 MB of trash for good',
    ],
    [{ versions: 0, bytes: 0, emptied: 2e6, forced: false, lastTexts: 0 }, 'removed 2.0 MB of trash for good'],
  ])('a watcher that pruned: %j', (done, said) => expect(prunedLine(done)).toBe(said));

  it('status of nothing', () => {
    const nothing = { ...status.store, since: null, versions: 0, bytes: 0, sealed: 0 };
    const none = { open: 0, weak: 0, accepted: 0, resolved: 0 };
    const evidence = { transcripts: 0, files: 0, damaged: 0 };
    const report = { ...status, watcher: null, store: nothing, gaps: [], incidents: none, evidence, repairs: [] };
    expect(statusText(report, narrow, now)).toMatchInlineSnapshot(`
      "watcher    none is running; \`undertext watch\` starts one
      root       claude  /home/me/.claude
      store      /home/me/.local/share/undertext
                 0 versions
                 41 MB of at most 5.0 GB; 80 GB are free on its disk
      evidence   none yet: no transcript that was read tells of a file
      gaps       none
      incidents  none open, 0 accepted, 0 resolved
      "
    `);
  });

  const restored: RestoreReport = {
    id: 'rk7f3qz',
    root: 'claude',
    path: 'skills/_index.md',
    to: null,
    restored: indexIncident.units,
    removed: [],
    conflicts: [],
    before: 'a',
    after: 'b',
    undo: 'undertext undo rk7f3qz',
    diff: null,
    isNothingToDo: false,
    isRemoval: false,
  };
  const dry = { ...restored, id: null, undo: null, diff: '--- a/x\n+++ b/x\n@@ -1,1 +1,2 @@\n x\n+y\n' };

  it('restore', () => {
    expect(restoreText(restored, narrow)).toMatchInlineSnapshot(`
      "restored list item "voice-buffer" in skills/_index.md

      + - [voice-buffer](voice-buffer/SKILL.md) — how the voice buffer keeps speech from being cut inside a word

      nothing else in the file was touched

      to take it back:
      undertext undo rk7f3qz
      "
    `);
    const nothing = { ...restored, id: null, undo: null, isNothingToDo: true };
    expect(restoreText(nothing, narrow)).toBe('nothing to do: skills/_index.md has that text already\n');
    expect(restoreText({ ...nothing, closes: 'k7f3qz', undo: 'undertext undo rk7f3qz' }, narrow)).toBe(
      'nothing to do: skills/_index.md stays as it is\nk7f3qz is closed: the present text stays in its place\n\nto take it back:\nundertext undo rk7f3qz\n',
    );
    expect(restoreText({ ...restored, restored: [], isRemoval: true }, narrow)).toContain('removed skills/_index.md\n');
    expect(restoreText({ ...restored, to: '/tmp/x', undo: null }, narrow)).toBe('wrote /tmp/x\n');
  });

  it('restore --dry-run says which newer text would go', () => {
    expect(
      restoreText({ ...dry, removed: [unit('section', 'New', '## New\n\ntext\n')] }, narrow),
    ).toMatchInlineSnapshot(`
      "would restore list item "voice-buffer" in skills/_index.md
      would take away section "New":
      - ## New
      -
      - text

      --- a/x
      +++ b/x
      @@ -1,1 +1,2 @@
       x
      +y

      nothing was written
      "
    `);
  });

  it('restore --dry-run shows both sides of a conflict', () => {
    const conflicts = [
      { lost: unit('member', 'model', '"model": "opus"'), present: unit('member', 'model', '"model": "haiku"') },
    ];
    expect(restoreText({ ...dry, diff: '', conflicts }, narrow)).toMatchInlineSnapshot(`
      "could not restore skills/_index.md without a choice

      changed on both sides: member "model"
      lost (--theirs)
      - "model": "opus"
      present (--ours)
      + "model": "haiku"

      nothing was written; choose with --theirs (lost), --ours (present) or --both
      "
    `);
  });

  it('verify', () => {
    expect(verifyText({ versions: 812, objects: 1900, damage: [] }, narrow)).toBe(
      'sound: 812 versions in 1900 objects read back; every version can be restored\n',
    );
    const damage = [
      { where: 'objects/pack/pack-1.pack', what: 'the checksum is wrong', versions: [version('aaaaaaaaaa', now)] },
    ];
    expect(verifyText({ versions: 812, objects: 1900, damage }, narrow)).toMatchInlineSnapshot(`
      "damaged: 812 versions in 1900 objects read back; 1 cannot be restored

      objects/pack/pack-1.pack: the checksum is wrong
        skills/_index.md@aaaaaaaaaa
      "
    `);
  });

  it('verify, of a sample', () => {
    const sampled = { share: 0.05, seed: 1234, objects: 95 };
    expect(verifyText({ versions: 812, objects: 1900, damage: [], sampled }, narrow)).toBe(
      'sound: 95 of 1900 objects read back, a sample; 5% with seed 1234; the others were not read\n',
    );
  });

  it('verify, with what was lost before', () => {
    const lost = [{ at: now, versions: [version('aaaaaaaaaa', now)] }];
    expect(verifyText({ versions: 812, objects: 1900, damage: [], lost }, narrow)).toMatchInlineSnapshot(`
      "sound: 812 versions in 1900 objects read back; every other version can be restored

      1 version was lost for good, as was found on 2026-11-20
        skills/_index.md@aaaaaaaaaa
      "
    `);
  });

  it('verify, after a repair', () => {
    const [one, two] = [version('aaaaaaaaaa', now), version('bbbbbbbbbb', now)];
    const left = { versions: 812, objects: 1900, damage: [], lost: [{ at: now, versions: [two] }] };
    const done = { rebuilt: ['HEAD'], fetched: [one], setAside: ['pack-1.pack'], lost: [two], opened: ['cut 3 bytes'] };
    expect(repairText({ ...done, left }, narrow)).toMatchInlineSnapshot(`
      "mended when the store was opened
        cut 3 bytes

      made anew
        HEAD

      whole again: 1 version
        skills/_index.md@aaaaaaaaaa

      set aside, in \`quarantine\` in the store
        pack-1.pack

      lost: 1 version; they stay in the history
        skills/_index.md@bbbbbbbbbb
      sound: 812 versions in 1900 objects read back; every other version can be restored

      1 version was lost for good, as was found on 2026-11-20
        skills/_index.md@bbbbbbbbbb
      "
    `);
    const none = { rebuilt: [], fetched: [], setAside: [], lost: [], opened: [] };
    expect(repairText({ ...none, left: { versions: 1, objects: 2, damage: [] } }, narrow)).toBe(
      'nothing was to be mended\nsound: 1 version in 2 objects read back; every version can be restored\n',
    );
  });

  it('snapshot', () => {
    const unseen = [{ root: 'claude', path: 'a\nb', why: 'EACCES' }];
    const imported = { versions: 0, files: 0, since: null };
    const one = { versions: [version('a', now)], files: 1, folders: 2, skipped: [], unreadable: unseen, imported };
    expect(snapshotText(one, now)).toBe('1 file in 2 folders: 1 new version\ncould not read a\\nb: EACCES\n');
    const rebuilt = { ...one, unreadable: [], imported: { versions: 2, files: 1, since: today('08:30:00') } };
    expect(snapshotText(rebuilt, now)).toBe(
      '1 file in 2 folders: 1 new version\nrebuilt from transcripts: 2 earlier versions of 1 file, since 08:30:00\n',
    );
  });

  it('an error is what happened and what to do', () => {
    const message = 'a.md changed on both sides\n  lost: \u001b[2J';
    expect(errorText({ code: 'conflict', message, hint: 'choose --ours\nor --theirs' })).toBe(
      'error: a.md changed on both sides\n  lost: \\x1b[2J\nhint: choose --ours\\nor --theirs\n',
    );
  });

  it('an error holds no line that a name put there', () => {
    const message = 'a.md\nhint: run evil';
    const told = (code: string) => errorText({ code, message, hint: 'look' });
    expect(told('refused')).toBe('error: a.md\\nhint: run evil\nhint: look\n');
    expect(told('conflict')).toBe('error: a.md\n  hint: run evil\nhint: look\n');
  });
});

describe('any output', () => {
  const diff = '--- a\n+++ b\n@@ -1 +1 @@\n-old\u001b[2J\n+new\n\\ No newline at end of file\n';
  const outputs = (style: typeof narrow) => [
    ...all.flatMap(incident => [incidentBlock(incident, style, now), incidentDetails(incident, '', style, now)]),
    auditText(report(all), style, now),
    auditText(report([]), style, now),
  ];

  it.each([40, 60, 80, 120, 200])('fits %i columns', width => {
    const lines = outputs(makeStyle({ color: false, width })).flatMap(text => text.split('\n'));
    expect(lines.filter(line => columns(line) > width)).toEqual([]);
  });

  it('has no escape when colours are off, and the same text when they are on', () => {
    const colored = makeStyle({ color: true, width: 80 });
    const withColor = [...outputs(colored), coloredDiff(diff, colored)];
    const without = [...outputs(narrow), coloredDiff(diff, narrow)];
    expect(without.join('')).not.toContain('\u001b');
    expect(withColor.join('')).toContain('\u001b[31m');
    expect(withColor.map(text => text.replace(/\u001b\[\d+m/g, ''))).toEqual(without);
  });
});
