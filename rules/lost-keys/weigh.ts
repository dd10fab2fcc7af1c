/** How sure it is that things were lost, and how much it matters. */
import type { Account, Certainty, PathHistory, Severity, Unit } from '../../src/rule.ts';
import { holderOf, isDisplaced, isServer } from './replaced.ts';
import type { Snapshot } from './snapshot.ts';
import type { Thing } from './things.ts';
import { isSection, keyOf } from './things.ts';

/** What does something when it is there, and nothing says so when it is not. */
const grave = new Set([
  'hooks',
  'mcpServers',
  'permissions',
  'enabledPlugins',
  'statusLine',
  'env',
  'plugins',
  'projects',
  'modelProviders',
  'profiles',
]);
function isGrave(top: string): boolean {
  return [...grave].some(name => isSection(top, name));
}

/** From so many things on it is more than tidying up. */
const MANY = 3;

export interface Scene {
  readonly file: PathHistory;
  readonly about: Account;
  readonly gone: readonly Thing[];
  readonly came: readonly Thing[];
  readonly snapshot: Snapshot | null;
  /** How often the program had started, before and after, when that went down. */
  readonly starts: readonly [number, number] | null;
  readonly before: readonly Unit[];
}

/**
 * A program that writes one change into what it had in mind is another hand. Exactly an older content may be an undo, and a
 * thing that stands in the place of what came last may be what was meant.
 */
export function certaintyOf({ about, gone, snapshot, starts }: Scene): Certainty {
  if (about.certainty === 'proven' && about.overwritten.length > 0) return 'proven';
  if (starts) return 'likely';
  if (!snapshot || snapshot.own.length === 0) return 'possible';
  const [thing] = gone;
  const isSwap =
    gone.length === 1 && thing!.top !== 'permissions' && snapshot.own.some(one => holderOf(one) === holderOf(thing!));
  return isSwap ? 'possible' : 'likely';
}

export function severityOf(scene: Scene): Severity {
  const { gone, came, snapshot, about, before } = scene;
  if (isCliff(scene)) return 'high';
  const isConfigured = gone.some(({ top }) => isGrave(top));
  const certainty = certaintyOf(scene);
  if (certainty !== 'possible')
    return isConfigured && gone.some(({ top }) => top !== 'permissions') ? 'high' : 'medium';
  if (snapshot && snapshot.own.length > 0) return 'medium';
  if (snapshot) {
    // One step back is an undo; who goes back over several writes did not see the last ones.
    const steps = new Set(about.removed.filter(({ fate }) => fate === 'lost').map(({ since }) => since.id));
    return gone.length > 1 && steps.size > 1 ? 'medium' : 'low';
  }
  if (!isConfigured) return 'low';
  const isLeft = new Set(about.edit.after.kind === 'file' ? topsLeft(before, about) : []);
  const wholes = gone.filter(({ top }) => !isLeft.has(top));
  const isAside = came.some(({ top }) => !gone.some(thing => thing.top === top));
  // The commands that write this file take out one server at a time.
  if (/(^|\/)\.claude\.json$/.test(scene.file.path) && gone.filter(isServer).length > 1) return 'medium';
  if (gone.some(thing => isDisplaced(thing, came))) return 'medium';
  const dear = gone.filter(thing => !isGranted(thing));
  return dear.length >= MANY || (wholes.length > 0 && isAside) ? 'medium' : 'low';
}

/** What the client asks for again as soon as it is missing. */
function isGranted({ top, units }: Thing): boolean {
  const { place } = units[0]!;
  return top === 'enabledMcpjsonServers' || /^\/permissions\/(allow|ask|additionalDirectories)(\/|$)/.test(place);
}

/** The keys at the top under which something of before still stands. */
function topsLeft(before: readonly Unit[], { removed }: Account): readonly string[] {
  const gone = new Set(removed.map(({ unit }) => unit.fingerprint));
  return before.filter(({ fingerprint }) => !gone.has(fingerprint)).map(topOf);
}

/** Most of what stood at the top of the file went. */
function isCliff({ gone, before, about }: Scene): boolean {
  const fated = (isSo: (fate: string) => boolean) =>
    new Set(about.removed.filter(({ fate }) => isSo(fate)).map(({ unit }) => topOf(unit)));
  const noise = fated(fate => fate === 'noise');
  const tops = new Set(before.map(topOf).filter(top => !noise.has(top)));
  const left = new Set([...topsLeft(before, about), ...fated(fate => fate !== 'lost')]);
  const went = [...tops].filter(top => !left.has(top));
  return went.length >= MANY && went.length * 2 > tops.size && gone.some(({ top }) => isGrave(top));
}

function topOf(unit: Unit): string {
  return unit.place === '' ? (keyOf(unit) ?? '') : (unit.place.split('/')[1] ?? '');
}

/** `numStartups` only grows: where it went down, an older state was written back. */
export function startsOf(before: readonly Unit[], after: readonly Unit[]): readonly [number, number] | null {
  const count = (units: readonly Unit[]) => {
    const unit = units.find(one => one.place === '' && one.text.startsWith('"numStartups"'));
    return unit ? Number(/\d+$/.exec(unit.text)?.[0]) : Number.NaN;
  };
  const [was, is] = [count(before), count(after)];
  return is < was ? [was, is] : null;
}
