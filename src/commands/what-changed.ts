/** In a few words, what each version of a path changed: `+1 section −2 list items`. */
import { compareUnits } from '../documents/compare.ts';
import { type Document, parseDocument } from '../documents/document.ts';
import { gather } from '../documents/gather.ts';
import { UndertextError } from '../errors.ts';
import type { Unit, Version } from '../model.ts';
import type { Setup } from './setup.ts';

export async function changesOf(setup: Setup, versions: readonly Version[]): Promise<readonly string[]> {
  const changes: string[] = [];
  let before: Document | null = null;
  let isUnread = false;
  for (const [index, version] of versions.entries()) {
    if (version.kind === 'gone') {
      changes.push('deleted');
      before = null;
      isUnread = false;
      continue;
    }
    if (version.kind === 'withheld') {
      changes.push(version.size === 0 ? 'secret, empty' : 'secret, not kept');
      continue;
    }
    const content = await readOr(setup, version.blob!);
    if (content === null) {
      changes.push('cannot be read back');
      before = null;
      isUnread = true;
      continue;
    }
    const after: Document = parseDocument(version.path, content);
    if (isUnread) changes.push('changed');
    else if (!before) changes.push(index === 0 ? 'first seen' : 'created');
    else if (versions[index - 1]!.blob === version.blob) changes.push('same content');
    else changes.push(difference(before, after));
    before = after;
    isUnread = false;
  }
  return changes;
}

/** Null for a content that is damaged: the other versions are told all the same. */
async function readOr({ store }: Setup, blob: string): Promise<Uint8Array | null> {
  try {
    return await store.read(blob);
  } catch (error) {
    if (error instanceof UndertextError && ['damaged', 'not-found'].includes(error.code)) return null;
    throw error;
  }
}

function difference(before: Document, after: Document): string {
  const { removed, added } = compareUnits(before.units, after.units);
  const words = [...counted('+', gather(added, after)), ...counted('−', gather(removed, before))];
  return words.length > 0 ? words.join(' ') : 'only spacing or order';
}

function counted(sign: string, units: readonly Unit[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const unit of units) counts.set(unit.kind, (counts.get(unit.kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => `${sign}${count} ${kind.replace('-', ' ')}${count === 1 ? '' : 's'}`);
}
