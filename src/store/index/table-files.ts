/** The folder of the tables. Their names say their range: `<from>-<to>-<check>.table`. */
import { randomBytes } from 'node:crypto';
import { readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { errno } from '../../errors.ts';
import type { Disk } from '../disk.ts';
import { makeFolder } from '../repository.ts';
import { blockStart, historyStart } from './history-block.ts';
import { inChunks } from './in-chunks.ts';
import { SharedFile } from './shared-file.ts';
import { Table } from './table.ts';

const namePattern = /^(\d+)-(\d+)-[0-9a-f]{8}\.table$/;
/** A merge may take a table away while we look; so often do we look again. */
const attempts = 4;

/** The tables that follow each other from the start of `history`, and fit to it. */
export function findTables(folder: string, history: SharedFile): readonly Table[] {
  for (let attempt = 1; ; attempt++) {
    const { list, isWhole } = chain(folder, history);
    if (isWhole || attempt === attempts) return list;
    for (const table of list) table.release();
  }
}

/** Removes all but these; one that cannot be removed is left to the next. */
export function removeTables(folder: string, but: readonly Table[]): void {
  const kept = new Set(but.map(nameOf));
  for (const name of listOr(folder)) if (!kept.has(name)) rmSync(join(folder, name), { force: true });
}

/**
 * Writes a table under its name. It need not be durable: what a power cut makes of it does not have its checksums.
 * Null when somebody has taken it away.
 */
export async function writeTable(disk: Disk, folder: string, pieces: Iterable<Buffer>): Promise<Table | null> {
  makeFolder(folder);
  const temporary = join(folder, `tmp_${randomBytes(6).toString('hex')}`);
  try {
    await writeChunks(disk, temporary, inChunks(pieces));
    const table = openTable(temporary);
    if (table) renameSync(temporary, join(folder, nameOf(table)));
    return table;
  } finally {
    rmSync(temporary, { force: true });
  }
}

export async function writeChunks(disk: Disk, path: string, chunks: AsyncIterable<Buffer>): Promise<void> {
  const fd = await disk.open(path, 'wx', 0o600);
  try {
    let position = 0;
    for await (const chunk of chunks) {
      await disk.write(fd, [chunk], position);
      position += chunk.length;
    }
  } finally {
    await disk.close(fd);
  }
}

/** Not whole when a table that was listed could not be opened. */
function chain(folder: string, history: SharedFile): { list: readonly Table[]; isWhole: boolean } {
  const names = listOr(folder)
    .map(name => namePattern.exec(name))
    .filter(match => match !== null)
    .map(match => ({ name: match[0], from: Number(match[1]), to: Number(match[2]) }))
    .sort((a, b) => b.to - a.to);
  const list: Table[] = [];
  for (let at = historyStart.length; ; at = list.at(-1)!.head.to) {
    const place = names.find(({ from }) => from === at);
    if (!place) return { list, isWhole: true };
    const table = openTable(join(folder, place.name));
    if (!table) return { list, isWhole: false };
    if (!fits(table, at, history)) {
      table.release();
      return { list, isWhole: true };
    }
    list.push(table);
  }
}

/** A commit names all that came before it: when the last ones of the range stand in the file, so does the rest. */
function fits({ head }: Table, from: number, history: SharedFile): boolean {
  if (head.from !== from || head.to <= from || head.to > history.size) return false;
  return head.tips.every(({ ref, commit, at }) => {
    const start = Buffer.from(blockStart(commit, ref));
    return history.read(at, start.length).equals(start);
  });
}

function openTable(path: string): Table | null {
  const file = SharedFile.open(path);
  return file && Table.open(file);
}

function nameOf({ head, check }: Table): string {
  return `${head.from}-${head.to}-${check}.table`;
}

function listOr(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (errno(error) === 'ENOENT') return [];
    throw error;
  }
}
