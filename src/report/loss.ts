/** What went, in words: units of a file, or a file with all that it held. */
import type { Incident } from '../model.ts';
import { inWords } from './units.ts';

/** True when the text went because its file was deleted: a deletion has no content. */
export function isDeletion({ lost, cause, forgotten }: Pick<Incident, 'lost' | 'cause' | 'forgotten'>): boolean {
  return lost !== null && cause !== null && cause.blob === null && forgotten === undefined;
}

/** `lost: 2 sections`, or `file deleted, with 2 sections`. */
export function lossInWords(incident: Pick<Incident, 'lost' | 'cause' | 'forgotten' | 'units'>): string {
  const units = inWords(incident.units);
  return isDeletion(incident) ? `file deleted, with ${units}` : `lost: ${units}`;
}
