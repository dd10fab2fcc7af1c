/** Records as the other parts hand them over: the two stories, and hostile ones. */
import type { Gap, Incident, TimelineStep, Unit, Version, Writer } from '../../src/model.ts';
import type { AuditReport } from '../../src/report/audit-json.ts';
import type { BlameReport } from '../../src/report/blame-text.ts';
import type { ImportReport } from '../../src/report/import-text.ts';
import type { PruneReport } from '../../src/report/prune-text.ts';
import type { SessionRow, SessionsReport } from '../../src/report/sessions-text.ts';

/** A home without transcripts. */
export const noEvidence: AuditReport['coverage']['evidence'] = {
  transcripts: 0,
  read: 0,
  damaged: 0,
  newer: [],
  skipped: [],
  unreadable: [],
  imported: { versions: 0, files: 0, since: null },
};

export const today = (clock: string) => Date.parse(`2026-11-20T${clock}Z`);
export const now = today('22:00:00');

export function unit(kind: Unit['kind'], name: string, text: string, place = ''): Unit {
  return { kind, name, text, place, fingerprint: `${kind} ${name}`, start: 0, end: text.length };
}

export function version(id: string, at: number, more: Partial<Version> = {}): Version {
  return {
    id,
    root: 'claude',
    path: 'skills/_index.md',
    kind: 'file',
    at,
    seenAt: at + 1,
    blob: '95d09f2b10159347eece71399a7e2e907ea3df4f',
    size: 2048,
    mode: 0o644,
    mtime: at,
    how: 'event',
    settled: true,
    snapshot: null,
    ...more,
  };
}

export const session: Writer = { kind: 'session', id: '7c1e', label: 'feat/citation-tracker', certainty: 'proven' };

/** Two sessions as evidence names them. */
const reader = { kind: 'session', certainty: 'proven', cwd: '/home/me/code/reader' } as const;
export const sessionA: Writer = {
  ...reader,
  id: '1b7c22aa-4f2e-4c0b-9d52-6f1f5d2f0a11',
  label: 'feat/voice-buffer',
  branch: 'feat/voice-buffer',
};
export const sessionC: Writer = {
  ...reader,
  id: 'e90d5512-0b1a-4f7c-8f6e-0d1c2b3a4f55',
  label: 'Fix the double emit in og',
  branch: 'main',
  cwd: '/home/me/code/og',
};

const voice =
  '- [voice-buffer](voice-buffer/SKILL.md) — how the voice buffer keeps speech from being cut inside a word';

export const indexIncident: Incident = {
  id: 'k7f3qz',
  state: 'open',
  severity: 'high',
  certainty: 'likely',
  root: 'claude',
  path: 'skills/_index.md',
  message: '1 list item of 14:02:50 is missing since the write of 14:03:20, which grew from 13:58:02',
  lost: { version: 'lost4xkabc', at: today('14:02:50'), writer: null, blob: 'aa' },
  cause: { version: 'cause9wabc', at: today('14:03:20'), writer: session, blob: 'bb' },
  base: { version: 'base2h4abc', at: today('13:58:02'), writer: null, blob: 'cc', how: 'inferred' },
  units: [unit('list-item', 'voice-buffer', voice)],
  fingerprints: ['f'],
  findings: [
    {
      rule: 'lost-update',
      message: '1 list item of 14:02:50 is missing since the write of 14:03:20, which grew from 13:58:02',
      evidence: [
        'the write of 14:03:20 holds nothing of what 14:02:50 added to 13:58:02',
        'it adds a list item of its own, 30 s after the lost one',
      ],
    },
    {
      rule: 'index-drift',
      message: 'voice-buffer/SKILL.md is named by no line of skills/_index.md',
      evidence: ['the line went with the write of 14:03:20'],
    },
  ],
  restore: 'undertext restore k7f3qz',
  closed: null,
};

const stepOf = (at: string, who: Writer | null, did: TimelineStep['did'], more: Partial<TimelineStep> = {}) => ({
  at: today(at),
  who,
  did,
  version: null,
  of: null,
  plus: [],
  minus: [],
  ...more,
});

