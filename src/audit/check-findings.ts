/** What a rule returns is taken as it is, or refused by property and value: nobody compiles the rules of other people. */
import { nearest } from '../nearest.ts';
import type { Finding } from '../rule.ts';
import { show } from './load-rules.ts';

type Check = readonly [property: keyof Finding, isRight: (value: unknown) => boolean, wanted: string];

const isText = (value: unknown) => typeof value === 'string' && value !== '';
const isTexts = (value: unknown) => Array.isArray(value) && value.every(each => typeof each === 'string');
const has = (property: string) => (value: unknown) => typeof value === 'object' && value !== null && property in value;
const orNull = (isRight: (value: unknown) => boolean) => (value: unknown) => value === null || isRight(value);
const orNone = (isRight: (value: unknown) => boolean) => (value: unknown) => value === undefined || isRight(value);

const checks: readonly Check[] = [
  ['path', isText, 'a path relative to the root'],
  ['message', isText, 'one line of text'],
  [
    'certainty',
    value => ['proven', 'likely', 'possible'].includes(value as string),
    "'proven', 'likely' or 'possible'",
  ],
  ['severity', orNone(value => ['high', 'medium', 'low'].includes(value as string)), "'high', 'medium' or 'low'"],
  ['lost', orNull(has('seenAt')), 'a version, or null when nothing was lost'],
  ['cause', orNull(has('seenAt')), 'a version, or null when history does not know'],
  ['base', orNull(has('version')), 'what `tools.account` gave, or null'],
  [
    'units',
    value => Array.isArray(value) && value.every(has('fingerprint')),
    'a list of units as `tools.units` gave them',
  ],
  ['evidence', isTexts, 'a list of texts ([] when there is nothing to add)'],
  ['related', orNone(isTexts), 'a list of paths'],
  ['advice', orNone(isText), 'one sentence'],
  ['proposed', orNone(isTexts), 'a list of lines'],
  ['goes', orNone(value => value === 'text' || value === 'file'), "'text' or 'file'"],
  ['standing', orNone(value => typeof value === 'boolean'), 'true or false'],
];

const properties: readonly string[] = checks.map(([property]) => property);

/** @throws Error that names property and value */
export function checkFindings(value: readonly Finding[]): readonly Finding[] {
  if (!Array.isArray(value)) throw new Error(`it returned ${show(value)}, but must return a list of findings`);
  for (const finding of value as readonly Record<string, unknown>[]) {
    if (!has('path')(finding)) throw new Error(`it returned ${show(finding)} as a finding`);
    const unknown = Object.keys(finding).find(property => !properties.includes(property));
    if (unknown !== undefined) {
      const near = nearest(unknown, properties);
      throw new Error(`\`${unknown}\` is no property of a finding${near === null ? '' : `; did you mean ${near}?`}`);
    }
    for (const [property, isRight, wanted] of checks) {
      if (isRight(finding[property])) continue;
      throw new Error(`\`${property}\` of a finding is ${show(finding[property])}, but must be ${wanted}`);
    }
  }
  return value;
}

/**
 * A message has one line, but for what it quotes: names of files and units are what they are. Only rules that somebody
 * tries out are held to it; nothing shall fail because of what a file is called.
 * @throws Error that names the value
 */
export function checkLines(findings: unknown): void {
  if (!Array.isArray(findings)) return;
  for (const finding of findings as readonly (Partial<Finding> | null)[]) {
    const { path, message, related, units } = finding ?? {};
    if (typeof message !== 'string' || !/[\r\n]/.test(message)) continue;
    const quoted = [path, related, units?.map?.(unit => [unit?.name, unit?.text])].flat(3) as unknown[];
    const own = quoted.filter(isText).reduce<string>((rest, text) => rest.replaceAll(String(text), ''), message);
    if (/[\r\n]/.test(own))
      throw new Error(`\`message\` of a finding is ${show(message)}, but must be one line of text`);
  }
}
