/** One path or one folder and every rule: what they see, remembered until something changes. */
import { createHash } from 'node:crypto';
import { errno } from '../errors.ts';
import type { FolderHistory, PathHistory, Time, Version } from '../model.ts';
import type { Finding, Rule, RuleTools, Stroke } from '../rule.ts';
import { checkFindings } from './check-findings.ts';
import { ignores } from './ignores.ts';
import type { Sighting } from './incidents.ts';
import { show } from './load-rules.ts';
import type { ActiveRule, Run } from './run.ts';
import { failure, keyOf, postpone, signatureOf } from './run.ts';
import { asMeant, saidOf } from './said.ts';
import { isAskedFor } from './scope.ts';
import { weigh } from './strokes-weigh.ts';
import { isBeingWritten, TORN_MS } from './torn.ts';

/** What is remembered about one path or folder. */
interface Looked {
  readonly sightings: readonly Sighting[];
  /** Moments at which other files were asked, and what had happened there: when that changes, it is computed anew. */
  readonly neighbours: readonly { readonly path: string; readonly at: Time; readonly signature: string }[];
  /** Versions whose stroke was asked for, and what it rested on: when that changes, it is computed anew. */
  readonly strokes: readonly { readonly path: string; readonly version: string; readonly signature: string }[];
  /** Why its newest such version could only be compared in a cheaper way; null when none was too much. */
  readonly limited: string | null;
}

export async function lookAtPath(file: PathHistory, run: Run): Promise<readonly Sighting[]> {
  return readable(run, file.path, [], () => lookAtVersions(file, run));
}

async function lookAtVersions(file: PathHistory, run: Run): Promise<readonly Sighting[]> {
  // Only a live look can come too early and come again; an audit says what it sees.
  if (run.input.only && (await isBeingWritten(file, run.input.now, version => run.reader.bytes(version)))) {
    postpone(run, file.versions.at(-1)!.seenAt + TORN_MS, file);
    return [];
  }
  const key = `path ${run.setting} ${signatureOf(file)}\0${run.input.testimony?.signature(file) ?? ''}`;
  // A path that never changed is looked at faster than it is remembered.
  const cache = file.edits.length > 0 ? run.input.cache : undefined;
  const known = cache?.get(key) as Looked | undefined;
  if (
    known?.neighbours.every(n => run.elsewhere.signature(file.root, n.path, n.at) === n.signature) &&
    hasSameStrokes(known, file.root, run)
  ) {
    if (known.limited) run.limited.push({ root: file.root, path: file.path, why: known.limited });
    return known.sightings;
  }
  const failures = run.failed.length;
  const whole = await run.whole(file);
  const sightings: Sighting[] = [];
  const asked = new Set<Version>();
  for (const active of run.rules) {
    const { rule } = active;
    if (!rule.checkPath || !isAskedFor(rule, file)) continue;
    const findings = await attempt(run, rule, file, () => rule.checkPath!(whole, toolsFor(active, run, asked)));
    sightings.push(...(await sightingsOf(file.root, rule, findings, run, asked)));
  }
  const limited = file.versions.map(version => run.reader.limitOf(version)).findLast(why => why !== null) ?? null;
  if (limited) run.limited.push({ root: file.root, path: file.path, why: limited });
  if (run.failed.length === failures && run.givenUp.size === 0) {
    const neighbours = await neighboursOf(whole, run);
    cache?.set(key, { sightings, neighbours, strokes: strokesOf(asked, run), limited } satisfies Looked);
  }
  return sightings;
}

/** Edits that took something away depend on what other files gained around then. */
async function neighboursOf(file: PathHistory, run: Run): Promise<Looked['neighbours']> {
  const found: Looked['neighbours'][number][] = [];
  if (file.class === 'log') return found;
  for (const edit of file.edits) {
    const account = await run.account(edit);
    if (!account.removed.some(({ fate }) => fate === 'lost' || fate === 'moved' || fate === 'seen')) continue;
    const { path, at } = edit.after;
    found.push({ path, at, signature: run.elsewhere.signature(file.root, path, at) });
  }
  return found;
}

export async function lookAtFolder(folder: FolderHistory, run: Run): Promise<readonly Sighting[]> {
  const key = `folder ${run.setting} ${folder.root}\0${folder.path}\0${folderSignature(folder, run)}`;
  const known = run.input.cache?.get(key) as Looked | undefined;
  if (known && hasSameStrokes(known, folder.root, run)) return known.sightings;
  const failures = run.failed.length;
  const files = await Promise.all(folder.files.map(file => readable(run, file.path, file, () => run.whole(file))));
  const sightings: Sighting[] = [];
  const asked = new Set<Version>();
  for (const active of run.rules) {
    const { rule } = active;
    if (!rule.checkFolder) continue;
    const findings = await attempt(run, rule, folder, () =>
      rule.checkFolder!({ ...folder, files }, toolsFor(active, run, asked)),
    );
    sightings.push(...(await sightingsOf(folder.root, rule, findings, run, asked)));
  }
  if (run.failed.length === failures && run.givenUp.size === 0) {
    const strokes = strokesOf(asked, run);
    run.input.cache?.set(key, { sightings, neighbours: [], strokes, limited: null } satisfies Looked);
  }
  return sightings;
}

/** A path that cannot be read back is told, once, and everything else is looked at. */
export async function readable<T>(run: Run, path: string, instead: T, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    run.input.signal?.throwIfAborted();
    run.failed.push(failure('*', path, error));
    return instead;
  }
}