/** A loss as evidence proves it: two sessions, and who knew what. */
export const provenIncident: Incident = {
  ...indexIncident,
  id: 'p7v3nq',
  certainty: 'proven',
  path: 'projects/-home-me-reader/memory/architecture.md',
  message: '1 section of 14:02:50 is missing since the write of 14:03:20, whose writer had last read it at 13:58:10',
  lost: { version: 'lost4xkabc', at: today('14:02:50'), writer: sessionA, blob: 'aa' },
  cause: { version: 'cause9wabc', at: today('14:03:20'), writer: sessionC, blob: 'bb' },
  base: { version: 'base2h4abc', at: today('11:20:31'), writer: null, blob: 'cc', how: 'known' },
  units: [unit('section', 'Voice buffer invariants', '## Voice buffer invariants\n\nOne buffer for each speaker.\n')],
  findings: [
    {
      rule: 'lost-update',
      message:
        '1 section of 14:02:50 is missing since the write of 14:03:20, whose writer had last read it at 13:58:10',
      evidence: [
        'session "feat/voice-buffer" wrote exactly the version of 14:02:50',
        'session "Fix the double emit in og" wrote exactly the version of 14:03:20, and had read the file whole at 13:58:10',
        'the lost text stands nowhere in its transcript before that write',
      ],
    },
  ],
  restore: 'undertext restore p7v3nq',
  timeline: [
    stepOf('13:58:02', sessionA, 'read', { version: 'base2h4abc' }),
    stepOf('13:58:10', sessionC, 'read', { version: 'base2h4abc' }),
    stepOf('14:02:50', sessionA, 'edited', { version: 'lost4xkabc', plus: ['1 section'] }),
    stepOf('14:03:20', sessionC, 'wrote', {
      version: 'cause9wabc',
      of: today('13:58:10'),
      plus: ['1 section'],
      minus: ['1 section'],
    }),
  ],
};

/** What a client, a session and a shell can make of it at worst. */
export const longIncident: Incident = {
  ...provenIncident,
  id: 'l4ng5h',
  timeline: [
    stepOf('13:57:00', null, 'wrote', { version: 'base1aaabc' }),
    ...Array.from({ length: 18 }, (_, i) =>
      stepOf(`13:58:${String(10 + i)}`, i % 2 === 0 ? sessionA : { ...sessionC, agent: `a${i % 6}` }, 'read'),
    ),
    stepOf('14:02:49', sessionC, 'was refused'),
    stepOf('14:02:50', { ...sessionA, label: '\u001b[31mred\u202e', certainty: 'likely' }, 'appended to', {
      plus: ['1 section', '4 list items', '1 table row', '2 fields'],
    }),
    stepOf('14:03:20', sessionC, 'overwrote', { version: 'cause9wabc', of: today('13:58:10'), minus: ['1 section'] }),
  ],
};

export const memoryIncident: Incident = {
  ...indexIncident,
  id: 'm2pq8d',
  certainty: 'possible',
  severity: 'medium',
  path: 'projects/-home-me-reader/memory/architecture.md',
  message: '1 section of 09:10:00 is missing since the write of 09:11:30',
  lost: { version: 'lostmm2abc', at: Date.parse('2026-11-19T09:10:00Z'), writer: null, blob: 'aa' },
  cause: { version: 'causem3abc', at: Date.parse('2026-11-19T09:11:30Z'), writer: null, blob: 'bb' },
  base: null,
  units: [
    unit(
      'section',
      'Voice buffer invariants',
      '## Voice buffer invariants\n\n- one\n- two\n- three\n- four\n- five\n- six\n- seven\n- eight\n',
    ),
  ],
  findings: [
    {
      rule: 'lost-section',
      message: '1 section of 09:10:00 is missing since the write of 09:11:30',
      evidence: ['nothing says that it was meant'],
    },
  ],
  restore: 'undertext restore m2pq8d',
};

export const driftIncident: Incident = {
  ...indexIncident,
  id: 'd4r8ft',
  certainty: 'proven',
  severity: 'low',
  message: 'the line "old-skill" names old-skill/SKILL.md, which does not exist',
  lost: null,
  base: null,
  units: [unit('list-item', 'old-skill', '- [old-skill](old-skill/SKILL.md)')],
  fingerprints: [],
  findings: [
    {
      rule: 'index-drift',
      message: 'the line "old-skill" names old-skill/SKILL.md, which does not exist',
      evidence: ['old-skill/SKILL.md was deleted at 14:03:20'],
    },
  ],
  restore: null,
};

export const hostileIncident: Incident = {
  ...indexIncident,
  id: 'h9st2e',
  path: 'skills/\u001b[31mred\nnew\u202eline\udcff.md',
  message: 'the heading \u001b]0;owned\u0007 is gone',
  units: [unit('section', 'a\u001b[2J\u200bb', '## a\u001b[2J\u200bb\n\n\tindented\u009b31m\rreturn\n中文 wide')],
  findings: [{ rule: 'lost-section', message: 'gone\u202e', evidence: ['\u001b[1mbold\nsecond line'] }],
  restore: 'undertext restore h9st2e',
};

