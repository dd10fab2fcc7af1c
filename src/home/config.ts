/** The configuration file: JSON with comments. Whatever is wrong in it is refused by file, line and key. */
import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { UndertextError } from '../errors.ts';
import type { FileClass } from '../model.ts';
import { nearest } from '../nearest.ts';

export interface Config {
  /** Folders to watch when the command line names none. */
  readonly roots: readonly { readonly name?: string; readonly path: string }[];
  /** Globs, relative to a root, of what is not kept at all. */
  readonly ignore: readonly string[];
  /** Classes that differ from the built-in ones; the first glob that fits decides. */
  readonly classes: readonly { readonly glob: string; readonly class: FileClass }[];
  /** Index files and the files they must name, as globs relative to a root. */
  readonly indexPairs: readonly { readonly index: string; readonly files: string }[];
  /** Options by rule id; false switches a rule off. */
  readonly rules: Readonly<Record<string, object | false>>;
  /** What rules shall leave alone, and why; a rule or a path left out: all of them. */
  readonly suppress: readonly { readonly rule?: string; readonly path?: string; readonly reason: string }[];
  /** False: what was wrong already when undertext first looked is told like everything else. */
  readonly baseline: boolean;
  /** Folders with rules of one's own, as written: relative to the folder of this file, or `~/x`. */
  readonly rulesFolders: readonly Placed[];
  /** True: `watch` also tells on the desktop what was lost. */
  readonly notify: boolean;
  /** True: ask the disk every few moments instead of waiting for events (network and container file systems). */
  readonly polling?: boolean;
  /** `keep`: transcripts are kept like every log. `evidence`: only who read and wrote what, and no word of them. */
  readonly transcripts: 'keep' | 'evidence';
  readonly keep: Keep;
}

/** A text, and the line it stands in. */
export interface Placed {
  readonly text: string;
  readonly line: number;
}

/** How long versions are kept, and how much room they may take. Days count from when a version was read. */
export interface Keep {
  /** Every version, … */
  readonly allDays: number;
  /** … then the last of each hour up to this age, then the last of each day. */
  readonly hourlyDays: number;
  /** Logs: every version, then the last of each day. */
  readonly logDays: number;
  /** Logs whose file is gone for longer go whole, when no incident points to them. */
  readonly goneLogDays: number;
  /** Bytes the store may take; above, more goes than by its age, and it is said. */
  readonly cap: number;
  /** Bytes that stay free on the store's disk: with less, nothing is recorded until there is room again. */
  readonly minFree: number;
}

const defaultKeep: Keep = { allDays: 30, hourlyDays: 90, logDays: 7, goneLogDays: 90, cap: 5e9, minFree: 500e6 };

export const defaultConfig: Config = {
  roots: [],
  ignore: [],
  classes: [],
  indexPairs: [],
  rules: {},
  suppress: [],
  baseline: true,
  rulesFolders: [],
  notify: false,
  transcripts: 'keep',
  keep: defaultKeep,
};

/** UTF-16 units of a configuration. It is written by hand; what is longer is another file, given by mistake. */
const longest = 1_000_000;
/** Brackets within brackets, those in texts counted too. The parser calls itself for each. */
const deepest = 100;

const fileClasses: readonly FileClass[] = ['authored', 'state', 'log', 'noise', 'secret'];

/** Reads one value, or throws; `at` is what a person would call the place: `roots[0].path`. */
type Reader<T> = (node: Node, at: string, source: Source) => T;

interface Source {
  readonly text: string;
  readonly file: string;
  readonly rules?: readonly string[];
}

/** `rules`: the ids that there are; left out: nobody knows. @throws UndertextError `config` */
export function parseConfig(text: string, file: string, rules?: readonly string[]): Config {
  const source = { text: text.replace(/^\uFEFF/, ''), file, ...(rules ? { rules } : {}) };
  refuseTooMuch(source);
  const errors: ParseError[] = [];
  const tree = parseTree(source.text, errors, { allowTrailingComma: true });
  const broken = errors[0];
  if (broken !== undefined) {
    const what = printParseErrorCode(broken.error)
      .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
      .toLowerCase();
    throw wrong(
      source,
      broken.offset,
      `this is no JSON (${what})`,
      'the file is JSON; comments and trailing commas are allowed',
    );
  }
  if (tree === undefined) return defaultConfig;
  const { polling, keep, ...given } = config(tree, '', source);
  const whole = { ...defaultConfig, ...given, keep: { ...defaultKeep, ...keep } };
  return polling === undefined ? whole : { ...whole, polling };
}

