/** A throwaway root with a memory store, and what a person does with them. */
import { createHash } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach } from 'vitest';
import { compareUnits } from '../../src/documents/compare.ts';
import { parseDocument } from '../../src/documents/document.ts';
import { errno } from '../../src/errors.ts';
import type { Incident, Observation, Root, Version, VersionAt } from '../../src/model.ts';
import { onDisk, placeOf } from '../../src/names.ts';
import { restore } from '../../src/restore/apply.ts';
import type { Disk, RestoreDeps } from '../../src/restore/disk.ts';
import { type Choice, type Plan, planIncident, planUndo, planVersion } from '../../src/restore/plan.ts';
import { pickRestores, restoresOf } from '../../src/restore/restores.ts';
import { memoryStore } from '../../src/store/memory-store.ts';

export interface Place {
  readonly root: Root;
  readonly deps: RestoreDeps;
  /** Writes a file as another program would, and keeps what it wrote. */
  save(path: string, text: string | Uint8Array): Promise<Version>;
  /** Writes a file behind everybody's back. */
  write(path: string, text: string | Uint8Array): void;
  text(path: string): string;
  bytes(path: string): Buffer;
  /** Every file and link of the root with its content and mode, to see that nothing else changed. */
  all(): Readonly<Record<string, string>>;
  incident(base: Version | null, lost: Version, cause: Version): Promise<Incident>;
  restoreIncident(incident: Incident, choose?: Choice): ReturnType<typeof restore>;
  restoreVersion(version: Version): ReturnType<typeof restore>;
  undo(id?: string): ReturnType<typeof restore>;
  run(path: string, makePlan: (disk: Disk) => Promise<Plan>): ReturnType<typeof restore>;
}

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'undertext-restore-'));
  folders.push(folder);
  return folder;
}

export function place(more: Partial<RestoreDeps> & { beside?: readonly string[] } = {}): Place {
  const folder = join(temporaryFolder(), 'home');
  mkdirSync(folder);
  const root: Root = { name: 'home', path: folder, beside: more.beside ?? [] };
  let last = 0;
  const now = () => {
    last = Math.max(last + 1, Date.now());
    return last;
  };
  const store = memoryStore({ now });
  const observe: RestoreDeps['observe'] = async (_, path, how) => observation(root, path, how, now());
  const deps: RestoreDeps = { store, observe, now, pause: async () => {}, keepAttributes: () => [], ...more };
  const read = (path: string) => readFileSync(onDisk(placeOf(root, path)));
  const run: Place['run'] = (path, makePlan) => restore({ root, path }, makePlan, deps);
  const write: Place['write'] = (path, text) => {
    mkdirSync(onDisk(dirname(placeOf(root, path))), { recursive: true });
    writeFileSync(onDisk(placeOf(root, path)), text);
  };
  return {
    root,
    deps,
    write,
    save: async (path, text) => {
      write(path, text);
      const [version] = await store.record([observation(root, path, 'event', now())!]);
      return version!;
    },
    text: path => read(path).toString('utf8'),
    bytes: read,
    all: () => everything(folder),
    incident: (base, lost, cause) => incidentOf(deps, base, lost, cause),
    run,
    restoreIncident: (incident, choose) =>
      run(incident.path, disk => planIncident({ disk, store, incident, ...(choose ? { choose } : {}) })),
    restoreVersion: version => run(version.path, disk => planVersion({ disk, store, version })),
    undo: id => {
      const record = pickRestores(restoresOf(store.notes('restore')), id)[0]!;
      return run(record.path, disk => planUndo({ disk, store, restore: record }));
    },
  };
}

function observation(root: Root, path: string, how: Observation['how'], now: number): Observation | null {
  const file = onDisk(placeOf(root, path));
  const common = { root: root.name, path, at: now, seenAt: now, how, settled: true };
  const stat = lstatOf(file);
  if (stat === undefined) return { ...common, kind: 'gone', content: null, size: 0, mode: 0, mtime: null };
  const rest = { ...common, mode: stat.mode & 0o7777, mtime: stat.mtimeMs, size: stat.size };
  if (stat.isSymbolicLink()) return { ...rest, kind: 'link', content: Buffer.from(readlinkSync(file)) };
  return stat.isFile() ? { ...rest, kind: 'file', content: readFileSync(file) } : null;
}

function lstatOf(file: string | Buffer) {
  try {
    return lstatSync(file);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errno(error))) return undefined;
    throw error;
  }
}

/** What an audit would say when `cause` took away what `lost` had. */
async function incidentOf(deps: RestoreDeps, base: Version | null, lost: Version, cause: Version): Promise<Incident> {
  const units = async (version: Version) =>
    parseDocument(version.path, version.blob === null ? new Uint8Array() : await deps.store.read(version.blob)).units;
  const { removed } = compareUnits(await units(lost), await units(cause));
  const at = (version: Version): VersionAt => ({
    version: version.id,
    at: version.at,
    writer: null,
    blob: version.blob,
  });
  return {
    id: 'k7f3qz',
    state: 'open',
    severity: 'high',
    certainty: 'likely',
    root: lost.root,
    path: lost.path,
    message: 'text is missing',
    lost: at(lost),
    cause: at(cause),
    base: base && { ...at(base), how: 'inferred' },
    units: removed,
    fingerprints: removed.map(unit => unit.fingerprint),
    findings: [],
    restore: 'undertext restore k7f3qz',
    closed: null,
  };
}

function everything(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    names.map(name => {
      const stat = lstatSync(join(folder, name));
      const mode = (stat.mode & 0o7777).toString(8);
      if (stat.isDirectory()) return [name, `folder ${mode}`];
      if (stat.isSymbolicLink()) return [name, `→ ${readlinkSync(join(folder, name))}`];
      return [
        name,
        `${mode} ${createHash('sha1')
          .update(readFileSync(join(folder, name)))
          .digest('hex')}`,
      ];
    }),
  );
}
