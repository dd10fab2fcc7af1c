/**
 * Whether the commit that made a version says that text was to go: its author then knew of it. Who overwrites a text in
 * silence does not speak of it.
 */
import { wordsOf } from '../documents/compare.ts';
import type { Unit } from '../model.ts';
import type { Finding } from '../rule.ts';

/** So many words that only the lost text had are no coincidence, … */
const ECHOES = 2;
/** … unless more units than these went: a long text has words in common with every message. */
const FEW = 3;
/** Shorter words stand in every text (letters). */
const LONG = 4;
/** A stem of so many letters, or a stem or folder of several words, is the name of one thing only. */
const DISTINCTIVE = 8;
/** Words for taking something away, or for writing it anew. */
const taking =
  /\b(remov|delet|drop|clean|prun|trim|shr[iu]nk|condens|compress|compact|consolidat|simplif|rewr[io]t|replac|reset|rotat|archiv|split|mov(e|ed|es|ing)\b|migrat|renam|refactor|redesign|reorgani[sz]|restructur|reduc|slim|lean|convert|merg|supersed|deprecat|strip|refin|disabl|retir|overhaul|rework|translat|collaps|extract|cull|swap)/i;
/** `173→24 lines`, `1.0 -> 2.0`. */
const fromTo = /\d\S*\s*(→|->|=>)\s*\d/;

export interface Gone {
  readonly finding: Finding;
  /** What stands there since; nothing for a file that is gone. */
  readonly after: readonly Unit[];
  readonly message: string;
}

/** The line of the message that says it; null when it says nothing of what went. */
export function saidOf({ finding, after, message }: Gone): string | null {
  const { goes, units, path } = finding;
  if (goes === undefined) return null;
  const lines = linesOf(message);
  if (goes === 'file') {
    const names = namesOf(path);
    const isNamed = (line: string) => names.some(name => line.includes(name));
    const named = lines.filter(line => isNamed(line.toLowerCase()));
    const says = named.find(line => taking.test(line) || fromTo.test(line));
    if (says !== undefined) return says;
    return named[0] !== undefined && taking.test(lines[0]!) ? named[0] : null;
  }
  if (units.length <= FEW) return echoOf(units, after, lines);
  const name = commonKey(units);
  return lines.find(line => name !== null && line.toLowerCase().includes(name) && taking.test(line)) ?? null;
}

/** The key below which all of it stood, where it is a name: `/backends/google-gemini-api`. */
function commonKey(units: readonly Unit[]): string | null {
  const [first, ...others] = units.map(({ place }) => place.split('/'));
  const common = first!.filter(
    (part, i) =>
      others.every(place => place.slice(0, i + 1).join('/') === first!.slice(0, i + 1).join('/')) && part !== '',
  );
  const key = common.at(-1)?.toLowerCase() ?? '';
  return isCompound(key) ? key : null;
}

/** A line, with those that go on where it ended. */
function linesOf(message: string): readonly string[] {
  return message
    .replace(/\n[ \t]+(?![-*•])(?=\S)/g, ' ')
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '');
}

/** How a message calls a file: by its name, by its stem, by the folder of a bundle. */
function namesOf(path: string): readonly string[] {
  const parts = path.toLowerCase().split('/');
  const file = parts.pop()!;
  const stem = file.replace(/\.[^.]+$/, '');
  return [file, ...[stem].filter(name => name.length >= DISTINCTIVE || isCompound(name)), ...parts.filter(isCompound)];
}

function isCompound(name: string): boolean {
  return /.[-_.]./.test(name);
}

/** The line that repeats words which only the lost text had, and which stand nowhere in the file since. */
function echoOf(lost: readonly Unit[], after: readonly Unit[], lines: readonly string[]): string | null {
  const said = wordsIn(lines);
  const both = [...wordsIn(lost.map(({ text }) => text))].filter(word => said.has(word));
  if (both.length < ECHOES) return null;
  const still = wordsIn(after.map(({ text }) => text));
  const echoes = new Set(both.filter(word => !still.has(word)));
  if (echoes.size < ECHOES) return null;
  return lines.find(line => [...wordsIn([line])].some(word => echoes.has(word))) ?? null;
}

function wordsIn(texts: readonly string[]): ReadonlySet<string> {
  return new Set(texts.flatMap(text => wordsOf(text).filter(word => word.length >= LONG)));
}

/** What is left of a finding whose author said that the text was to go. */
export function asMeant(finding: Finding, said: string): Finding {
  const line = said.length > 100 ? `${said.slice(0, 99)}…` : said;
  const evidence = [`its commit speaks of it: "${line}"`, ...finding.evidence];
  return { ...finding, certainty: 'possible', severity: 'low', evidence };
}
