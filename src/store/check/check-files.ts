/** The small files of a store, and files that stand where they should not. */
import { existsSync, fstatSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { errno } from '../../errors.ts';
import { isHarmed } from '../journal/journal.ts';
import type { Journals } from '../journal/journals.ts';
import type { Objects } from '../objects.ts';
import { readNow } from '../read-now.ts';
import { type Layout, storeConfig } from '../repository.ts';
import { packsWithoutIndex } from './clean-up.ts';

export interface FileDeps {
  readonly layout: Layout;
  readonly objects: Objects;
  readonly journals: Journals;
}

export type ReportFile = (where: string, what: string) => void;

const headLine = /^ref: (refs\/heads\/[A-Za-z0-9_.-]+\/\d{4}-\d\d)\n$/;
const formatLine = /^undertext store \d+\n/;

/** HEAD names a head, or one that is still to come: a kill may come between the two. */
export function isHeadWhole(layout: Layout): boolean {
  return headLine.test(readOr(layout.head));
}

/** A section, a value or a comment (git's Documentation/config, "Syntax"). */
const configRow = /^\s*(?:\[[A-Za-z0-9.-]+(?:\s+"[^"\0]*")?\]|[A-Za-z][A-Za-z0-9-]*(?:\s*=[^"\0]*)?|[#;].*)?\s*$/;

/** True when what we have written stands there still. A person may have added to it. */
export function isConfigWhole(text: string): boolean {
  const rows = text.split('\n');
  const there = new Set(rows);
  return rows.every(row => configRow.test(row)) && storeConfig.split('\n').every(row => there.has(row));
}

/** A store that was killed while it was made has none of them yet, and nothing that needs them. */
function isUnfinished(layout: Layout): boolean {
  return !existsSync(layout.head) && listOr(layout.heads).length === 0;
}

function checkSmallFiles(layout: Layout, report: ReportFile): void {
  if (isUnfinished(layout)) return;
  if (!isHeadWhole(layout)) report('HEAD', 'it names no head: stock git takes the store for no repository');
  if (!isConfigWhole(readOr(join(layout.root, 'config'))))
    report('config', 'it is not what git needs to read the store, and to leave it as it is');
  if (!formatLine.test(readOr(layout.format))) report('format', 'it does not say which format the store has');
}

export function checkFiles({ layout, objects, journals }: FileDeps, report: ReportFile): void {
  checkSmallFiles(layout, report);
  for (const name of brokenIndexes(layout, objects)) {
    report(join('objects/pack', name), 'the index of the pack cannot be read, or has lost its pack');
  }
  for (const name of listOr(layout.journals)) {
    if (name.endsWith('.harmed')) {
      report(join('journal', name), 'a record was changed on the disk; versions behind it may not be in the history');
    } else if (name.endsWith('.journal') && !journals.get(name)) {
      report(join('journal', name), 'the journal has no header: what stands in it is not in the history');
    }
  }
  for (const { name, fd, end, torn } of journals.files) {
    if (torn > 0 && isHarmed(fd, end, Math.min(end + torn, fstatSync(fd).size))) {
      report(join('journal', name), 'a record was changed on the disk; what stands behind it is not read');
    }
  }
}

/** A pack without its index is what a kill leaves, and no damage by itself: it is when something is missing besides. */
export function checkLonePacks({ layout, objects }: FileDeps, report: ReportFile): void {
  for (const path of packsWithoutIndex(layout, objects)) {
    if (existsSync(`${path}.idx`)) continue;
    report(join('objects/pack', `${basename(path)}.pack`), 'the pack has lost its index; the next start makes it anew');
  }
}

/** Indexes of packs that cannot be opened. */
export function brokenIndexes(layout: Layout, objects: Objects): readonly string[] {
  const open = new Set(objects.packs.map(({ path }) => `${basename(path)}.idx`));
  return listOr(layout.packs).filter(name => name.endsWith('.idx') && name.startsWith('pack-') && !open.has(name));
}

function readOr(path: string): string {
  try {
    return readNow(path).toString('latin1');
  } catch (error) {
    if (['ENOENT', 'EISDIR'].includes(errno(error))) return '';
    throw error;
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
