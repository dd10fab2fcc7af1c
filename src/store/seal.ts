/**
 * Sealing: journals become one pack and commits on the head.
 *
 * The order is what makes a kill harmless at any point: pack, index of the pack, their folder (pack-write.ts); then the
 * head by compare-and-swap (refs.ts); then the history index, a cache; then the journals go. What is found in a journal
 * and in a commit too was sealed before, and is left out.
 */
import { renameSync, rmSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { deflateSync, inflateSync } from 'node:zlib';
import type { Time, Version } from '../model.ts';
import { objectName } from './blob-name.ts';
import type { Catalogue } from './catalogue.ts';
import { decodeCommit, encodeCommit } from './commit.ts';
import { planCommits } from './commit-plan.ts';
import { zlibOptions } from './deflate-batch.ts';
import { makeDelta } from './delta.ts';
import type { Disk } from './disk.ts';
import type { HistoryBlock, HistoryIndex } from './history-index.ts';
import { isHarmed, readBlobRecord } from './journal.ts';
import type { JournalFile, Journals } from './journals.ts';
import { loosePath } from './loose.ts';
import { treePath } from './names.ts';
import type { Objects } from './objects.ts';
import { type PackEntry, writePack } from './pack-write.ts';
import { monthOf, moveHead, newestHead, refOf } from './refs.ts';
import type { Layout } from './repository.ts';
import { decodeTree, type TreeMode } from './tree.ts';
import { TreeEditor, type WrittenTree } from './tree-editor.ts';
import { escapeField, formatVersion, isNoteLine, parseNote, parseVersion } from './version-line.ts';

export interface SealDeps {
  readonly layout: Layout;
  readonly disk: Disk;
  readonly objects: Objects;
  readonly journals: Journals;
  readonly catalogue: Catalogue;
  readonly history: HistoryIndex;
  readonly machine: string;
  readonly now: () => Time;
  /** A name for temporary files that nobody else uses. */
  readonly token: string;
  /** False when somebody took the lock for dead and took it away. */
  readonly holdsLock: () => boolean;
}

/** Deeper chains make reading slow. */
const deepestDelta = 32;
/** Bigger ones are not compared: it would hold the loop. */
const biggestDelta = 4 << 20;
/** Packs carry what stock git writes by default. */
const level = 6;
const sliceMs = 2;

/** The caller holds the store's lock. */
export async function sealJournals(deps: SealDeps, files: readonly JournalFile[]): Promise<void> {
  const { versions, notes } = unsealed(deps, files);
  if (versions.length > 0 || notes.length > 0) await commitAll(deps, files, versions, notes);
  else await deps.history.append(deps.disk, []);
  for (const file of files) {
    if (file.torn > 0 && isHarmed(file.fd, file.end, file.end + file.torn))
      renameSync(file.path, `${file.path}.harmed`);
    else rmSync(file.path, { force: true });
    deps.journals.drop(file.name);
  }
}

function unsealed({ catalogue, history }: SealDeps, files: readonly JournalFile[]) {
  const versions: Version[] = [];
  const notes: string[] = [];
  for (const line of files.flatMap(file => file.lines)) {
    if (isNoteLine(line)) {
      if (!history.hasNote(parseNote(line).id)) notes.push(line);
      continue;
    }
    // The catalogue has it already, as a rule: a second one of each would double what is held.
    const id = line.slice(0, line.indexOf('\t'));
    const known = catalogue.get(id);
    if ((known?.snapshot ?? null) === null) versions.push(known ?? parseVersion(line, null));
  }
  versions.sort((a, b) => a.seenAt - b.seenAt);
  return { versions, notes };
}

async function commitAll(
  deps: SealDeps,
  files: readonly JournalFile[],
  versions: readonly Version[],
  notes: readonly string[],
): Promise<void> {
  const { layout, objects, catalogue, machine } = deps;
  const entries = new Entries(files, objects, layout.objects);
  await addBlobs(entries, versions);

  const old = newestHead(layout, machine);
  const previous = new Map<string, string>();
  let head = old;
  let tree = old && decodeCommit(objects.readStored(old.commit, 'commit').content).tree;
  const editor = new TreeEditor(entries, tree);
  const moves: { ref: string; from: string | null; to: string }[] = [];
  const blocks: HistoryBlock[] = [];
  const sealed: { readonly commit: string; readonly versions: readonly Version[] }[] = [];
  let turn = performance.now();
  for (const plan of planCommits(versions, notes)) {
    const lines = plan.versions.map(version => {
      const key = `${version.root}\0${version.path}`;
      const before =
        previous.get(key) ?? catalogue.versions(version).findLast(other => other.snapshot)?.snapshot ?? '-';
      return `${formatVersion(version)}\t${before}`;
    });
    for (const version of plan.versions) {
      const path = treePath(version.root, version.path);
      if (version.kind === 'gone') editor.remove(path);
      else if (version.blob !== null && entries.lost.has(version.blob)) continue;
      else if (version.blob !== null) editor.set(path, { mode: treeMode(version), oid: version.blob });
      else editor.remove(path);
    }
    tree = editor.write();
    const at = plan.versions.at(-1)?.seenAt ?? deps.now();
    const month = laterMonth(head?.ref.slice(-7), monthOf(Math.min(Math.max(at, 0), deps.now())));
    const ref = refOf(machine, month);
    const isSameMonth = head?.ref === ref;
    const commit = entries.add(
      'commit',
      encodeCommit(
        {
          tree,
          parent: isSameMonth ? head!.commit : null,
          continues: head && !isSameMonth ? head.commit : null,
          lines: [...lines, ...plan.notes],
        },
        subjectOf(plan.versions),
        machine,
        at,
      ),
      null,
    );
    const last = moves.at(-1);
    if (last?.ref === ref) last.to = commit.oid;
    else moves.push({ ref, from: isSameMonth ? head!.commit : null, to: commit.oid });
    head = { ref, commit: commit.oid };
    for (const { root, path } of plan.versions) previous.set(`${root}\0${path}`, commit.oid);
    blocks.push({ commit: commit.oid, ref, lines: [...lines, ...plan.notes] });
    sealed.push({ commit: commit.oid, versions: plan.versions });
    if (performance.now() - turn > sliceMs) {
      await nextTurn();
      turn = performance.now();
    }
  }

  if (entries.list.length > 0) {
    await writePack(deps.disk, layout.packs, deps.token, entries.list);
    objects.loadPacks();
    for (const path of entries.damagedCopies) rmSync(path, { force: true });
  }
  if (!deps.holdsLock()) throw new Error('the lock of the store was taken away');
  for (const { ref, from, to } of moves) await moveHead(layout, deps.disk, ref, from, to);
  await deps.history.append(deps.disk, blocks);
  for (const { commit, versions } of sealed) {
    for (const version of versions) catalogue.add({ ...version, snapshot: commit });
  }
}

function treeMode({ kind, mode }: Version): TreeMode {
  if (kind === 'link') return '120000';
  return mode & 0o100 ? '100755' : '100644';
}

function laterMonth(a: string | undefined, b: string): string {
  return a !== undefined && a > b ? a : b;
}

function subjectOf(versions: readonly Version[]): string {
  const [first] = versions;
  if (!first) return 'notes';
  const name = `${escapeField(first.root)}/${escapeField(first.path)}`;
  return versions.length === 1 ? name : `${name} and ${versions.length - 1} more`;
}

interface Written extends WrittenTree {
  /** Place in the list; null when the store has the object already. */
  readonly place: number | null;
  readonly content: Buffer;
  readonly depth: number;
}

/** Collects what goes into the pack, each object once. */
class Entries {
  readonly list: PackEntry[] = [];
  /** Loose files that are not whole, of objects that are in the list. */
  readonly damagedCopies: string[] = [];
  /** Blobs that stand nowhere (a journal was harmed): no tree may name them, and `verify` names their versions. */
  readonly lost = new Set<string>();
  readonly #files: readonly JournalFile[];
  readonly #objects: Objects;
  readonly #folder: string;
  readonly #places = new Map<string, Written>();

  constructor(files: readonly JournalFile[], objects: Objects, folder: string) {
    this.#files = files;
    this.#folder = folder;
    this.#objects = objects;
  }

  load(oid: string) {
    return decodeTree(this.#objects.readStored(oid, 'tree').content);
  }

  write(bytes: Buffer, last: WrittenTree | null): Written {
    return this.add('tree', bytes, last as Written | null);
  }

  /** A commit or a tree, as a delta of `last` when that is shorter. */
  add(type: 'commit' | 'tree', content: Buffer, last: Written | null): Written {
    const oid = objectName(type, content);
    const known = this.#places.get(oid);
    if (known) return known;
    const isStored = this.#objects.isSound(oid);
    const written = isStored ? { oid, place: null, content, depth: 0 } : this.#push(oid, type, content, last, null);
    // Only the chain that is being written keeps its contents; one that comes again starts a new chain.
    this.#places.set(oid, { ...written, content: Buffer.alloc(0), depth: deepestDelta });
    return written;
  }

  /** A blob out of the journals; `last` is the version before of the same path. `content` is asked for when needed. */
  addBlob(oid: string, last: Written | null, isBase: boolean): Written | null {
    const known = this.#places.get(oid);
    if (known) return known;
    if (this.#objects.isSound(oid)) return null;
    const found = this.#files.map(file => ({ file, place: file.blobs.get(oid) })).find(({ place }) => place);
    if (!found?.place) {
      if (!this.#objects.isStored(oid)) this.lost.add(oid);
      return null;
    }
    if (this.#objects.hasLoose(oid)) this.damagedCopies.push(loosePath(this.#folder, oid));
    const { file, place } = found;
    const deflated = () => readBlobRecord(file.fd, place);
    const isSmall = place.size <= biggestDelta;
    let written: Written;
    if (isSmall && (last || isBase)) {
      const whole = deflated();
      written = this.#push(oid, 'blob', inflateSync(whole), last, { length: whole.length, read: deflated });
    } else {
      this.list.push({ name: oid, type: 'blob', size: place.size, base: null, deflated });
      written = { oid, place: this.list.length - 1, content: Buffer.alloc(0), depth: deepestDelta };
    }
    this.#places.set(oid, { ...written, content: Buffer.alloc(0), depth: deepestDelta });
    return written;
  }

  #push(
    name: string,
    type: PackEntry['type'],
    content: Buffer,
    last: Written | null,
    whole: { length: number; read(): Buffer } | null,
  ): Written {
    const place = this.list.length;
    const isNear = last !== null && last.place !== null && last.depth < deepestDelta;
    const delta = isNear ? makeDelta(last.content, content) : null;
    const short = delta && deflatedTight(delta);
    if (short && short.length < (whole?.length ?? content.length)) {
      this.list.push({ name, type, size: delta.length, base: last!.place, deflated: () => short });
      return { oid: name, place, content, depth: last!.depth + 1 };
    }
    const deflated = whole ? whole.read : constant(deflatedTight(content));
    this.list.push({ name, type, size: content.length, base: null, deflated });
    return { oid: name, place, content, depth: 0 };
  }
}

/** Without the room that was left for what does not deflate: thousands of these wait for the pack to be written. */
function deflatedTight(content: Buffer): Buffer {
  return Buffer.from(deflateSync(content, zlibOptions(content.length, level)));
}

function constant(bytes: Buffer): () => Buffer {
  return () => bytes;
}

/** Adds the blobs in their order; those of a path that comes again are kept in hand until its last one. */
async function addBlobs(entries: Entries, versions: readonly Version[]): Promise<void> {
  const left = new Map<string, number>();
  const keyOf = ({ root, path }: Version): string => `${root}\0${path}`;
  for (const version of versions) left.set(keyOf(version), (left.get(keyOf(version)) ?? 0) + 1);
  const last = new Map<string, Written>();
  let turn = performance.now();
  for (const version of versions) {
    const key = keyOf(version);
    const rest = left.get(key)! - 1;
    left.set(key, rest);
    if (version.blob !== null) {
      const written = entries.addBlob(version.blob, last.get(key) ?? null, rest > 0);
      if (written && written.content.length > 0) last.set(key, written);
    }
    if (rest === 0) last.delete(key);
    if (performance.now() - turn > sliceMs) {
      await nextTurn();
      turn = performance.now();
    }
  }
}
