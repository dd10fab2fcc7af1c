/** What a restore would write. A plan is plain data: nothing is written before `apply.ts` gets it. */
import { compareUnits } from '../documents/compare.ts';
import { unifiedDiff } from '../documents/diff.ts';
import { type Document, parseDocument } from '../documents/document.ts';
import { gather } from '../documents/gather.ts';
import { type Mended, mend } from '../documents/mend.ts';
import { addProposed } from '../documents/mend-proposed.ts';
import { mendSection } from '../documents/mend-section.ts';
import { mergeText } from '../documents/merge.ts';
import { findSection } from '../documents/sections.ts';
import { UndertextError } from '../errors.ts';
import type { Incident, Root, Unit, Version } from '../model.ts';
import type { Store } from '../store/store.ts';
import type { Disk } from './disk.ts';
import { modeFromStore, same } from './files.ts';
import type { Decision, RestoreRecord } from './restores.ts';
import { type Way, wayTo } from './way.ts';

export type Choice = 'ours' | 'theirs' | 'both';

export interface Conflict {
  readonly lost: Unit;
  readonly present: Unit;
}

export interface Plan {
  readonly kind: 'incident' | 'version' | 'section' | 'undo';
  readonly root: Root;
  readonly path: string;
  /** Absolute; the file that will be written. */
  readonly target: string;
  /** The folders that lead there: when one of them is another one later, nothing is written. */
  readonly way: Way;
  /** True when `target` is another file than the path's own (`--to`): then nothing may stand there. */
  readonly elsewhere: boolean;
  /** The version the disk must still hold; null: nothing is there. */
  readonly expect: Version | null;
  /** The bytes of `expect`. */
  readonly present: Uint8Array | null;
  /** What will stand there; null: the file goes away. */
  readonly bytes: Uint8Array | null;
  readonly mode: number;
  readonly restored: readonly Unit[];
  /** Text of the present file that would go. */
  readonly removed: readonly Unit[];
  readonly conflicts: readonly Conflict[];
  readonly diff: string;
  readonly incident: string | null;
  /** The restore that this plan takes back. */
  readonly undoes: string | null;
  /** What is decided with it, or what it takes back: then it is written down even when nothing is to be done. Null: nothing. */
  readonly decision: Decision | null;
  /** True for an undo of a restore that decided. */
  readonly reopens: boolean;
}

/** What every plan stands on: the disk as `lookAt` found it, and the store that has the older texts. */
export interface Ground {
  readonly disk: Disk;
  readonly store: Pick<Store, 'read' | 'withId'>;
  /** Absolute path of another file to write instead. */
  readonly to?: string;
}

/** Above this a diff takes longer than anybody reads. */
const largestDiff = 4 * 1024 * 1024;

/**
 * Puts the lost units of an incident back into the present file, or adds what is proposed where nothing was lost. A file that is gone comes
 * back as it was before the loss. The lost version may be one of another path: a copy that is merged into this one.
 */
export async function planIncident(input: Ground & { incident: Incident; choose?: Choice }): Promise<Plan> {
  const { disk, incident, store } = input;
  const about = { kind: 'incident', incident: incident.id } as const;
  if (incident.forgotten !== undefined && incident.lost !== null) {
    throw new UndertextError(
      'refused',
      `the text of ${incident.id} was forgotten at ${new Date(incident.forgotten).toISOString()}`,
      `it cannot be put back; \`undertext accept ${incident.id} --reason "…"\` closes the incident`,
    );
  }
  if (incident.lost === null && incident.proposed !== undefined) {
    const mended = addProposed(disk.path, disk.bytes ?? new Uint8Array(), incident.proposed);
    if (mended !== null) return planMended(input, mended.bytes, mended, about);
  }
  const lost = incident.lost?.blob == null ? null : await store.read(incident.lost.blob);
  if (incident.lost === null || lost === null) throw nothingToPutBack(incident);
  if (disk.bytes === null) return planBytes(input, lost, modeOf(input, incident.lost.version), about);
  const { base, cause } = incident;
  const mending = {
    base: base?.blob == null ? null : await store.read(base.blob),
    lost,
    cause: cause?.blob == null ? null : await store.read(cause.blob).catch(() => null),
    fingerprints: asNamedHere(incident, lost, input),
    choose: input.choose,
  };
  const mended = planMending(input, mending, about);
  const plan = { ...mended, decision: decisionOf(mended, mending, incident) };
  if (incident.fingerprints.length === 0 && plan.conflicts.length === 0 && isNothingToDo(plan))
    throw nothingToPutBack(incident);
  return plan;
}

/** Of an open incident: the lost units that the file will not have, because it says something else in their place. */
function decisionOf({ path, bytes, conflicts }: Plan, { lost, fingerprints, choose }: Mending, { state }: Incident) {
  if (state !== 'open' || conflicts.length > 0) return null;
  const wanted = new Set(fingerprints);
  const asked = parseDocument(path, lost).units.filter(({ fingerprint }) => wanted.has(fingerprint));
  const left = compareUnits(asked, documentOf(path, bytes).units).removed.length;
  return left === 0 ? null : { choice: choose ?? null, of: asked.length, left };
}

