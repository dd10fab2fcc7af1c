/** Members of a JSON file as people configure them: a server, a hook, a permission, a plugin. */
import type { Unit } from '../../src/rule.ts';
import { listed } from '../../src/rule.ts';

/** One thing somebody configured; it may be many members of the file. */
export interface Thing {
  /** Equal for the members of one thing, and for one thing with another value. */
  readonly key: string;
  /** As people write it, and never with a value: `mcpServers.github`, `hooks.PreToolUse`. */
  readonly name: string;
  /** The key at the top of the file that it stands under. */
  readonly top: string;
  readonly units: readonly Unit[];
}

/** How deep the keys go that make one thing; below them it is the thing's own business. */
const DEPTH = 2;
const shallow = new Set(['statusLine', 'oauthAccount']);

/** What only says when something was fetched or written. */
const stamp = /^(lastUpdated|installedAt|lastFetched|lastChecked)$/;
/** Of `.claude.json`, what a person configured: all else is counted, cached and stamped all day. */
const configured =
  /^\/(mcpServers\/|projects\/[^/]+\/(allowedTools|mcpServers|mcpContextUris|enabledMcpjsonServers|disabledMcpjsonServers|hasTrustDialogAccepted)(\/|$))/;

/** The members of a version that two versions are compared by. */
export function telling(path: string, units: readonly Unit[]): readonly Unit[] {
  const known = told.get(units) ?? toldIn(path, units);
  told.set(units, known);
  return known;
}

/** Each version is asked for once for every edit after it. */
const told = new WeakMap<readonly Unit[], readonly Unit[]>();

function toldIn(path: string, units: readonly Unit[]): readonly Unit[] {
  const full = units.filter(unit => !isEmpty(unit));
  if (!/(^|\/)\.claude\.json$/.test(path)) return full.filter(unit => !stamp.test(keyOf(unit) ?? ''));
  return full.filter(unit => configured.test(pointerOf(unit)));
}

/** `"env": {}` configures nothing, and goes when the first variable comes. */
export function isEmpty(unit: Unit): boolean {
  return /[{[]\s*[}\]]$/.test(unit.text.slice(-50)) && /^[{[]\s*[}\]]$/.test(textOf(unit));
}

/** `deep`: projects of `.claude.json` whose parts are things by themselves; of the others each is one thing. */
export function thingsOf(
  path: string,
  units: readonly Unit[],
  deep: ReadonlySet<string> = new Set(),
): ReadonlyMap<string, Thing> {
  const things = new Map<string, Thing & { readonly units: Unit[] }>();
  for (const unit of units) {
    const named = nameOf(path, unit, deep);
    const known = things.get(named.key);
    if (known) known.units.push(unit);
    else things.set(named.key, { ...named, units: [unit] });
  }
  return things;
}

function nameOf(path: string, unit: Unit, deep: ReadonlySet<string>): Omit<Thing, 'units'> {
  const keys = pointerOf(unit)
    .split('/')
    .slice(1)
    .map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const [top = ''] = keys;
  const isElement = keyOf(unit) === null;
  // Each permission and each hook stands for itself.
  const isOwn = isElement && (top === 'hooks' || top === 'permissions');
  const isPart = top === 'projects' && deep.has(keys[1] ?? '');
  const depth = isPart ? (keys[2] === 'mcpServers' ? 4 : 3) : depthOf(path, top);
  const steps = keys.slice(0, depth);
  return { key: `/${steps.join('/')}${isOwn ? `\0${unit.fingerprint}` : ''}`, name: dotted(steps), top };
}

/** The projects that a version names. */
export function projectsIn(units: readonly Unit[]): ReadonlySet<string> {
  const projects = new Set<string>();
  for (const unit of units) {
    const [, top, project] = pointerOf(unit).split('/');
    if (top === 'projects' && project !== undefined) projects.add(project.replaceAll('~1', '/').replaceAll('~0', '~'));
  }
  return projects;
}

/** Whether a key is that section in the spelling of any client: `mcpServers`, `mcp_servers`. */
export function isSection(key: string, name: string): boolean {
  return key.replaceAll(/[_-]/g, '').toLowerCase() === name.toLowerCase();
}

function depthOf(path: string, top: string): number {
  if (/(^|\/)known_marketplaces\.json$/.test(path) || shallow.has(top)) return 1;
  return /(^|\/)keybindings\.json$/.test(path) ? Number.POSITIVE_INFINITY : DEPTH;
}

function dotted(keys: readonly string[]): string {
  return keys
    .map((key, i) => (/^[\p{L}\p{N}_$@-]+$/u.test(key) ? `${i === 0 ? '' : '.'}${key}` : `[${JSON.stringify(key)}]`))
    .join('');
}

/** Where the member stands, its own key included; of an element of an array, where the array stands. */
export function pointerOf(unit: Unit): string {
  const key = keyOf(unit);
  return key === null ? unit.place : `${unit.place}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** What comes before the value: `"key":` in JSON, `key =` and `a.key =` in TOML. */
const before =
  /^(?:("(?:[^"\\]|\\.)*")\s*:|(?:(?:[\w-]+|"(?:[^"\\]|\\.)*"|'[^']*')\s*\.\s*)*([\w-]+|"(?:[^"\\]|\\.)*"|'[^']*')\s*=)\s*/;
/** No key is longer than a path. */
const LONGEST = 5_000;

/** The key that its text begins with; null for an element of an array. */
export function keyOf({ text, place, name }: Unit): string | null {
  const head = /^\[{1,2}[\w"'. -]+\]{1,2}$/.test(text) && !name.includes(':');
  if (head) return name.slice(name.lastIndexOf('.') + 1) || place;
  const found = before.exec(text.slice(0, LONGEST));
  const key = found?.[1] ?? found?.[2];
  if (key === undefined) return null;
  if (!key.startsWith('"')) return key.startsWith("'") ? key.slice(1, -1) : key;
  try {
    return String(JSON.parse(key));
  } catch {
    return key.slice(1, -1);
  }
}

/** What it says, without its key. */
export function textOf(unit: Unit): string {
  return unit.text.slice(0, LONGEST).replace(before, '') + unit.text.slice(LONGEST);
}

/** `hooks.PreToolUse (2), mcpServers.github and 3 more`: names alone, for a value may be a secret. */
export function list(things: readonly Thing[], most = 4): string {
  const counts = new Map<string, number>();
  for (const { name } of things) counts.set(name, (counts.get(name) ?? 0) + 1);
  const all = [...counts].map(([name, n]) => (n === 1 ? name : `${name} (${n})`));
  return listed(all, most);
}
