/** Writes and removes the files of a scheduler. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { UndertextError } from '../../errors.ts';
import { ourFile, type Piece } from './scheduler.ts';

export interface UnitFile {
  readonly place: string;
  readonly text: string;
}

/** A file that is already so is left alone. @throws UndertextError `refused` before anything is written, `disk` */
export function writeFiles(files: readonly UnitFile[]): readonly Piece[] {
  const before = files.map(({ place }) => ourFile(place));
  return files.map(({ place, text }, at) => {
    if (before[at] === text) return { place, text, did: 'unchanged' };
    try {
      mkdirSync(dirname(place), { recursive: true });
      writeFileSync(`${place}.tmp`, text);
      renameSync(`${place}.tmp`, place);
    } catch (error) {
      throw new UndertextError('disk', `${place} cannot be written`, 'check its permissions', error);
    }
    return { place, text, did: 'written' };
  });
}

export function removeFiles(places: readonly string[]): readonly Piece[] {
  return places.flatMap(place => {
    const text = ourFile(place);
    if (text === null) return [];
    try {
      rmSync(place);
    } catch (error) {
      throw new UndertextError('disk', `${place} cannot be removed`, 'check its permissions', error);
    }
    return [{ place, text, did: 'removed' as const }];
  });
}
