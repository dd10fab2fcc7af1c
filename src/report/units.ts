/** Units in words. */
import type { Unit, UnitKind } from '../model.ts';
import { count } from './sizes.ts';
import { visible } from './visible.ts';
import { cut } from './width.ts';

type Named = Pick<Unit, 'kind' | 'name'>;

/** `list item "voice-buffer"`, `sections "A" and "B"`, `2 sections and 5 lines`. */
export function inWords(units: readonly Named[]): string {
  const kinds = [...new Set(units.map(unit => unit.kind))];
  if (kinds.length === 1 && units.length <= 2) {
    const names = units.map(unit => `"${cut(visible(unit.name), 40)}"`).join(' and ');
    return `${noun(kinds[0]!)}${units.length === 1 ? '' : 's'} ${names}`;
  }
  return list(kinds.map(kind => count(units.filter(unit => unit.kind === kind).length, noun(kind))));
}

function noun(kind: UnitKind): string {
  return kind.replace('-', ' ');
}

function list(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? 'nothing') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