export const gap: Gap = {
  from: today('02:00:00'),
  to: today('08:30:00'),
  why: 'no watcher',
  root: null,
  paths: [],
};

export const room = { bytes: 41_000_000, trash: 0, free: 80e9, cap: 5e9, minFree: 500e6 };
export const tightRoom = { bytes: 5.2e9, trash: 0.4e9, free: 312e6, cap: 5e9, minFree: 500e6 };

export function report(incidents: readonly Incident[], more: Partial<AuditReport> = {}): AuditReport {
  return {
    tool: 'undertext 0.1.0',
    at: now,
    roots: [{ name: 'claude', path: '/home/me/.claude' }],
    coverage: {
      versions: 812,
      since: today('00:00:00'),
      gaps: [gap],
      skipped: [{ root: 'claude', path: '.credentials.json', why: 'secret' }],
      unreadable: [],
      limited: [],
      suppressed: [],
      evidence: noEvidence,
    },
    room,
    incidents,
    shows: { all: false, weak: false },
    baseline: [],
    rules: [
      { id: 'lost-update', summary: 'A write removed text its writer had never seen.', severity: 'high' },
      { id: 'index-drift', summary: 'An index and its files went apart.', severity: 'medium' },
    ],
    failedRules: [],
    ...more,
  };
}

const dropped = (path: string, versions: number, bytes: number): PruneReport['paths'][number] => ({
  root: 'claude',
  path,
  class: path.endsWith('.jsonl') ? 'log' : 'authored',
  why: path.endsWith('.jsonl') ? 'contained' : 'thinned',
  versions,
  bytes,
});

export const pruning: PruneReport = {
  isDry: true,
  isForced: false,
  versions: 812,
  bytes: 41_000_000,
  lastTexts: 0,
  classes: [
    { class: 'authored', why: 'thinned', versions: 112, bytes: 1_000_000 },
    { class: 'log', why: 'contained', versions: 700, bytes: 40_000_000 },
  ],
  paths: [
    dropped('projects/-home-me-reader/7c1e.jsonl', 700, 40_000_000),
    dropped('projects/-home-me-reader/memory/architecture.md', 100, 900_000),
    ...Array.from({ length: 12 }, (_, number) => dropped(`skills/s${number}/SKILL.md`, 1, 8_000)),
  ],
  kept: [
    { root: 'claude', path: 'skills/_index.md', why: 'needed', by: 'incident k7f3qz', versions: 3 },
    { root: 'claude', path: 'CLAUDE.md', why: 'text', by: null, versions: 1 },
  ],
  room,
  trash: { bytes: 2_000_000, until: now + 86_400_000, emptied: 0 },
};

export const importing: ImportReport = {
  isDry: false,
  versions: 41,
  files: 6,
  validated: 38,
  since: Date.parse('2026-10-22T09:10:00Z'),
  sources: [
    { kind: 'transcript', tier: 'own record', versions: 33, files: 6, validated: 33 },
    { kind: 'transcript', tier: 'chain', versions: 5, files: 2, validated: 2 },
    { kind: 'file-history', tier: 'backup', versions: 3, files: 1, validated: 3 },
  ],
  transcripts: { found: 203, read: 14, damaged: 2, newer: ['9.9.9'] },
  git: null,
  skipped: [{ root: 'claude', path: 'file-history/7c1e/8908430481df61fc@v1', why: 'nothing says when it was made' }],
  unreadable: [{ root: 'claude', path: 'projects/p/\u001b[31mred.jsonl', why: 'it could not be opened' }],
};

const first = version('base2h4abc', Date.parse('2026-11-19T09:10:00Z'));
const mended = version('mend3dkabc', today('15:01:12'), { how: 'restore' });
const known = { orEarlier: false, restored: null } as const;

export const blamed: BlameReport = {
  root: 'claude',
  path: 'skills/_index.md',
  version: mended,
  isPresent: true,
  units: [
    {
      unit: unit('section', 'Skills', '# Skills'),
      depth: 0,
      version: first,
      orEarlier: true,
      writer: null,
      restored: null,
    },
    {
      unit: unit('list-item', 'voice-buffer', voice),
      depth: 1,
      version: version('lost4xkabc', today('14:02:50')),
      orEarlier: false,
      writer: sessionA,
      restored: mended,
    },
    {
      unit: unit('list-item', 'citations', '- [citations](citations/SKILL.md)\n  - nested'),
      depth: 1,
      version: version('cause9wabc', today('14:03:20')),
      ...known,
      writer: { ...sessionC, certainty: 'likely' },
    },
  ],
  lines: null,
  limits: [],
};