/** The line of a key of a text that `parseConfig` took; of the nearest one above it where it is not written. */
export function lineOfKey(text: string, key: readonly string[]): number {
  const plain = text.replace(/^\uFEFF/, '');
  const tree = parseTree(plain, [], { allowTrailingComma: true });
  for (let length = key.length; tree && length > 0; length--) {
    const node = findNodeAtLocation(tree, key.slice(0, length));
    if (node) return plain.slice(0, (node.parent ?? node).offset).split(/\r\n|[\r\n]/).length;
  }
  return 1;
}

function refuseTooMuch(source: Source): void {
  const hint = 'look at what the file holds: a configuration is a page of JSON';
  if (source.text.length > longest) throw wrong(source, 0, `this is longer than ${longest} characters`, hint);
  let depth = 0;
  for (const { 0: sign, index } of source.text.matchAll(/[[{\]}]/g)) {
    depth = sign === '[' || sign === '{' ? depth + 1 : Math.max(0, depth - 1);
    if (depth > deepest) throw wrong(source, index, `brackets are nested deeper than ${deepest} levels`, hint);
  }
}

const text: Reader<string> = (node, at, source) => {
  if (node.type !== 'string') throw wrongType(source, node, at, 'a text in double quotes');
  if (node.value === '') throw wrong(source, node.offset, `"${at}" is empty`, 'write a text, or leave the key out');
  return node.value;
};

const placed: Reader<Placed> = (node, at, source) => ({
  text: text(node, at, source),
  line: lineOf(source, node.offset),
});

const yesOrNo: Reader<boolean> = (node, at, source) => {
  if (node.type !== 'boolean') throw wrongType(source, node, at, 'true or false');
  return node.value;
};

const fileClass: Reader<FileClass> = (node, at, source) => {
  const found = fileClasses.find(name => name === node.value);
  if (found !== undefined) return found;
  const near = typeof node.value === 'string' ? nearest(node.value, fileClasses) : null;
  const hint = near ? `did you mean "${near}"?` : `one of ${fileClasses.map(name => `"${name}"`).join(', ')}`;
  throw wrong(source, node.offset, `"${at}" is ${shown(node, source)}, which is no class of files`, hint);
};

const transcripts: Reader<Config['transcripts']> = (node, at, source) => {
  if (node.value === 'keep' || node.value === 'evidence') return node.value;
  throw wrongType(source, node, at, '"keep" or "evidence"');
};

/** Whole days, at least one: a day is what a person has to notice anything at all. */
const days: Reader<number> = (node, at, source) => {
  if (node.type === 'number' && Number.isInteger(node.value) && node.value >= 1 && node.value <= 36_500) {
    return node.value;
  }
  throw wrongType(source, node, at, 'a whole number of days, from 1 to 36500');
};

const units: Readonly<Record<string, number>> = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

/** `"5 GB"`, as sizes are printed. */
const size: Reader<number> = (node, at, source) => {
  const [, number, unit] = /^(\d+(?:\.\d+)?) ?([KMGT]?B)$/i.exec(node.type === 'string' ? node.value : '') ?? [];
  if (number !== undefined) return Math.round(Number(number) * units[unit!.toUpperCase()]!);
  throw wrongType(source, node, at, 'a size such as "5 GB" or "500 MB"');
};

/** Of a rule that there is, when the caller says which there are. */
const ruleId: Reader<string> = (node, at, source) => {
  const id = text(node, at, source);
  if (source.rules === undefined || source.rules.includes(id)) return id;
  const near = nearest(id, source.rules);
  const hint = near ? `did you mean "${near}"?` : `the rules are ${[...source.rules].sort().join(', ')}`;
  throw wrong(source, node.offset, `"${at}" is ${shown(node, source)}, which is no rule`, hint);
};

