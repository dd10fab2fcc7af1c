/** The published schemas hold for what the functions really print, and notice when a field goes. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { acceptJson } from '../../src/report/accept-text.ts';
import { auditJson, incidentJson } from '../../src/report/audit-json.ts';
import { blameJson } from '../../src/report/blame-text.ts';
import { changesJson } from '../../src/report/changes-table.ts';
import { demoJson } from '../../src/report/demo-text.ts';
import { diffJson } from '../../src/report/diff-text.ts';
import { errorJson } from '../../src/report/error-text.ts';
import { findJson } from '../../src/report/find-text.ts';
import { forgetJson } from '../../src/report/forget-text.ts';
import { importJson } from '../../src/report/import-text.ts';
import { openJson } from '../../src/report/incident-table.ts';
import { logJson } from '../../src/report/log-table.ts';
import { listingJson } from '../../src/report/ls-table.ts';
import { auditNdjson } from '../../src/report/ndjson.ts';
import { pruneJson } from '../../src/report/prune-text.ts';
import { folderJson } from '../../src/report/restore-folder-text.ts';
import { restoreJson } from '../../src/report/restore-text.ts';
import { rulesJson } from '../../src/report/rules-text.ts';
import { scheduleJson, scheduleStatusJson } from '../../src/report/schedule-text.ts';
import { sessionsJson } from '../../src/report/sessions-text.ts';
import { snapshotJson } from '../../src/report/snapshot-text.ts';
import { statusJson } from '../../src/report/status-text.ts';
import { toldJson } from '../../src/report/told-stories.ts';
import { repairJson, verifyJson } from '../../src/report/verify-text.ts';
import { type WatchLine, watchLine } from '../../src/report/watch-lines.ts';
import * as sample from './samples.ts';

const folder = join(import.meta.dirname, '../../schemas');
const ajv = new Ajv({ strict: true, strictRequired: true, allErrors: true });
ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
for (const name of readdirSync(folder)) ajv.addSchema(JSON.parse(readFileSync(join(folder, name), 'utf8')));

const [one, two] = [sample.version('aaaaaaaaaa', sample.now), sample.version('bbbbbbbbbb', sample.now + 5.25)];
const gone = sample.version('cccccccccc', sample.now, { kind: 'gone', blob: null, size: 0, mode: 0, mtime: null });
const incidents = [sample.indexIncident, sample.memoryIncident, sample.driftIncident, sample.hostileIncident];
const units = sample.indexIncident.units;
const restore = {
  id: 'rk7f3qz',
  root: 'claude',
  path: 'skills/_index.md',
  to: null,
  restored: units,
  removed: [],
  conflicts: [],
  before: 'aaaaaaaaaa',
  after: 'bbbbbbbbbb',
  undo: 'undertext undo rk7f3qz',
  diff: null,
  isNothingToDo: false,
  isRemoval: false,
};
const store = { path: '/s', bytes: 1, versions: 2, since: sample.now, sealed: 1 };
const status = {
  watcher: { pid: 1, since: sample.now, source: 'native', roots: ['/home/me/.claude'] },
  store,
  room: sample.room,
  pruned: null,
  roots: [{ name: 'claude', path: '/home/me/.claude' }],
  gaps: [sample.gap, { ...sample.gap, to: null, root: 'claude', paths: ['a'] }],
  incidents: { open: 1, weak: 0, accepted: 2, resolved: 3 },
  evidence: { transcripts: 3, files: 2, damaged: 0 },
  repairs: ['a torn tail was cut'],
};
const damage = [{ where: 'pack-1', what: 'cannot be read', versions: [one] }];
const forgetting = {
  root: 'claude',
  path: 'p',
  at: sample.now,
  reason: 'a key',
  versions: [one, two],
  bytes: 12,
  freed: 10,
  incidents: ['k7f3qz'],
  left: ['cccccccccc'],
};
const scan = {
  versions: [one],
  files: 1,
  folders: 1,
  skipped: [{ root: 'claude', path: 'a', why: 'b' }],
  unreadable: [],
  imported: { versions: 2, files: 1, since: sample.now },
};

const outputs: readonly (readonly [schema: string, what: string, text: string])[] = [
  ['audit', 'four incidents', auditJson(sample.report(incidents))],
  ['audit', 'a proven one', auditJson(sample.report([sample.provenIncident, sample.longIncident]))],
  ['show', 'a proven one', incidentJson(sample.provenIncident)],
  ['audit', 'nothing at all', auditJson(sample.report([], { roots: [] }))],
  ['audit', 'a failed rule', auditJson(sample.report([], { failedRules: [{ rule: 'r', path: 'p', message: 'm' }] }))],
  ['show', 'an incident', incidentJson(sample.indexIncident)],
  ['show', 'an accepted one', incidentJson({ ...sample.driftIncident, state: 'accepted', closed: 'meant' })],
  ['accept', 'two', acceptJson({ accepted: [sample.indexIncident, sample.driftIncident], reason: 'r', left: 1 })],
  [
    'log',
    'two versions and a deletion',
    logJson({
      root: 'claude',
      path: 'p',
      versions: [one, two, gone].map((version, i) => ({
        version,
        writer: sample.session,
        forgotten: i === 0 ? sample.now : null,
        source: i === 1 ? { kind: 'transcript', tier: 'chain', validated: false } : null,
      })),
    }),
  ],
  ['log', 'no version', logJson({ root: 'claude', path: 'p', versions: [] })],
  ['sessions', 'living and ended', sessionsJson(sample.sessionsReport)],
  ['sessions', 'hostile', sessionsJson({ ...sample.hostileSessions, since: null })],
  ['blame', 'units', blameJson(sample.blamed)],
  ['blame', 'lines', blameJson(sample.blamedLines)],
  ['status', 'with a watcher', statusJson(status)],
  ['status', 'without one', statusJson({ ...status, watcher: null, store: { ...store, since: null } })],
  [
    'status',
    'at its cap, and pruned',
    statusJson({
      ...status,
      room: sample.tightRoom,
      pruned: { at: sample.now, versions: 812, bytes: 41e6, isForced: true, lastTexts: 3 },
    }),
  ],
  ['audit', 'at its cap', auditJson(sample.report([], { room: sample.tightRoom }))],
  [
    'rules',
    'one on, one off and of a person',
    rulesJson({
      config: null,
      configPlace: '/c.json',
      guide: '/g.md',
      rules: [
        {
          id: 'a',
          summary: 's',
          severity: 'low',
          isOn: true,
          file: null,
          page: '/a.md',
          options: [{ name: 'few', value: 3, default: 2 }],
        },
        { id: 'b', summary: 's', severity: 'high', isOn: false, file: '/b.mjs', page: null, options: [] },
      ],
    }),
  ],
  [
    'rules-test',
    'one true, one not, one that failed',
    toldJson({
      rule: 'a',
      page: '/a.md',
      stories: [
        { title: 't', expected: [], got: [], told: [], failure: null },
        {
          title: 't',
          expected: [],
          got: ['likely low: x'],
          told: [{ path: 'a.md', message: 'm', evidence: ['e'], isOld: false }],
          failure: null,
        },
        { title: 't', expected: [], got: [], told: [], failure: 'up' },
      ],
    }),
  ],
  [
    'schedule',
    'installed, with something left to do',
    scheduleJson({
      action: 'install',
      by: 'systemd',
      at: '03:15',
      pieces: [{ place: '/t', text: '[Timer]', did: 'written' }],
      commands: [{ line: 'systemctl --user daemon-reload', did: 'left', said: 'no bus' }],
      hints: ['h'],
    }),
  ],
  [
    'schedule',
    'how it stands',
    scheduleStatusJson({
      installed: [
        {
          by: 'cron',
          places: ['your crontab'],
          at: '03:15',
          command: 'node undertext.js',
          missing: ['node'],
          isActive: null,
          next: sample.now,
          last: null,
          output: 'mail',
        },
      ],
    }),
  ],
  ['prune', 'a dry run', pruneJson(sample.pruning)],
  ['prune', 'nothing', pruneJson({ ...sample.pruning, isDry: false, versions: 0, classes: [], paths: [], kept: [] })],
  ['restore', 'done', restoreJson(restore)],
  ['restore', 'a dry run', restoreJson({ ...restore, id: null, undo: null, after: null, diff: '--- a\n' })],
  ['restore', 'of several', restoreJson({ ...restore, incident: 'k7f3qz', diff: 'a\nb\n' }, 0)],
  ['restore', 'a conflict', restoreJson({ ...restore, conflicts: [{ lost: units[0]!, present: units[0]! }] })],
  ['error', 'usage', errorJson({ code: 'usage', message: 'what \u001b happened', hint: 'what to do' })],
  ['import', 'out of transcripts', importJson(sample.importing)],
  [
    'import',
    'out of git',
    importJson({ ...sample.importing, transcripts: null, git: '/home/me/dotfiles', since: null }),
  ],
  ['find', 'found and gone', findJson('x', [{ root: 'r', path: 'p', first: one, last: two, count: 2, gone }])],
  [
    'log',
    'of all files',
    changesJson({
      folder: null,
      rows: [{ version: gone, writer: null, forgotten: null, change: '', root: gone.root, path: gone.path }],
      more: 0,
      firstSeen: 2,
    }),
  ],
  [
    'ls',
    'a folder',
    listingJson(
      [
        {
          root: 'claude',
          place: '/home/me/.claude',
          path: 'skills',
          folders: [{ name: 'pdf', files: 2, deleted: 1, changed: sample.now }],
          files: [{ name: 'a.md', kind: 'file', size: 3, version: 'aaaaaaaaaa', at: sample.now, state: 'deleted' }],
        },
      ],
      null,
      sample.now,
    ),
  ],
  [
    'restore-folder',
    'one file',
    folderJson({
      root: 'claude',
      path: 'skills',
      at: sample.now,
      steps: [
        { path: 'skills/a.md', state: 'restored', held: one, restore: 'rk7f3qz' },
        { path: 'skills/b.md', state: 'new', held: null, restore: null },
      ],
      command: null,
      undo: 'undertext undo babcdef',
    }),
  ],
  ['restore-list', 'four incidents', openJson(incidents)],
  ['diff', 'one line', diffJson('a@aaaaaaaaaa', 'a', '--- a\n+++ a\n')],
  ['demo', 'both texts', demoJson(['k7f3qz', 'm2pq8d'], true)],
  [
    'error',
    'with choices',
    errorJson({ code: 'usage', message: 'could be 2 paths', hint: 'type more', choices: ['a/b', 'c/b'] }),
  ],
  ['verify', 'damaged', verifyJson({ versions: 1, objects: 2, damage })],
  [
    'verify',
    'a sample',
    verifyJson({ versions: 1, objects: 2, damage: [], sampled: { share: 0.05, seed: 7, objects: 1 } }),
  ],
  [
    'verify',
    'a repair',
    repairJson({
      rebuilt: ['HEAD'],
      fetched: [one],
      setAside: ['pack-1.pack'],
      lost: [two],
      opened: [],
      left: { versions: 1, objects: 2, damage: [], lost: [{ at: sample.now, versions: [two] }] },
    }),
  ],
  ['snapshot', 'one version', snapshotJson(scan)],
  ['snapshot', 'nothing new', snapshotJson({ ...scan, imported: { versions: 0, files: 0, since: null } })],
  ['forget', 'done', forgetJson(forgetting)],
  ['forget', 'a dry run', forgetJson({ ...forgetting, at: null, freed: null, reason: null })],
  ['show', 'a forgotten one', incidentJson({ ...sample.indexIncident, forgotten: sample.now })],
];

const lines: readonly WatchLine[] = [
  { type: 'ready', roots: [{ name: 'claude', path: '/home/me/.claude' }], files: 1, folders: 2, source: 'native' },
  { type: 'version', version: one },
  { type: 'incident', incident: sample.indexIncident },
  { type: 'incident', incident: sample.provenIncident, revised: true },
  { type: 'resolved', id: 'k7f3qz', by: 'the text is back' },
  { type: 'gap', gap: sample.gap },
  { type: 'warning', code: 'overflow', message: 'm', hint: 'h' },
  { type: 'pruned', versions: 812, bytes: 41_000_000, emptied: 0, forced: false, lastTexts: 0 },
  { type: 'stopped', versions: 3 },
];

const all = [...outputs, ...lines.map(line => ['watch-line', line.type, watchLine(line)] as const)];

describe('schemas', () => {
  it.each(all)('%s: %s', (schema, _, text) => {
    const validate = ajv.getSchema(`${schema}.schema.json`)!;
    expect(validate(JSON.parse(text)), JSON.stringify(validate.errors)).toBe(true);
    expect(text.endsWith('\n')).toBe(true);
  });

  it.each(all)('%s: %s without one of its fields is refused', (schema, _, text) => {
    const validate = ajv.getSchema(`${schema}.schema.json`)!;
    const whole = JSON.parse(text);
    for (const key of Object.keys(whole).filter(key => key !== 'diff' && key !== 'revised')) {
      const { [key]: __, ...rest } = whole;
      expect(validate(rest), key).toBe(false);
    }
  });

  it('accept: one incident stands under its old name as well', () => {
    const validate = ajv.getSchema('accept.schema.json')!;
    const whole = JSON.parse(acceptJson({ accepted: [sample.indexIncident], reason: 'r', left: 0 }));
    expect(validate(whole)).toBe(true);
    expect(whole.incident).toEqual(JSON.parse(incidentJson(sample.indexIncident)).incident);
    expect(validate({ ...whole, incident: { id: 'x' } })).toBe(false);
  });

  it('restore: of several each is one line', () => {
    expect(restoreJson(restore, 0).trimEnd()).not.toContain('\n');
    expect(JSON.parse(restoreJson(restore, 0))).toEqual(JSON.parse(restoreJson(restore)));
  });

  it('there is none that nothing is checked against', () => {
    const names = readdirSync(folder).map(name => name.replace('.schema.json', ''));
    expect(names.sort()).toEqual([...new Set(all.map(([schema]) => schema))].sort());
  });

  it('each line of ndjson has a type, and the last one is the summary', () => {
    const parsed = auditNdjson(sample.report(incidents))
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(parsed.map(line => line.type)).toEqual(['incident', 'incident', 'incident', 'incident', 'summary']);
    expect(parsed[0].incident).toEqual(JSON.parse(incidentJson(sample.indexIncident)).incident);
  });
});
