/** Histories in, incidents out: every rule over every path and folder that changed since it was last looked at. */
import { createHash } from 'node:crypto';
import { gather } from '../documents/gather.ts';
import { folderHistories, foldersOf } from '../history/history.ts';
import type { Edit, FolderHistory, Incident, Note, PathHistory, Time, Unit, Version, Writer } from '../model.ts';
import type { Account, Finding, Rule, RuleTools, Sight } from '../rule.ts';
import type { AccountDeps } from './account.ts';
import { accountOf } from './account.ts';
import type { Elsewhere } from './elsewhere.ts';
import { elsewhere } from './elsewhere.ts';
import type { Case, Sighting } from './incidents.ts';
import { byUrgency, casesOf } from './incidents.ts';
import type { LedgerState } from './ledger.ts';
import { ledgerOf, openNote, resolveNote } from './ledger.ts';
import type { Reader } from './reader.ts';
import { unitReader } from './reader.ts';
import type { Closing } from './states.ts';
import { cameBack, closingOf } from './states.ts';
import { isBeingWritten, TORN_MS, tornVersions, withoutTorn } from './torn.ts';

/** Goes up when the same history may give other findings: what was cached before is then computed anew. */
const CODE_VERSION = 1;

export interface AuditInput {
  readonly histories: readonly PathHistory[];
  /** `${root}\0${path}` that changed: these and the folders that hold them are looked at, nothing else. */
  readonly only?: ReadonlySet<string>;
  read(blob: string): Promise<Uint8Array>;
  readonly rules: readonly Rule[];
  /** By rule id; what is given replaces the rule's defaults key by key; false switches a rule off. */
  readonly options: Readonly<Record<string, object | false>>;
  isNoise(path: string, unit: Unit): boolean;
  readonly notes: readonly Note[];
  readonly now: Time;
  /** Leaves out incidents that were caused before. */
  readonly since?: Time;
  readonly cache?: AuditCache;
  /** Who wrote a version, where that is known. */
  writer?(version: Version): Promise<Writer | null>;
  /** What a writer last knew of a path, where there is evidence. */
  seen?(writer: Writer, path: string, at: Time): Promise<Sight | null>;
  onProgress?(done: number, of: number): void;
}

export interface FailedRule {
  readonly rule: string;
  readonly path: string;
  readonly message: string;
}

export interface AuditResult {
  /** Every state, worst first. */
  readonly incidents: readonly Incident[];
  readonly failedRules: readonly FailedRule[];
  /** To be added to the ledger. */
  readonly notes: readonly Note[];
  /** What was too young to be judged: look at these again (as `only`) at that time. Null when nothing waits. */
  readonly again: Again | null;
}

export interface Again {
  readonly at: Time;
  readonly only: ReadonlySet<string>;
}

/** Values are plain JSON. */
export interface AuditCache {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
}

interface ActiveRule {
  readonly rule: Rule;
  readonly options: object;
}

/** Everything one run shares. */
interface Run {
  readonly input: AuditInput;
  readonly rules: readonly ActiveRule[];
  /** What the rules and their options are, in one word: part of every key of the cache. */
  readonly setting: string;
  readonly reader: Reader;
  readonly elsewhere: Elsewhere;
  readonly files: ReadonlyMap<string, PathHistory>;
  /** The history without torn versions in its edits. */
  whole(file: PathHistory): Promise<PathHistory>;
  account(edit: Edit): Promise<Account>;
  readonly failed: FailedRule[];
  again: Again | null;
}

/** What is remembered about one path or folder. */
interface Looked {
  readonly sightings: readonly Sighting[];
  /** Moments at which other files were asked, and what had happened there: when that changes, it is computed anew. */
  readonly neighbours: readonly { readonly path: string; readonly at: Time; readonly signature: string }[];
}

