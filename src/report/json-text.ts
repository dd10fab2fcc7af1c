import { hidden } from './visible.ts';

/** JSON with nothing in it that a terminal obeys or hides: JSON itself escapes less (no U+009B, no U+202E). */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(hidden, character =>
    character === '\n' ? '\n' : units(character),
  );
}

function units(character: string): string {
  return Array.from({ length: character.length }, (_, at) => {
    return `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
  }).join('');
}
