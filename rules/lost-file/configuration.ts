/** Settings and registries: which deleted ones somebody misses, and how much they held. */
import type { PathHistory, Unit, Version } from '../../src/rule.ts';
import { nameOf } from '../../src/rule.ts';

/** Formats in which programs are configured. */
const format = /\.(jsonc?|json5|toml|ya?ml|ini|cfg|conf)$|(^|[./])[a-z]+rc$/i;
/** Where programs look for it: the top of a root or of a profile, beside the root, a plugin registry, a folder of its own. */
const place = /^(\.\.\/)?(profiles\/[^/]+\/)?((plugins|config|\.config)\/)?[^/]+$/i;
/** A name by which a program says that it made the file, and can make it again. */
const madeByProgram =
  /(^|[-_.])(caches?|cached|status|stats?|states?|locks?|pids?|te?mp|last|updates?|sessions?|history|log|logs|metrics|counts?|counters?|cursors?|queue|stamps?|timestamps?|package-lock)(?=[-_.]|$)/i;
/** Members that hold what a person chose, in a file that also holds what its program counts. */
const chosen = /^(hooks|permissions|mcp_?servers|env|enabledPlugins|extraKnownMarketplaces|statusLine)$/i;
/** `{}`, and a key without a value. */
const nothing = /^("(?:[^"\\]|\\.){0,200}"\s*:)?[\s{}[\]]*$/;
/** A time, an id, or the name of a content: nobody types these. */
const stamp = /[:=]\s*"?(\d{10,}|\d{4}-\d\d-\d\dT[\d:.]+Z?|[\da-f-]{16,})"?\s*,?\s*$/i;
/** A file that was written more often than so in the day before it went is its program's own record. */
const WRITES_A_DAY = 12;
const DAY_MS = 86_400_000;

/** True for a file whose name and place say that a program is configured by it. */
export function isConfiguration({ path }: Pick<PathHistory, 'path'>): boolean {
  return place.test(path) && format.test(path) && !madeByProgram.test(nameOf(path).replace(format, ''));
}

/** False for what a program writes for itself, all day or as stamps, unless members of it hold what a person chose. */
export function isMissed({ versions }: PathHistory, lost: Version, units: readonly Unit[]): boolean {
  if (units.every(({ text }) => nothing.test(text))) return false;
  if (units.some(isChosen)) return true;
  const lately = versions.filter(({ kind, at }) => kind === 'file' && at <= lost.at && at > lost.at - DAY_MS);
  const stamps = units.filter(({ text }) => stamp.test(text)).length;
  return lately.length <= WRITES_A_DAY && stamps * 2 < units.length;
}

/** True when it held rules, hooks, servers or other things that take work to write again, and not switches alone. */
export function heldMuch(path: string, units: readonly Unit[], text: string): boolean {
  if (/^(profiles\/[^/]+\/)?plugins\//.test(path)) return false;
  if (units.some(({ kind }) => kind === 'member')) return units.some(({ place }) => place !== '');
  return /^\s*\[[^\]]+\]|^[ \t]+\S/m.test(text);
}

function isChosen({ kind, name, place, text }: Unit): boolean {
  if (kind !== 'member' || /[[{]\s*[\]}]\s*$/.test(text)) return false;
  return [...place.split('/'), name.split('.')[0] ?? ''].some(part => chosen.test(part));
}
