/** Rules of other people: taken as they are, or refused by file, property and value. */
import { UndertextError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import type { Rule } from '../rule.ts';

type Check = readonly [property: string, isRight: (value: unknown) => boolean, wanted: string];

const checks: readonly Check[] = [
  [
    'id',
    value => typeof value === 'string' && /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(value),
    'words in lower case joined by -',
  ],
  ['summary', value => typeof value === 'string' && value.trim() !== '', 'one sentence'],
  ['severity', value => ['high', 'medium', 'low'].includes(value as string), "'high', 'medium' or 'low'"],
  ['options', isPlainObject, 'an object with the defaults ({} when there are none)'],
  [
    'classes',
    value => value === undefined || (Array.isArray(value) && value.length > 0 && value.every(isFileClass)),
    "a list of 'authored', 'state' and 'log'",
  ],
  ['checkPath', value => value === undefined || typeof value === 'function', 'a method'],
  ['checkFolder', value => value === undefined || typeof value === 'function', 'a method'],
];
const properties = new Set(checks.map(([property]) => property));

/**
 * The value as a rule. `file` is where it comes from.
 * @throws UndertextError `config` that names file, property and value.
 */
export function checkRule(value: unknown, file: string): Rule {
  if (!isPlainObject(value)) throw refusal(file, `the default export is ${show(value)}, not a rule`);
  const rule = value as Record<string, unknown>;
  for (const [property, isRight, wanted] of checks) {
    if (!isRight(rule[property])) {
      throw refusal(file, `\`${property}\` is ${show(rule[property])}, but must be ${wanted}`);
    }
  }
  const unknown = Object.keys(rule).find(property => !properties.has(property));
  if (unknown !== undefined) {
    const near = nearest(unknown, [...properties]);
    const hint = near === null ? guide : `did you mean ${near}?`;
    throw refusal(file, `\`${unknown}\` (${show(rule[unknown])}) is no property of a rule`, hint);
  }
  if (rule.checkPath === undefined && rule.checkFolder === undefined) {
    throw refusal(file, 'it has neither `checkPath` nor `checkFolder`');
  }
  return value as unknown as Rule;
}

/**
 * Refuses what is given in a configuration for rules and options that do not exist, and values of another type than the
 * option's default, or lists with elements of another type.
 * `placeOf` names file and line of a key. @throws UndertextError `config` that names them, and the nearest key that exists.
 */
export function checkOptions(
  rules: readonly Rule[],
  given: Readonly<Record<string, object | false>>,
  placeOf: (key: readonly string[]) => string,
): void {
  for (const [id, options] of Object.entries(given)) {
    const rule = rules.find(rule => rule.id === id);
    if (!rule) {
      const ids = rules.map(rule => rule.id);
      throw new UndertextError(
        'config',
        `${placeOf(['rules', id])}: "rules.${id}" is no rule`,
        didYouMean(id, ids, 'the rules are'),
      );
    }
    if (options !== false) checkEach(rule, options, placeOf);
  }
}

function checkEach(
  { id, options: defaults }: Rule,
  options: object,
  placeOf: (key: readonly string[]) => string,
): void {
  const known = new Map<string, unknown>(Object.entries(defaults));
  for (const [option, value] of Object.entries(options)) {
    const key = `${placeOf(['rules', id, option])}: "rules.${id}.${option}"`;
    if (!known.has(option)) {
      const names = [...known.keys()];
      const hint = names.length === 0 ? `${id} has no options` : didYouMean(option, names, `the options of ${id} are`);
      throw new UndertextError('config', `${key} is no option`, hint);
    }
    const wanted = typeOf(known.get(option));
    const preset = `its default is ${show(known.get(option))}`;
    if (typeOf(value) === wanted && !Number.isNaN(value)) {
      const stranger = strangerIn(value, known.get(option));
      if (stranger === null) continue;
      throw new UndertextError('config', `${key}${stranger}`, preset);
    }
    throw new UndertextError('config', `${key} is ${show(value)}, but must be ${article(wanted)} ${wanted}`, preset);
  }
}

/**
 * The first element of a list that is of another type than those of the default, in words. An empty default is one of globs or other words,
 * or of objects.
 */
function strangerIn(value: unknown, preset: unknown): string | null {
  if (!Array.isArray(value) || !Array.isArray(preset)) return null;
  const wanted = preset.length > 0 ? [...new Set(preset.map(typeOf))] : ['string', 'object'];
  const at = value.findIndex(element => !wanted.includes(typeOf(element)));
  if (at < 0) return null;
  const types = wanted.map(type => `${article(type)} ${type}`).join(' or ');
  return ` has ${show(value[at])} at [${at}], which must be ${types}`;
}

function didYouMean(word: string, names: readonly string[], all: string): string {
  const near = nearest(word, names);
  return near === null ? `${all} ${[...names].sort().join(', ')}` : `did you mean ${near}?`;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function article(noun: string): 'a' | 'an' {
  return /^[aeiou]/.test(noun) ? 'an' : 'a';
}

const guide = 'rules/README.md shows one whole rule and the contract';

function refusal(file: string, what: string, hint = guide): UndertextError {
  return new UndertextError('config', `${file}: ${what}`, hint);
}

function isFileClass(value: unknown): boolean {
  return ['authored', 'state', 'log'].includes(value as string);
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A wrong value in a message, whatever it is. */
export function show(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (value === undefined) return 'missing';
  const text = jsonOf(value) ?? `a ${typeof value}`;
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined; // it holds itself, or a bigint
  }
}
