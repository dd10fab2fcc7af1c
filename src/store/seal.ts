/**
 * Sealing: journals become one pack and commits on the head.
 *
 * The order is what makes a kill harmless at any point: pack, index of the pack, their folder (pack-write.ts); then the
 * head by compare-and-swap (refs.ts); then the history index, a cache; then the journals go. What is found in a journal
 * and in a commit too was sealed before, and is left out.
 */
import { renameSync, rmSync } from 'node:fs';
import type { Time, Version } from '../model.ts';
import { decodeCommit, encodeCommit, subjectOf } from './commit.ts';
import { planCommits } from './commit-plan.ts';
import type { Disk } from './disk.ts';
import type { Catalogue } from './index/catalogue.ts';
import type { HistoryBlock, HistoryIndex } from './index/history-index.ts';
import { isHarmed } from './journal/journal.ts';
import type { JournalFile, Journals } from './journal/journals.ts';
import { loosePath } from './loose.ts';
import type { Objects } from './objects.ts';
import { addContents, addOthers, PackPlan } from './pack/pack-plan.ts';
import { writePack } from './pack/pack-write.ts';
import { journalStock } from './pack/stock.ts';
import { pauses } from './pauses.ts';
import { monthOf, moveHead, newestHead, refOf } from './refs.ts';
import { type Layout, syncNames } from './repository.ts';
import { TreeEditor } from './tree-editor.ts';
import { formatVersion, isNoteLine, readVersion } from './version-line.ts';
import { putVersion } from './version-tree.ts';

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

/** The caller holds the store's lock. */
export async function sealJournals(deps: SealDeps, files: readonly JournalFile[]): Promise<void> {
  const { versions, notes } = unsealed(deps, files);
  await commitAll(deps, files, versions, notes);
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
      if (!history.hasNote(line.slice(1, line.indexOf('\t')))) notes.push(line);
      continue;
    }
    // The catalogue has it already, as a rule: a second one of each would double what is held.
    const known = catalogue.get(line.slice(0, line.indexOf('\t')));
    const version = known ?? readVersion(line, null);
    if (version?.snapshot === null) versions.push(version);
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
  const stock = journalStock(files);
  const entries = new PackPlan({ stock, objects, isElsewhere: name => objects.isSound(name) });
  await addContents(entries, versions);
  await addOthers(entries, stock.names());

  const old = newestHead(layout, machine);
  const previous = new Map<string, string>();
  let head = old;
  let tree = old && decodeCommit(objects.readStored(old.commit, 'commit').content).tree;
  const editor = new TreeEditor(entries, tree);
  const moves: { ref: string; from: string | null; to: string }[] = [];
  const blocks: HistoryBlock[] = [];
  const sealed: { readonly commit: string; readonly versions: readonly Version[] }[] = [];
  const pause = pauses();
  for (const plan of planCommits(versions, notes)) {
    const lines = plan.versions.map(version => {
      const key = `${version.root}\0${version.path}`;
      const before = previous.get(key) ?? catalogue.latestSealed(version)?.snapshot ?? '-';
      return `${formatVersion(version)}\t${before}`;
    });
    for (const version of plan.versions) {
      if (version.blob !== null && entries.lost.has(version.blob)) continue;
      putVersion(editor, version, version.blob !== null && entries.isTree(version.blob));
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
    await pause();
  }

  if (entries.list.length > 0) {
    await writePack(deps.disk, layout.packs, deps.token, entries.list);
    objects.loadPacks();
    // Loose copies are of no use now, and may be what was not whole.
    for (const { name } of entries.list) {
      if (objects.hasLoose(name)) rmSync(loosePath(layout.objects, name), { force: true });
    }
  } else await deps.disk.syncFolder(layout.packs);
  if (!deps.holdsLock()) throw new Error('the lock of the store was taken away');
  for (const { ref, from, to } of moves) await moveHead(layout, deps.disk, ref, from, to);
  // Whoever sealed these before may have been killed, or refused by the disk, before the names were durable.
  if (moves.length === 0) await syncNames(layout, deps.disk);
  await deps.history.append(deps.disk, blocks);
  for (const { commit, versions } of sealed) {
    for (const version of versions) catalogue.add({ ...version, snapshot: commit });
  }
}

function laterMonth(a: string | undefined, b: string): string {
  return a !== undefined && a > b ? a : b;
}
