/** Files that a program reads as JSON, and whether it still could. */
import { glob } from '../../../../src/rule.ts';

const isJson = glob('**/*.json');
/** Read by the strict reader: no comments, no comma at the end. */
const isStrictly = glob(
  '{,profiles/*/,**/.claude/}{{settings,settings.local,keybindings,.claude,.mcp}.json,plugins/*.json}',
);

export function isJsonFile(path: string): boolean {
  return isJson(path) || isStrictJson(path);
}

export function isStrictJson(path: string): boolean {
  return isStrictly(path) || path === '../.claude.json';
}

/** What a strict reader gets; undefined when it refuses. */
export function strictly(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // Too deep for this reader says nothing about the file.
    return error instanceof RangeError ? null : undefined;
  }
}

/** Few keys, and none of what people configure: what the program starts with when it finds nothing. */
export function isStub(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return true;
  const keys = Object.keys(value);
  return keys.length === 0 || (keys.length <= 5 && (value as { numStartups?: unknown }).numStartups === 1);
}
