/** Three files must agree on a plugin: the settings enable it, one registry says where it lies, one where it comes from. */
import type { Edit, Finding, FolderHistory, PathHistory, RuleTools, Time, Unit, Version } from '../../src/rule.ts';
import { clock } from '../../src/rule.ts';
import { pointerOf } from './things.ts';

/** What one version of a file says of each plugin or marketplace. Null: it cannot be read. */
type Says = ReadonlyMap<string, boolean>;

interface Registry {
  readonly file: PathHistory;
  readonly now: Version;
  /** The object that holds them; '' is the whole file. */
  readonly at: string;
  read(version: Version): Promise<Says | null>;
}

/** So many edits back a write is looked for. */
const EDITS = 300;

/** A write, or null where nobody knows, and the plugins that are apart since. */
interface Break {
  readonly registry: Registry;
  readonly edit: Edit;
  readonly ids: string[];
  readonly said: string;
}

export async function disagreements(
  folder: FolderHistory,
  graceSeconds: number,
  tools: RuleTools,
): Promise<readonly Finding[]> {
  const registry = (name: string, at: string) => registryOf(folder, name, at, tools);
  const [settings, installed, markets] = [
    registry('settings.json', 'enabledPlugins'),
    registry('plugins/installed_plugins.json', 'plugins'),
    registry('plugins/known_marketplaces.json', ''),
  ];
  if (!installed) return [];
  const [enabled, lies, comes] = [
    settings && (await settings.read(settings.now)),
    await installed.read(installed.now),
    markets && (await markets.read(markets.now)),
  ];
  if (!lies) return [];
  const breaks: Break[] = [];
  const book = async (registry: Registry, id: string, said: string) => {
    const edit = await edgeOf(registry, id);
    const known = breaks.find(other => other.edit === edit && other.said === said);
    if (known) known.ids.push(id);
    else if (edit) breaks.push({ registry, edit, ids: [id], said });
  };
  for (const [id, isOn] of enabled ?? []) {
    if (isOn && !lies.has(id)) await book(installed, id, 'is enabled in settings.json and no longer installed');
  }
  for (const id of lies.keys()) {
    const market = id.slice(id.lastIndexOf('@') + 1);
    if (enabled?.get(id) === true && comes && !comes.has(market)) {
      await book(markets!, market, 'is no longer known, and an enabled plugin comes from it');
    }
    if (enabled && !enabled.has(id)) await book(settings!, id, 'is installed and no longer named in settings.json');
  }
  const now = folder.files.reduce((latest, { versions }) => Math.max(latest, versions.at(-1)?.seenAt ?? 0), 0);
  const found: Finding[] = [];
  for (const one of breaks) {
    if (isRipe(one.edit.after, now, graceSeconds))
      found.push(await findingOf(one, [settings, installed, markets], tools));
  }
  return found;
}

/** Who takes a plugin out changes one file after the other. What happens later in the folder tells that time has passed. */
function isRipe({ how, seenAt }: Version, now: Time, graceSeconds: number): boolean {
  return how !== 'event' || now - seenAt >= graceSeconds * 1000;
}

async function findingOf(
  { registry, edit, ids, said }: Break,
  all: readonly (Registry | null)[],
  { units }: RuleTools,
): Promise<Finding> {
  const isOne = (unit: Unit) => ids.some(id => isBelow(pointerOf(unit), registry.at, id));
  const still = new Set((await units(edit.after)).map(({ fingerprint }) => fingerprint));
  return {
    path: registry.file.path,
    message: `${ids.length === 1 ? ids[0] : `${ids[0]} and ${ids.length - 1} more`} ${said} since the write of ${clock(edit.after.at)}`,
    certainty: 'likely',
    severity: 'medium',
    lost: edit.before,
    cause: edit.after,
    base: null,
    units: (await units(edit.before)).filter(unit => isOne(unit) && !still.has(unit.fingerprint)),
    evidence: [`the registries of plugins agreed on ${ids.length === 1 ? 'it' : 'them'} before that write`],
    related: all.flatMap(other => (other && other !== registry ? [other.file.path] : [])),
  };
}

function isBelow(pointer: string, holder: string, id: string): boolean {
  const start = `${holder === '' ? '' : `/${holder}`}/${id.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  return pointer === start || pointer.startsWith(`${start}/`);
}

/** The write that took the plugin's name away from this file; null when it never had it, or nobody knows. */
async function edgeOf({ file, read }: Registry, id: string): Promise<Edit | null> {
  for (const edit of file.edits.slice(-EDITS).reverse()) {
    if (edit.before.kind !== 'file' || edit.after.kind !== 'file') continue;
    const [before, after] = [await read(edit.before), await read(edit.after)];
    // What was switched off was switched off on purpose.
    if (before?.has(id) && after && !after.has(id)) return before.get(id) && edit.after.how !== 'restore' ? edit : null;
  }
  return null;
}

function registryOf(folder: FolderHistory, name: string, at: string, { text }: RuleTools): Registry | null {
  const path = folder.path === '' ? name : `${folder.path}/${name}`;
  const file = folder.files.find(one => one.path === path);
  const now = file?.edits.at(-1)?.after ?? file?.versions.at(-1);
  if (!file || now?.kind !== 'file') return null;
  const known = new Map<string, Says | null>();
  const read = async (version: Version) => {
    const said = known.get(version.id) ?? saysIn(await text(version), at);
    known.set(version.id, said);
    return said;
  };
  return { file, now, at, read };
}

function saysIn(text: string, at: string): Says | null {
  try {
    const all = JSON.parse(text) as Record<string, unknown>;
    const held = at === '' ? all : (all[at] ?? {});
    if (typeof held !== 'object' || held === null) return null;
    return new Map(Object.entries(held).map(([id, value]) => [id, value !== false]));
  } catch {
    return null;
  }
}