export async function runAudit(input: AuditInput): Promise<AuditResult> {
  const run = prepare(input);
  const paths = input.histories.filter(file => isLookedAt(file) && isIn(input.only, file));
  const folders = folderHistories(input.histories).filter(folder => folderIsIn(input.only, folder));
  const steps = run.rules.some(({ rule }) => rule.checkFolder) ? [...paths, ...folders] : paths;
  const sightings: Sighting[] = [];
  for (const [done, place] of steps.entries()) {
    sightings.push(...(await ('files' in place ? lookAtFolder(place, run) : lookAtPath(place, run))));
    input.onProgress?.(done + 1, steps.length);
  }
  // What a folder says of a path is one incident with what the path itself says, so that must be known too.
  const known = new Set(paths.map(keyOf));
  for (const key of new Set(sightings.map(({ root, finding }) => keyOf({ root, path: finding.path })))) {
    const file = known.has(key) ? undefined : run.files.get(key);
    if (file && isLookedAt(file)) sightings.push(...(await lookAtPath(file, run)));
  }
  const cases = await casesOf(ripe(sightings, run), {
    gathered: (lost, units, id) =>
      cached(input.cache, `units ${CODE_VERSION} ${id} ${lost.id}`, async () =>
        gather(units, await run.reader.document(lost)),
      ),
    ...(input.writer ? { writer: input.writer } : {}),
  });
  return settle(cases, run);
}

function prepare(input: AuditInput): Run {
  const reader = unitReader(blob => input.read(blob), input.isNoise);
  const rules = input.rules.flatMap(rule => {
    const options = input.options[rule.id];
    return options === false ? [] : [{ rule, options: { ...rule.options, ...options } }];
  });
  const files = new Map(input.histories.map(file => [keyOf(file), file]));
  const others = elsewhere(input.histories, reader);
  const deps: AccountDeps = {
    reader,
    elsewhere: others,
    isNoise: input.isNoise,
    ...(input.writer ? { writer: input.writer } : {}),
    ...(input.seen ? { seen: input.seen } : {}),
  };
  const accounts = new Map<string, Promise<Account>>();
  const wholes = new Map<string, Promise<PathHistory>>();
  return {
    input,
    rules,
    setting: createHash('sha1')
      .update(JSON.stringify([CODE_VERSION, rules.map(({ rule, options }) => [rule.id, options])]))
      .digest('hex'),
    reader,
    elsewhere: others,
    files,
    whole: file => remember(wholes, keyOf(file), () => wholeHistory(file, reader, input.cache)),
    account: edit =>
      remember(accounts, `${edit.before.id} ${edit.after.id}`, () => {
        const file = files.get(keyOf(edit.after));
        if (!file) throw new Error(`no history of ${edit.after.path}`);
        return accountOf(edit, file, deps);
      }),
    failed: [],
    again: null,
  };
}

async function wholeHistory(file: PathHistory, reader: Reader, cache?: AuditCache): Promise<PathHistory> {
  const isBrisk = file.versions.some((v, i) => (file.versions[i + 1]?.seenAt ?? Infinity) - v.seenAt < TORN_MS);
  if (!isBrisk) return file;
  const torn = await cached(cache, `torn ${CODE_VERSION} ${signatureOf(file)}`, async () => [
    ...(await tornVersions(file.versions, version => reader.bytes(version))),
  ]);
  return withoutTorn(file, new Set(torn));
}

async function lookAtPath(file: PathHistory, run: Run): Promise<readonly Sighting[]> {
  // Only a live look can come too early and come again; an audit says what it sees.
  if (run.input.only && (await isBeingWritten(file, run.input.now, version => run.reader.bytes(version)))) {
    postpone(run, file.versions.at(-1)!.seenAt + TORN_MS, file);
    return [];
  }
  const key = `path ${run.setting} ${signatureOf(file)}`;
  const known = run.input.cache?.get(key) as Looked | undefined;
  if (known?.neighbours.every(n => run.elsewhere.signature(file.root, n.path, n.at) === n.signature)) {
    return known.sightings;
  }
  const failures = run.failed.length;
  const whole = await run.whole(file);
  const sightings: Sighting[] = [];
  for (const active of run.rules) {
    const { rule } = active;
    if (!rule.checkPath) continue;
    const findings = await attempt(run, rule, file.path, () => rule.checkPath!(whole, toolsFor(active, run)));
    sightings.push(...findings.map(finding => sighting(file.root, rule, finding)));
  }
  if (run.failed.length === failures) {
    run.input.cache?.set(key, { sightings, neighbours: await neighboursOf(whole, run) } satisfies Looked);
  }
  return sightings;
}

/** Edits that took something away depend on what other files gained around then. */
async function neighboursOf(file: PathHistory, run: Run): Promise<Looked['neighbours']> {
  const found = [];
  for (const edit of file.edits) {
    const account = await run.account(edit);
    if (!account.removed.some(({ fate }) => fate === 'lost' || fate === 'moved')) continue;
    const { path, seenAt: at } = edit.after;
    found.push({ path, at, signature: run.elsewhere.signature(file.root, path, at) });
  }
  return found;
}

