/** Hard links: a restore puts a new file at one name, and what other names it had keep the old one. */
import { lstatSync, type Stats } from 'node:fs';
import type { Root } from '../model.ts';
import { onDisk } from '../names.ts';
import { listOf } from './files.ts';

/** So many entries of a root are looked through for other names of a file. */
const mostEntries = 100_000;
const mostNames = 3;

/**
 * One sentence for each other name that a restore of the file at `target` cuts off. To write into the same file would keep
 * them, but what somebody else writes to it in that moment would be lost, and nobody could put it back.
 */
export function cutLinks(target: string, root: Root): readonly string[] {
  const stat = statOf(target);
  if (!stat?.isFile() || stat.nlink < 2) return [];
  const names = otherNames(root.path, target, stat).slice(0, mostNames);
  const found = names.map(
    name => `hard link cut: ${name} is a second name of this file and keeps the text from before`,
  );
  const left = stat.nlink - 1 - names.length;
  if (left === 0) return found;
  const where = names.length === 0 ? `other, not below ${root.path}` : 'more';
  return [
    ...found,
    `hard link cut: the text from before stays at ${left} ${where}; find / -xdev -inum ${stat.ino} names ${left === 1 ? 'it' : 'them'}`,
  ];
}

/** Relative to the root. */
function otherNames(top: string, target: string, { dev, ino, nlink }: Stats): readonly string[] {
  const names: string[] = [];
  const folders = [top];
  let entries = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const name of listOf(folder)) {
      entries++;
      if (entries > mostEntries || names.length === nlink - 1) return names;
      const file = `${folder}/${name}`;
      const stat = statOf(file);
      if (stat?.isDirectory() && stat.dev === dev) folders.push(file);
      if (stat?.ino === ino && stat.dev === dev && file !== target) names.push(file.slice(top.length + 1));
    }
  }
  return names;
}

/** Null where nothing stands, or nothing can be asked. */
function statOf(file: string): Stats | null {
  try {
    return lstatSync(onDisk(file));
  } catch {
    return null;
  }
}