const ruleOptions: Reader<object | false> = (node, at, source) => {
  if (node.type === 'boolean' && node.value === false) return false;
  if (node.type !== 'object') throw wrongType(source, node, at, 'an object with the options of the rule, or false');
  return plain(node) as object;
};

const config = record({
  roots: list(record({ name: text, path: text }, ['path'])),
  ignore: list(text),
  classes: list(record({ glob: text, class: fileClass }, ['glob', 'class'])),
  indexPairs: list(record({ index: text, files: text }, ['index', 'files'])),
  rules: dictionary(ruleOptions),
  suppress: list(record({ rule: ruleId, path: text, reason: text }, ['reason'])),
  baseline: yesOrNo,
  rulesFolders: list(placed),
  notify: yesOrNo,
  polling: yesOrNo,
  transcripts,
  keep: record({ allDays: days, hourlyDays: days, logDays: days, goneLogDays: days, cap: size, minFree: size }),
});

function list<T>(item: Reader<T>): Reader<readonly T[]> {
  return (node, at, source) => {
    if (node.type !== 'array') throw wrongType(source, node, at, 'a list in [ ]');
    return (node.children ?? []).map((child, index) => item(child, `${at}[${index}]`, source));
  };
}

function dictionary<T>(value: Reader<T>): Reader<Readonly<Record<string, T>>> {
  return (node, at, source) =>
    Object.fromEntries(
      members(node, at, source).map(([key, child]) => [key.value, value(child, `${at}.${key.value}`, source)]),
    );
}

type Shape = Record<string, Reader<unknown>>;
type Shaped<S extends Shape, K extends keyof S> = { readonly [P in K]: ReturnType<S[P]> } & {
  readonly [P in Exclude<keyof S, K>]?: ReturnType<S[P]>;
};

function record<S extends Shape, K extends keyof S & string = never>(
  shape: S,
  needed: readonly K[] = [],
): Reader<Shaped<S, K>> {
  return (node, at, source) => {
    const result: Record<string, unknown> = {};
    for (const [key, child] of members(node, at, source)) {
      const name: string = key.value;
      const full = at === '' ? name : `${at}.${name}`;
      const reader = Object.hasOwn(shape, name) ? shape[name] : undefined;
      if (reader === undefined) {
        if (at === '' && name === '$schema') continue;
        const near = nearest(name, Object.keys(shape));
        const known = Object.keys(shape).join(', ');
        throw wrong(
          source,
          key.offset,
          `"${full}" is no known key`,
          near ? `did you mean "${near}"?` : `known here: ${known}`,
        );
      }
      if (Object.hasOwn(result, name))
        throw wrong(source, key.offset, `"${full}" stands here twice`, 'leave one of the two out');
      result[name] = reader(child, full, source);
    }
    for (const name of needed) {
      if (!Object.hasOwn(result, name))
        throw wrong(source, node.offset, `"${at}" has no "${name}"`, `add "${name}": …, or take the entry out`);
    }
    return result as Shaped<S, K>;
  };
}

function members(node: Node, at: string, source: Source): readonly (readonly [Node, Node])[] {
  if (node.type !== 'object') throw wrongType(source, node, at, 'an object in { }');
  return (node.children ?? []).map(({ children }) => [children![0]!, children![1]!] as const);
}

function plain(node: Node): unknown {
  if (node.type === 'array') return (node.children ?? []).map(plain);
  if (node.type !== 'object') return node.value;
  return Object.fromEntries((node.children ?? []).map(({ children }) => [children![0]!.value, plain(children![1]!)]));
}

function shown(node: Node, source: Source): string {
  const written = source.text.slice(node.offset, node.offset + node.length).replace(/\s+/g, ' ');
  return written.length > 40 ? `${written.slice(0, 39)}…` : written;
}

function wrongType(source: Source, node: Node, at: string, expected: string): UndertextError {
  const name = at === '' ? 'the whole file' : `"${at}"`;
  return wrong(source, node.offset, `${name} is ${shown(node, source)}`, `it must be ${expected}`);
}

function wrong(source: Source, offset: number, message: string, hint: string): UndertextError {
  return new UndertextError('config', `${source.file}:${lineOf(source, offset)}: ${message}`, hint);
}

function lineOf(source: Source, offset: number): number {
  return source.text.slice(0, offset).split('\n').length;
}