async function lookAtFolder(folder: FolderHistory, run: Run): Promise<readonly Sighting[]> {
  const key = `folder ${run.setting} ${folder.root}\0${folder.path}\0${folderSignature(folder)}`;
  const known = run.input.cache?.get(key) as Looked | undefined;
  if (known) return known.sightings;
  const failures = run.failed.length;
  const files = await Promise.all(folder.files.map(file => run.whole(file)));
  const sightings: Sighting[] = [];
  for (const active of run.rules) {
    const { rule } = active;
    if (!rule.checkFolder) continue;
    const findings = await attempt(run, rule, folder.path, () =>
      rule.checkFolder!({ ...folder, files }, toolsFor(active, run)),
    );
    sightings.push(...findings.map(finding => sighting(folder.root, rule, finding)));
  }
  if (run.failed.length === failures) {
    run.input.cache?.set(key, { sightings, neighbours: [] } satisfies Looked);
  }
  return sightings;
}

/** One rule that throws is told, and silences nobody. */
async function attempt(
  run: Run,
  rule: Rule,
  path: string,
  check: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await check();
  } catch (error) {
    run.failed.push({ rule: rule.id, path, message: error instanceof Error ? error.message : String(error) });
    return [];
  }
}

function sighting(root: string, rule: Rule, finding: Finding): Sighting {
  return { root, rule: rule.id, severity: finding.severity ?? rule.severity, finding };
}

function toolsFor({ options }: ActiveRule, { reader, input, account }: Run): RuleTools {
  return {
    options,
    units: version => reader.units(version),
    text: async version => (version.kind === 'file' ? (await reader.document(version)).text : ''),
    account,
    seen: async (writer, path, at) => (await input.seen?.(writer, path, at)) ?? null,
  };
}

/**
 * A finding about the present state is held back for the rule's `graceSeconds`: the line that a new file still lacks
 * is often written moments later. What a scan found is told at once: nobody may look again.
 */
function ripe(sightings: readonly Sighting[], run: Run): readonly Sighting[] {
  return sightings.filter(({ root, rule, finding }) => {
    const options = run.rules.find(active => active.rule.id === rule)?.options as { graceSeconds?: number } | undefined;
    if (finding.lost !== null || finding.cause?.how !== 'event' || !options?.graceSeconds) return true;
    const due = finding.cause.seenAt + options.graceSeconds * 1000;
    if (due <= run.input.now) return true;
    postpone(run, due, { root, path: finding.path });
    return false;
  });
}

function postpone(run: Run, at: Time, place: { readonly root: string; readonly path: string }): void {
  const { again } = run;
  run.again = { at: Math.min(at, again?.at ?? at), only: new Set([...(again?.only ?? []), keyOf(place)]) };
}

/** States, the ledger's own incidents, and what is to be written into it. */
async function settle(cases: readonly Case[], run: Run): Promise<AuditResult> {
  const { input } = run;
  const ledger = ledgerOf(input.notes);
  const notes: Note[] = [];
  const incidents: Incident[] = [];
  const reported = new Set(cases.map(({ incident }) => incident.id));
  const add = async (incident: Incident, causedAt: Time | null, isGone: string | null) => {
    const entry = ledger.get(incident.id);
    const found = closingOf(entry, causedAt, await backIn(incident, causedAt, run));
    const closing = found.state === 'open' && isGone ? { state: 'resolved' as const, closed: isGone } : found;
    const now = { ...incident, ...closing };
    if (!entry || (entry.resolved && closing.state === 'open'))
      notes.push(openNote({ ...now, state: 'open', closed: null }, input.now));
    if (closing.state === 'resolved' && !entry?.resolved) notes.push(resolveNote(now, input.now));
    if (input.since === undefined || (causedAt ?? input.now) >= input.since) incidents.push(now);
  };
  for (const { incident, causedAt } of cases) await add(incident, causedAt, null);
  for (const [id, entry] of ledger) {
    if (reported.has(id) || !isInScope(entry.incident, input.only)) continue;
    const cause = causeOf(entry.incident, run);
    await add(entry.incident, cause?.seenAt ?? entry.incident.cause?.at ?? null, await goneBy(entry, cases, run));
  }
  return { incidents: incidents.sort(byUrgency), failedRules: run.failed, notes, again: run.again };
}