export const blamedLines: BlameReport = {
  ...blamed,
  units: [],
  lines: blamed.units.map(({ unit, depth: _, ...row }, i) => ({
    ...row,
    line: i + 9,
    text: unit.text.split('\n')[0]!,
  })),
};

const memory = 'projects/-home-me-reader/memory/architecture.md';
const rowOf = (writer: Writer, more: Partial<SessionRow>): SessionRow => ({
  id: writer.id,
  agent: null,
  label: writer.label,
  branch: writer.branch ?? null,
  cwd: writer.cwd ?? null,
  version: '2.1.331',
  pid: null,
  alive: false,
  first: today('13:40:02'),
  last: today('14:03:20'),
  paths: [],
  ...more,
});
const copyOf = (version: string | null, at: string, how: 'read' | 'given' | 'wrote' | 'part' = 'read') => ({
  version,
  at: today(at),
  how,
});
const pathOf = (path: string, read: string | null, wrote: string | null) => ({
  root: 'claude',
  path,
  read: read === null ? null : today(read),
  wrote: wrote === null ? null : today(wrote),
  knows: copyOf('base2h4abc', wrote ?? read ?? '13:58:02', wrote === null ? 'read' : 'wrote'),
});

export const liveCoverage = { files: 5, alive: 2, elsewhere: 0, dead: 2, taken: 1, broken: 0, left: 0 };

export const sessionsReport: SessionsReport = {
  since: now - 86_400_000,
  stale: [
    {
      session: sessionC.id,
      agent: null,
      root: 'claude',
      path: memory,
      knows: copyOf('base2h4abc', '13:58:10'),
      now: { version: 'lost4xkabc', at: today('14:02:50'), writer: sessionA },
      units: [unit('section', 'Voice buffer invariants', '## Voice buffer invariants\n\nOne buffer.')],
      back: [],
      isCompared: true,
    },
    {
      session: sessionA.id,
      agent: 'a77',
      root: 'claude',
      path: 'CLAUDE.md',
      knows: copyOf(null, '13:41:00', 'given'),
      now: { version: 'p4r6wzabcd', at: today('13:50:00'), writer: null },
      units: [],
      back: [],
      isCompared: false,
    },
  ],
  sessions: [
    rowOf(sessionA, {
      alive: true,
      pid: 4711,
      paths: [pathOf(memory, '13:58:02', '14:02:50'), pathOf('skills/_index.md', '13:57:00', null)],
    }),
    rowOf(sessionA, { agent: 'a77', alive: true, pid: 4711, paths: [pathOf('CLAUDE.md', '13:41:00', null)] }),
    rowOf(sessionC, { alive: null, paths: [pathOf(memory, '13:58:10', null)] }),
    rowOf(
      { ...sessionC, id: '77aa0000-1', label: 'Tidy the skills' },
      {
        last: today('09:12:00'),
        version: '2.1.72',
        paths: Array.from({ length: 8 }, (_, i) => pathOf(`skills/s${i}/SKILL.md`, null, `09:0${i}:00`)),
      },
    ),
  ],
  coverage: { transcripts: 41, damaged: 0, unreadable: [], live: liveCoverage },
};

export const hostileSessions: SessionsReport = {
  ...sessionsReport,
  sessions: sessionsReport.sessions.map(row => ({
    ...row,
    label: `\u001b[2J${'中文 '.repeat(30)}`,
    branch: 'b\u202e',
    cwd: `/home/me/${'very-long-folder/'.repeat(9)}\u001b`,
    version: '\u009b2.1',
    paths: row.paths.map(path => ({ ...path, path: `a\u001b[31m/${'long/'.repeat(30)}x.md` })),
  })),
  stale: sessionsReport.stale.map(row => ({
    ...row,
    path: `a\u001b[31m/${'long/'.repeat(30)}x.md`,
    units: [unit('section', 'a\u001b[2J\u200bb', '## a\u001b[2J')],
    back: [unit('list-item', '\u202eb', '- b')],
    isCompared: true,
  })),
  coverage: {
    transcripts: 3,
    damaged: 12,
    unreadable: [{ path: 'projects/\u001b.jsonl', why: 'EACCES\u0007' }],
    live: { files: 9, alive: 1, elsewhere: 1, dead: 2, taken: 1, broken: 3, left: 1 },
  },
};
