/** Rules of other people: taken as they are, or refused by file, property and value. */
import { UndertextError } from '../errors.ts';
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
  if (unknown !== undefined) throw refusal(file, `\`${unknown}\` (${show(rule[unknown])}) is no property of a rule`);
  if (rule.checkPath === undefined && rule.checkFolder === undefined) {
    throw refusal(file, 'it has neither `checkPath` nor `checkFolder`');
  }
  return value as unknown as Rule;
}

function refusal(file: string, what: string): UndertextError {
  return new UndertextError('config', `${file}: ${what}`, 'rules/README.md shows one whole rule and the contract');
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  const text = value === undefined ? 'missing' : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