async function backIn(incident: Incident, causedAt: Time | null, run: Run): Promise<Closing | null> {
  const file = run.files.get(keyOf(incident));
  if (!file) return null;
  return cached(run.input.cache, `back ${CODE_VERSION} ${incident.id} ${causedAt} ${signatureOf(file)}`, () =>
    cameBack(incident.fingerprints, causedAt, file, run.reader),
  );
}

/** Why an incident that no rule reports any more is over; null while only the history is thinner. */
async function goneBy({ incident }: LedgerState, cases: readonly Case[], run: Run): Promise<string | null> {
  const { fingerprints, cause } = incident;
  const heir = cases.find(({ incident: other }) => {
    if (other.root !== incident.root || other.path !== incident.path || fingerprints.length === 0) return false;
    const has = (fingerprint: string) => other.fingerprints.includes(fingerprint);
    return other.cause?.version === cause?.version ? fingerprints.some(has) : fingerprints.every(has);
  });
  if (heir) return `it is part of ${heir.incident.id}`;
  if (fingerprints.length > 0) return (await isElsewhere(incident, run)) ? 'the text turned up elsewhere' : null;
  const ran = (id: string) =>
    run.rules.some(({ rule }) => rule.id === id) && !run.failed.some(failure => failure.rule === id);
  return incident.findings.every(({ rule }) => ran(rule)) ? 'it is in order again' : null;
}

/** True when the edit is still known, and of all that it took away nothing is lost any more. */
async function isElsewhere(incident: Incident, run: Run): Promise<boolean> {
  const file = run.files.get(keyOf(incident));
  const cause = causeOf(incident, run);
  if (!file || !cause) return false;
  const edit = (await run.whole(file)).edits.find(({ after }) => after.id === cause.id);
  if (!edit) return false;
  const gone = new Map((await run.account(edit)).removed.map(({ unit, fate }) => [unit.fingerprint, fate]));
  return incident.fingerprints.every(fingerprint => ['moved', 'back', 'edited'].includes(gone.get(fingerprint) ?? ''));
}

function causeOf(incident: Incident, run: Run): Version | undefined {
  return run.files.get(keyOf(incident))?.versions.find(version => version.id === incident.cause?.version);
}

function keyOf({ root, path }: { readonly root: string; readonly path: string }): string {
  return `${root}\0${path}`;
}

/** Changes with every version that comes. */
function signatureOf(file: PathHistory): string {
  const newest = file.versions.at(-1);
  return `${file.root}\0${file.path}\0${file.class}\0${newest?.id}\0${newest?.settled}\0${file.versions.length}`;
}

function folderSignature(folder: FolderHistory): string {
  const hash = createHash('sha1');
  for (const file of folder.files) hash.update(signatureOf(file)).update('\n');
  return hash.digest('hex');
}

/** Logs have rules of their own; caches are nobody's loss; what is secret cannot be read. */
function isLookedAt(file: PathHistory): boolean {
  return (file.class === 'authored' || file.class === 'state') && file.edits.length > 0;
}

function isIn(only: ReadonlySet<string> | undefined, file: PathHistory): boolean {
  return only === undefined || only.has(keyOf(file));
}

function folderIsIn(only: ReadonlySet<string> | undefined, folder: FolderHistory): boolean {
  return only === undefined || [...only].some(key => holdsKey(folder, key));
}

function holdsKey(folder: { readonly root: string; readonly path: string }, key: string): boolean {
  const [root, path = ''] = key.split('\0');
  return root === folder.root && foldersOf(path).includes(folder.path);
}

/** An incident is looked at again when its path changed, or a file below its folder. */
function isInScope(incident: Incident, only: ReadonlySet<string> | undefined): boolean {
  if (only === undefined || only.has(keyOf(incident))) return true;
  const path = incident.path.slice(0, Math.max(0, incident.path.lastIndexOf('/')));
  return [...only].some(key => holdsKey({ root: incident.root, path }, key));
}

async function cached<T>(cache: AuditCache | undefined, key: string, make: () => Promise<T>): Promise<T> {
  const known = cache?.get(key) as { readonly value: T } | undefined;
  if (known) return known.value;
  const value = await make();
  cache?.set(key, { value });
  return value;
}

function remember<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}