function nothingToPutBack({ id, advice }: Incident): UndertextError {
  return new UndertextError(
    'refused',
    `${id} has no lost text that could be put back`,
    `${advice ?? `\`undertext show ${id}\` says what is wrong`}; \`undertext accept ${id} --reason "…"\` closes it`,
  );
}

/** The fingerprints as this path's format has them: the version that had the units may be one of a path that is read in another way. */
function asNamedHere({ fingerprints, lost }: Incident, bytes: Uint8Array, { disk, store }: Ground): readonly string[] {
  const theirs = lost === null ? undefined : only(store, lost.version)?.path;
  if (theirs === undefined || theirs === disk.path) return fingerprints;
  const [there, here] = [parseDocument(theirs, bytes), parseDocument(disk.path, bytes)];
  if (there.format === here.format) return fingerprints;
  const wanted = new Set(fingerprints);
  const spans = there.units.filter(unit => wanted.has(unit.fingerprint));
  return here.units
    .filter(unit => spans.some(span => span.kind === 'file' || (span.start < unit.end && unit.start < span.end)))
    .map(unit => unit.fingerprint);
}

/** Puts a whole version back. `removed` says which newer text would go. */
export async function planVersion(input: Ground & { version: Version; removeFile?: boolean }): Promise<Plan> {
  const { version } = input;
  const about = { kind: 'version', incident: null } as const;
  if (version.kind === 'gone') {
    if (input.removeFile === true) return planBytes(input, null, 0, about);
    throw new UndertextError(
      'refused',
      `${version.path} did not exist then, so putting that back would delete it`,
      `\`undertext log ${quoted(version.path)}\` lists the versions that have text`,
    );
  }
  return planBytes(input, await contentOf(version, input.store), version.mode, about);
}

/** Puts one section back as it stood in a version, in place of the present one, and leaves the rest of the file alone. */
export async function planSection(
  input: Ground & { version: Version; section: string; choose?: Choice },
): Promise<Plan> {
  const { disk, version, section, store } = input;
  const lost = await contentOf(version, store);
  const { section: found, candidates } = findSection(parseDocument(version.path, lost), section);
  if (found === null) {
    throw new UndertextError(
      'not-found',
      `${version.path} of version ${version.id} has no section ${JSON.stringify(section)}`,
      candidates.length > 0 ? `it has: ${candidates.slice(0, 12).join(' · ')}` : 'it has no sections at all',
    );
  }
  const about = { kind: 'section', incident: null } as const;
  const present = disk.bytes ?? new Uint8Array();
  const ground = { ...input, disk: { ...disk, mode: disk.bytes === null ? version.mode : disk.mode } };
  const mended = mendSection({ path: disk.path, lost, present, section: found, choose: input.choose });
  if (mended !== null) return planMended(ground, lost, mended, about);
  throw new UndertextError(
    'conflict',
    `${disk.path} has no one place for ${JSON.stringify(section)}: it stands there twice, or would swallow what follows`,
    `\`undertext restore ${quoted(disk.path)} --at ${version.id} --to FILE\` writes the whole version beside it`,
  );
}

/**
 * Takes a restore back: the exact bytes of the version before it while the disk still is what the restore left;
 * else what the restore did is taken out of the newer file, line by line.
 * @throws UndertextError `conflict` when newer text stands in the same lines
 */
export async function planUndo(input: Ground & { restore: RestoreRecord }): Promise<Plan> {
  const { disk, restore, store } = input;
  const about = {
    kind: 'undo',
    incident: restore.incident,
    undoes: restore.id,
    decision: restore.decision ?? null,
    reopens: restore.kind === 'incident' && restore.decision !== undefined,
  } as const;
  // It only decided: there is nothing to take out of the file.
  if (restore.before === restore.after) return planBytes(input, disk.bytes, disk.mode, about);
  const before = await versionBytes(restore.before, store);
  const after = await versionBytes(restore.after, store);
  const mode = (restore.before === null ? undefined : only(store, restore.before)?.mode) ?? disk.mode;
  if (same(disk.bytes, after) || same(disk.bytes, before)) return planBytes(input, before, mode, about);
  if (disk.bytes === null || before === null || after === null) {
    throw new UndertextError(
      'conflict',
      disk.bytes === null
        ? `${disk.path} was deleted since ${restore.id}`
        : `${disk.path} was changed since ${restore.id}, so undoing that would lose the newer text`,
      before === null
        ? `delete it yourself if you mean it: undertext has kept what is there`
        : `\`undertext restore ${quoted(disk.path)} --at ${restore.before}\` puts the version from before back`,
    );
  }
  const merged = mergeText(latin(after), latin(disk.bytes), latin(before));
  if (merged.conflict) {
    throw new UndertextError(
      'conflict',
      `${disk.path} was changed since ${restore.id} in the same lines`,
      `\`undertext restore ${quoted(disk.path)} --at ${restore.before}\` puts the whole version from before back`,
    );
  }
  return planBytes(input, Buffer.from(merged.text, 'latin1'), disk.mode, about);
}

