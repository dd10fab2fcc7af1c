/** Journals that were harmed: the records that are whole in them, before and behind the damage. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { errno } from '../../errors.ts';
import { objectName } from '../blob-name.ts';
import { type RecordAt, recordAt } from '../journal/journal.ts';
import { isNoteLine, parseNote, parseVersion } from '../version-line.ts';
import type { Finds } from './finds.ts';
import { setAside } from './quarantine.ts';
import type { RepairDeps, RepairLog } from './repair-deps.ts';

/** Whole records of a file, wherever they begin. */
export function* recordsIn(bytes: Buffer): Generator<RecordAt> {
  for (let at = 0; at < bytes.length; ) {
    const record = recordAt(bytes, at);
    if (record) yield record;
    at = record ? record.end : at + 1;
  }
}

/**
 * Takes what is whole in the journals that nobody reads (set aside by a seal, or without a header): versions and notes
 * that are not in the history, and objects that stand nowhere else. Then they go into the quarantine.
 */
export async function salvageJournals(
  deps: RepairDeps,
  isWhole: (name: string) => boolean,
  finds: Finds,
  log: RepairLog,
): Promise<void> {
  const { layout, disk, journals } = deps;
  const catalogue = deps.catalogue();
  for (const name of listOr(layout.journals)) {
    const isUnread = name.endsWith('.harmed') || (name.endsWith('.journal') && !journals.get(name));
    if (!isUnread) continue;
    const path = join(layout.journals, name);
    const lines: string[] = [];
    for (const record of recordsIn(readFileSync(path))) {
      if (record.type === 'L') {
        if (isNews(record.payload.toString('utf8'), catalogue)) lines.push(record.payload.toString('utf8'));
      } else await takeObject(record, isWhole, finds);
    }
    await finds.flush();
    if (lines.length > 0) {
      await deps.appendLines(lines);
      log.rebuilt.push(`${lines.length} records of ${name}, which was changed on the disk`);
    }
    log.setAside.push(await setAside(layout, disk, path));
    await disk.syncFolder(layout.journals);
  }
}

/** The content of an object's record goes where finds go, if it is what its name says. */
export async function takeObject(record: RecordAt, isWhole: (name: string) => boolean, finds: Finds): Promise<void> {
  const name = record.payload.toString('hex', 0, 20);
  if (isWhole(name)) return;
  const type = record.type === 'T' ? 'tree' : 'blob';
  let content: Buffer;
  try {
    content = inflateSync(record.payload.subarray(24));
  } catch {
    return;
  }
  if (objectName(type, content) === name) await finds.add(name, type, content);
}

function isNews(line: string, catalogue: ReturnType<RepairDeps['catalogue']>): boolean {
  try {
    return isNoteLine(line)
      ? !catalogue.hasNote(parseNote(line).id)
      : !catalogue.hasVersion(parseVersion(line, null).id);
  } catch {
    return false;
  }
}

function listOr(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (errno(error) === 'ENOENT') return [];
    throw error;
  }
}
