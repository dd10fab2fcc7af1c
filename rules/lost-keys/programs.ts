/** By what a hook or server is known: the programs, packages, folders and hosts that it names. */
import type { Thing } from './things.ts';
import { textOf } from './things.ts';

/** What runs others, and where everything lies: naming these says nothing. */
const common =
  /^(?:[\w.]*(?:node|deno|bun|bunx|npx|npm|pnpm|uv|uvx|python[\d.]*|pipx|ruby|bash|zsh|sh|env|sudo|exec|docker|cmd|powershell|pwsh)(?:\.exe)?|run|start|command|stdio|http|sse|true|false|~|\.|\/|(?:\/usr(?:\/local)?|\/opt\/homebrew)?\/s?bin|\/tmp)$/;
const MOST = 40;

export function namesOf({ units }: Thing): readonly string[] {
  const words = units.flatMap(unit => wordsIn(textOf(unit))).slice(0, MOST);
  return words.flatMap(word => [...placesIn(word), packageIn(word)]).filter(name => name !== '' && !common.test(name));
}

/** The words of all quoted values, keys and flags left out. */
function wordsIn(text: string): readonly string[] {
  const quoted = text.slice(0, 5_000).match(/"(?:[^"\\]|\\.)*"(?:\s*:)?|'[^']*'/g) ?? [];
  return quoted
    .filter(value => !value.endsWith(':'))
    .flatMap(value =>
      value
        .slice(1, -1)
        .replace(/\\?["']/g, '')
        .split(/\s+/),
    )
    .filter(word => word !== '' && !/^(?:-|\w+=|[|&;<>\d]+$)/.test(word));
}

/** Of a path: itself, its folder and its name; of a URL: its host. */
function placesIn(word: string): readonly string[] {
  const host = /^[a-z]+:\/\/([^/:?#]+)/.exec(word)?.[1];
  if (host) return [host];
  const at = word.lastIndexOf('/');
  if (at < 0 || word.startsWith('@')) return [];
  const name = word.slice(at + 1).replace(/\.\w+$/, '');
  return [word, word.slice(0, at), name.length > 3 ? name : ''];
}

/** `@scope/name` of `@scope/name@1.2`. */
function packageIn(word: string): string {
  return word.replace(/(.)@[^@/]*$/, '$1');
}