/** True when the disk already is what the plan would make of it. */
export function isNothingToDo(plan: Plan): boolean {
  return plan.conflicts.length === 0 && same(plan.present, plan.bytes);
}

interface About {
  readonly kind: Plan['kind'];
  readonly incident: string | null;
  readonly undoes?: string;
  readonly decision?: Decision | null;
  readonly reopens?: boolean;
}

interface Mending {
  readonly base: Uint8Array | null;
  readonly lost: Uint8Array;
  readonly cause: Uint8Array | null;
  readonly fingerprints: readonly string[];
  readonly choose: Choice | undefined;
}

function planMending(ground: Ground, mending: Mending, about: About): Plan {
  const { disk } = ground;
  const present = disk.bytes!;
  const { choose, lost, ...rest } = mending;
  const mended = mend({ path: disk.path, ...rest, lost, present, ...(choose ? { choose } : {}) });
  return planMended(ground, lost, mended, about);
}

function planMended(ground: Ground, lost: Uint8Array, mended: Mended, about: About): Plan {
  const { disk } = ground;
  return {
    ...frame(ground, mended.conflicts.length > 0 ? disk.bytes : mended.bytes, disk.mode, about),
    restored: gather(mended.restored, parseDocument(disk.path, lost)),
    removed: gather(mended.removed, documentOf(disk.path, disk.bytes)),
    conflicts: mended.conflicts,
  };
}

function planBytes(ground: Ground, bytes: Uint8Array | null, mode: number, about: About): Plan {
  const { disk } = ground;
  const present = documentOf(disk.path, disk.bytes);
  const future = documentOf(disk.path, bytes);
  const { removed, added } = compareUnits(present.units, future.units);
  return {
    ...frame(ground, bytes, disk.bytes === null ? mode : disk.mode, about),
    restored: gather(added, future),
    removed: gather(removed, present),
    conflicts: [],
  };
}

function frame(ground: Ground, bytes: Uint8Array | null, mode: number, about: About) {
  const { disk, to } = ground;
  const elsewhere = to !== undefined && to !== disk.target;
  return {
    kind: about.kind,
    root: disk.root,
    path: disk.path,
    target: elsewhere ? to : disk.target,
    way: elsewhere ? wayTo(to) : disk.way,
    elsewhere,
    expect: elsewhere ? null : disk.version,
    present: elsewhere ? null : disk.bytes,
    bytes,
    mode: disk.bytes === null || elsewhere ? modeFromStore(mode) : mode,
    diff: diffOf(disk.path, disk.bytes, bytes),
    incident: about.incident,
    undoes: about.undoes ?? null,
    decision: about.decision ?? null,
    reopens: about.reopens ?? false,
  };
}

function diffOf(path: string, present: Uint8Array | null, future: Uint8Array | null): string {
  if (same(present, future)) return '';
  const size = Math.max(present?.length ?? 0, future?.length ?? 0);
  if (size > largestDiff) return `Files a/${path} and b/${path} differ; too big to show\n`;
  const [before, after] = [documentOf(path, present), documentOf(path, future)];
  if (before.format === 'binary' || after.format === 'binary') return `Binary files a/${path} and b/${path} differ\n`;
  return unifiedDiff(
    before.text,
    after.text,
    present === null ? '/dev/null' : `a/${path}`,
    future === null ? '/dev/null' : `b/${path}`,
  );
}

/** A file that is not there is an empty document. */
function documentOf(path: string, bytes: Uint8Array | null): Document {
  return parseDocument(path, bytes ?? new Uint8Array());
}

function modeOf(ground: Ground, version: string): number {
  return only(ground.store, version)?.mode ?? 0o644;
}

async function contentOf(version: Version, store: Ground['store']): Promise<Uint8Array> {
  if (version.kind === 'file' && version.blob !== null) return store.read(version.blob);
  const what = version.kind === 'link' ? 'was a link then' : 'is withheld: it is a secret, or was forgotten';
  const hint =
    version.kind === 'link'
      ? '`undertext cat` says where it led; make it again with `ln -s`'
      : `\`undertext log ${quoted(version.path)}\` says which; a secret is restored from where you keep your secrets`;
  throw new UndertextError('refused', `${version.path} ${what}`, hint);
}

async function versionBytes(id: string | null, store: Ground['store']): Promise<Uint8Array | null> {
  if (id === null) return null;
  const version = only(store, id);
  if (version !== undefined) return version.kind === 'gone' ? null : contentOf(version, store);
  throw new UndertextError(
    'not-found',
    `version ${id} is no longer in the store`,
    '`undertext verify` says what can be restored',
  );
}

function only(store: Ground['store'], id: string): Version | undefined {
  return store.withId(id).find(version => version.id === id);
}

/** One character per byte, so that lines merge without touching a byte that is no UTF-8. */
function latin(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** A path as a shell takes it. */
function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