/** One rule that throws, or gives what is no finding, is told, and silences nobody. */
async function attempt(
  run: Run,
  rule: Rule,
  { root, path }: { readonly root: string; readonly path: string },
  check: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  if (run.givenUp.has(rule)) return [];
  try {
    const findings = unlessStopped(run, check());
    const found = checkFindings(await (run.input.patience?.(rule, findings) ?? findings));
    const lost = found.find(finding => !run.files.has(keyOf({ root, path: finding.path })));
    if (lost) throw new Error(`\`path\` of a finding is ${show(lost.path)}, of which there is no history`);
    return found;
  } catch (error) {
    run.input.signal?.throwIfAborted();
    const isLate = errno(error) === 'ETIMEDOUT';
    if (isLate) run.givenUp.add(rule);
    const { message, ...rest } = failure(rule.id, path, error);
    run.failed.push({ ...rest, message: isLate ? `${message}, so it was not asked again` : message });
    return [];
  }
}

/** A rule that waits for ever does not keep anybody from stopping. */
async function unlessStopped<T>({ input: { signal } }: Run, work: Promise<T>): Promise<T> {
  if (signal === undefined) return work;
  signal.throwIfAborted();
  let stop = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function strokesOf(asked: ReadonlySet<Version>, { strokes }: Run): Looked['strokes'] {
  return [...asked].map(version => {
    return { path: version.path, version: version.id, signature: strokes.signature(version) };
  });
}

/** False also for what an older cache remembers, which asked for none. */
function hasSameStrokes({ strokes }: Partial<Looked>, root: string, run: Run): boolean {
  const byId = new Map<string, ReadonlyMap<string, Version>>();
  return !!strokes?.every(({ path, version: id, signature }) => {
    const known = byId.get(path) ?? new Map(run.files.get(keyOf({ root, path }))?.versions.map(v => [v.id, v]));
    byId.set(path, known);
    const version = known.get(id);
    return version !== undefined && run.strokes.signature(version) === signature;
  });
}

/** What the rule found, as the strokes leave it in which the text went. */
async function sightingsOf(
  root: string,
  rule: Rule,
  findings: readonly Finding[],
  run: Run,
  asked: Set<Version>,
): Promise<readonly Sighting[]> {
  const sightings: Sighting[] = [];
  for (const finding of findings) {
    const { lost, cause, certainty } = finding;
    const stroke = lost === null || cause === null || certainty === 'proven' ? null : await strokeOf(cause, run, asked);
    if (!stroke || !cause) {
      sightings.push(sighting(root, rule, await asSaid(finding, run), run));
      continue;
    }
    const writer = await run.input.testimony?.writer(cause);
    const isAuthored = run.files.get(keyOf(cause))?.class === 'authored';
    const weighed = weigh(finding, rule, stroke, isAuthored, writer?.certainty === 'proven');
    if (weighed) sightings.push({ ...sighting(root, rule, await asSaid(weighed, run), run), stroke });
  }
  return sightings;
}

/** What its author said of it when it was committed. */
async function asSaid(finding: Finding, { input, reader }: Run): Promise<Finding> {
  const { cause, certainty, goes } = finding;
  if (!cause || !goes || certainty === 'proven') return finding;
  // The stroke of such a commit says so in the evidence.
  if (input.isAnnounced?.(cause)) return { ...finding, certainty: 'possible', severity: 'low' };
  const message = input.messageOf?.(cause) ?? null;
  if (message === null) return finding;
  const said = saidOf({ finding, after: cause.kind === 'file' ? await reader.units(cause) : [], message });
  return said === null ? finding : asMeant(finding, said);
}

async function strokeOf(version: Version, run: Run, asked: Set<Version>): Promise<Stroke | null> {
  asked.add(version);
  return run.strokes.of(version);
}

/** The evidence also says which of the versions was too much to be compared as its format. */
function sighting(root: string, rule: Rule, finding: Finding, { reader }: Run): Sighting {
  const limits = [finding.lost, finding.cause].flatMap((version: Version | null) => {
    const why = version && reader.limitOf(version);
    return why ? [`limited: ${why}`] : [];
  });
  const evidence = [...finding.evidence, ...new Set(limits)];
  return { root, rule: rule.id, severity: finding.severity ?? rule.severity, finding: { ...finding, evidence } };
}

function toolsFor({ rule, options }: ActiveRule, run: Run, asked: Set<Version>): RuleTools {
  const { reader, input, account } = run;
  return {
    options,
    bytes: version => reader.bytes(version),
    broken: async version => (version.kind === 'file' ? (await reader.document(version)).broken : null),
    writer: async version => (await input.testimony?.writer(version)) ?? null,
    stroke: version => strokeOf(version, run, asked),
    pathOf: (written, from) => input.pathOf?.(written, from) ?? null,
    isFirstLook: version => input.isFirstLook?.(version) ?? false,
    ignores: file => ignores(rule.id, file, run),
    units: version => reader.units(version),
    text: async version => (version.kind === 'file' ? reader.text(version) : ''),
    account,
    damage: ({ before, after }) => reader.damage(before, after),
    seen: async (writer, path, at) => (await input.testimony?.seen(writer, path, at)) ?? null,
  };
}

function folderSignature(folder: FolderHistory, { input }: Run): string {
  const hash = createHash('sha1');
  for (const file of folder.files) {
    hash.update(`${signatureOf(file)}\0${input.testimony?.signature(file) ?? ''}\n`);
  }
  return hash.digest('hex');
}
