/** Things that went because others came in their place: a key that was renamed, a hook that got another flag. */
import type { Unit } from '../../src/rule.ts';
import { namesOf } from './programs.ts';
import type { Thing } from './things.ts';
import { isSection, textOf } from './things.ts';

/** More than this at once is no rewording: it is told. */
const FEW = 2;
/** A shorter value, `true`, is the same in many a thing. */
const TELLING = 8;

/** Those that only got another name, place or spelling: all that they said stands elsewhere in the file now. */
export function isRenamed(thing: Thing, added: readonly Unit[]): boolean {
  if (thing.top === 'permissions' && added.some(unit => isRespelled(thing.units[0]!, unit))) return true;
  const values = new Set(added.flatMap(unit => [textOf(unit), ...scalarsIn(unit)]));
  const texts = thing.units.flatMap(scalarsIn);
  return texts.join('').length >= TELLING && texts.every(text => values.has(text));
}

/**
 * Those for which at least as many others came in the same place. What runs a program is replaced by what runs that program, or another
 * one from its folder or host: the hook of another tool does not do what this one did.
 */
export function isReplaced(thing: Thing, gone: readonly Thing[], came: readonly Thing[]): boolean {
  if (came.some(({ key }) => key === thing.key)) return true;
  if (runsProgram(thing)) {
    const names = new Set(namesOf(thing));
    return inPlaceOf(thing, came).some(one => namesOf(one).some(name => names.has(name)));
  }
  const holder = holderOf(thing);
  const here = (things: readonly Thing[]) => things.filter(one => holderOf(one) === holder).map(({ key }) => key);
  const [went, arrived] = [here(gone), here(came)];
  const [lost, fresh] = [beyond(went, arrived), beyond(arrived, went)];
  return lost.length === 0 || (lost.length <= FEW && fresh.length >= lost.length);
}

/** True when something else stands where a hook or server stood. */
export function isDisplaced(thing: Thing, came: readonly Thing[]): boolean {
  return runsProgram(thing) && inPlaceOf(thing, came).length > 0;
}

function inPlaceOf(thing: Thing, came: readonly Thing[]): readonly Thing[] {
  return came.filter(one => holderOf(one) === holderOf(thing));
}

/** A hook, or a server. */
export function runsProgram(thing: Thing): boolean {
  return thing.top === 'hooks' || isServer(thing);
}

export function isServer(thing: Thing): boolean {
  return isSection(holderOf(thing).split('/').at(-1) ?? '', 'mcpServers');
}

/** `Bash(make*)` became `Bash(make:*)`. */
function isRespelled(a: Unit, b: Unit): boolean {
  return a.place === b.place && bare(a.text) === bare(b.text);
}

function bare(text: string): string {
  return text.slice(0, 1_000).replace(/[^\p{L}\p{N}]/gu, '');
}

/** A whole group of hooks may be read value by value under another name. */
function scalarsIn(unit: Unit): readonly string[] {
  if (!unit.text.startsWith('{')) return [textOf(unit)];
  const found: string[] = [];
  try {
    JSON.parse(unit.text, (_, value: unknown) => {
      if (typeof value !== 'object') found.push(JSON.stringify(value));
      return value;
    });
    return found;
  } catch {
    return [unit.text];
  }
}

/** Where a thing stands among its kind; a hook among those of its event, whatever their matchers. */
export function holderOf({ key, top, units }: Thing): string {
  if (top === 'hooks') return units[0]!.place.split('/').slice(0, 3).join('/');
  return key.includes('\0') ? units[0]!.place : key.slice(0, key.lastIndexOf('/'));
}

function beyond(some: readonly string[], others: readonly string[]): readonly string[] {
  const known = new Set(others);
  return some.filter(one => !known.has(one));
}
