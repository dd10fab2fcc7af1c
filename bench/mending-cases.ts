/**
 * Two writers who never saw each other: a base, what each made of it, seeded. They change different units, often at the same place. Each
 * unit of a made base holds a word that stands nowhere else, and so does whatever a writer adds: what was lost or doubled shows without any
 * parser.
 */
import { compareUnits } from '../src/documents/compare.ts';
import { parseDocument } from '../src/documents/document.ts';
import { lineEnd, lineStart } from '../src/documents/splice.ts';
import type { Unit } from '../src/model.ts';

export interface Case {
  readonly kind: string;
  readonly path: string;
  readonly base: string;
  /** What the first writer made, and lost. */
  readonly lost: string;
  /** What the second one made of the base, which is there now. */
  readonly present: string;
  /** Words of which each must stand in the result once; empty for real files. */
  readonly once: readonly string[];
  /** Words that the second writer deleted. */
  readonly never: readonly string[];
}

export type Random = (below: number) => number;

/** Mulberry32: the same numbers everywhere. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return below => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const vocabulary =
  'cache token mixer buffer render clock stream index parser worker queue socket branch review deploy stage build lint flush retry limit quota agent memory skill prompt hook report table merge rebase commit lease shard replica'.split(
    ' ',
  );

const pick = <T>(random: Random, all: readonly T[]): T => all[random(all.length)]!;
const words = (random: Random, n: number): string =>
  Array.from({ length: n }, () => pick(random, vocabulary)).join(' ');

/** A piece of text with its word. */
interface Leaf {
  readonly word: string;
  text: string;
  /** Of a list item: nested in the one above. */
  readonly isNested?: boolean;
}

interface Block {
  readonly type: 'paragraph' | 'list' | 'links' | 'table';
  leaves: Leaf[];
  /** Of a list: a sign, or `1.` for numbers. */
  readonly marker: '-' | '*' | '1.';
}

interface Part {
  readonly heading: Leaf;
  readonly level: number;
  blocks: Block[];
}

interface Page {
  fields: Leaf[];
  parts: Part[];
}

interface Pen {
  readonly random: Random;
  readonly next: () => string;
}

function leaf({ random, next }: Pen, type: Block['type'] | 'heading' | 'field'): Leaf {
  const word = next();
  if (type === 'links') return { word, text: `[${words(random, 1)}](${word}/SKILL.md) — ${words(random, 5)}` };
  if (type === 'table') return { word, text: `| ${word} | ${words(random, 2)} | ${words(random, 3)} |` };
  if (type === 'field') return { word, text: `${word}: ${words(random, 3)}` };
  if (type === 'heading') return { word, text: `${words(random, 2)} ${word}` };
  return { word, text: `${words(random, 4)} ${word} ${words(random, 2 + random(5))}` };
}

function block(pen: Pen, type: Block['type']): Block {
  const { random } = pen;
  const marker = pick(random, ['-', '-', '-', '*', '1.'] as const);
  const n = type === 'paragraph' ? 1 : 1 + random(6);
  return {
    type,
    marker,
    leaves: Array.from({ length: n }, (_, index) => item(pen, type, marker !== '1.' && index > 0)),
  };
}

function item(pen: Pen, type: Block['type'], mayNest: boolean): Leaf {
  const made = leaf(pen, type);
  return type === 'list' && mayNest && pen.random(5) === 0 ? { ...made, isNested: true } : made;
}

function page(pen: Pen, types: readonly Block['type'][], hasFields: boolean): Page {
  const { random } = pen;
  const parts = Array.from({ length: 1 + random(5) }, (_, index): Part => {
    const level = index === 0 ? 1 : 2 + random(2);
    const blocks = Array.from({ length: 1 + random(3) }, () => block(pen, pick(random, types)));
    return { heading: leaf(pen, 'heading'), level, blocks };
  });
  return { fields: hasFields ? Array.from({ length: 2 + random(3) }, () => leaf(pen, 'field')) : [], parts };
}

function printed({ fields, parts }: Page): string {
  const front = fields.length > 0 ? `---\n${fields.map(({ text }) => `${text}\n`).join('')}---\n\n` : '';
  const body = parts.map(({ heading, level, blocks }) =>
    [`${'#'.repeat(level)} ${heading.text}`, ...blocks.map(printedBlock)].join('\n\n'),
  );
  return `${front}${body.join('\n\n')}\n`;
}

function printedBlock({ type, leaves, marker }: Block): string {
  if (type === 'paragraph') return leaves.map(({ text }) => text).join('\n');
  if (type === 'table') return ['| what | who | why |', '|---|---|---|', ...leaves.map(({ text }) => text)].join('\n');
  const sign = (index: number) => (marker === '1.' ? `${index + 1}.` : marker);
  return leaves.map(({ text, isNested }, index) => `${isNested ? '  ' : ''}${sign(index)} ${text}`).join('\n');
}

/** What one writer did: words that came, and words that went. */
interface Work {
  readonly came: string[];
  readonly went: string[];
}

/** One edit of a page by one writer; `claimed` are the words of what somebody changed already. The second also renames, reorders, deletes. */
function edit(target: Page, pen: Pen, claimed: Set<string>, work: Work, mayDelete: boolean): void {
  const { random } = pen;
  const part = pick(random, target.parts);
  const at = random(2) === 0 ? part.blocks.length - 1 : random(part.blocks.length);
  const chosen = part.blocks[at]!;
  const changed = pick(random, chosen.leaves);
  switch (random(mayDelete ? 10 : 7)) {
    case 0: {
      const made: Part = {
        heading: leaf(pen, 'heading'),
        level: 2,
        blocks: [block(pen, 'paragraph'), block(pen, pick(random, ['list', 'paragraph']))],
      };
      const where = random(2) === 0 ? target.parts.length : 1 + random(target.parts.length);
      target.parts.splice(where, 0, made);
      work.came.push(made.heading.word, ...made.blocks.flatMap(each => each.leaves.map(({ word }) => word)));
      return;
    }
    case 1:
    case 2:
    case 3: {
      if (chosen.type === 'paragraph') {
        const made = block(pen, 'paragraph');
        part.blocks.splice(random(2) === 0 ? part.blocks.length : at + 1, 0, made);
        work.came.push(made.leaves[0]!.word);
      } else {
        const where = random(2) === 0 ? chosen.leaves.length : random(chosen.leaves.length + 1);
        const made = item(pen, chosen.type, where > 0 && chosen.marker !== '1.');
        chosen.leaves.splice(where, 0, made);
        work.came.push(made.word);
      }
      return;
    }
    case 4: {
      if (target.fields.length === 0) {
        edit(target, pen, claimed, work, mayDelete);
        return;
      }
      const made = leaf(pen, 'field');
      target.fields.splice(random(2) === 0 ? target.fields.length : random(target.fields.length), 0, made);
      work.came.push(made.word);
      return;
    }
    case 5:
    case 6: {
      if (claimed.has(changed.word)) {
        edit(target, pen, claimed, work, mayDelete);
        return;
      }
      claimed.add(changed.word);
      const mark = pen.next();
      const isRow = chosen.type === 'table';
      changed.text = isRow ? changed.text.replace(/ \|$/, ` ${mark} |`) : `${changed.text} ${mark}`;
      work.came.push(mark);
      return;
    }
    case 7: {
      if (claimed.has(part.heading.word)) {
        edit(target, pen, claimed, work, mayDelete);
        return;
      }
      claimed.add(part.heading.word);
      const mark = pen.next();
      part.heading.text = `${part.heading.text} ${mark}`;
      work.came.push(mark);
      return;
    }
    case 8:
      if (!chosen.leaves.some(({ isNested }) => isNested)) chosen.leaves.reverse();
      return;
    default: {
      if (claimed.has(changed.word) || chosen.leaves.length < 2) {
        edit(target, pen, claimed, work, false);
        return;
      }
      claimed.add(changed.word);
      chosen.leaves = chosen.leaves.filter(each => each !== changed);
      work.went.push(changed.word);
    }
  }
}

function pageCase(
  kind: string,
  path: string,
  random: Random,
  types: readonly Block['type'][],
  hasFields: boolean,
): Case {
  const pen = { random, next: counter('q') };
  const base = page(pen, types, hasFields);
  const once = wordsOf(base);
  return twoWriters({
    kind,
    path,
    base,
    once,
    random,
    print: printed,
    edit: (copy, claimed, work, mayDelete) => edit(copy, pen, claimed, work, mayDelete),
  });
}

function wordsOf({ fields, parts }: Page): string[] {
  return [
    ...fields.map(({ word }) => word),
    ...parts.flatMap(({ heading, blocks }) => [
      heading.word,
      ...blocks.flatMap(each => each.leaves.map(({ word }) => word)),
    ]),
  ];
}

/** Words that hold no other one: `q001z`. */
function counter(letter: string): () => string {
  let n = 0;
  return () => `${letter}${String(++n).padStart(3, '0')}z`;
}

interface Play<T> {
  readonly kind: string;
  readonly path: string;
  readonly base: T;
  readonly once: readonly string[];
  readonly random: Random;
  readonly print: (model: T) => string;
  readonly edit: (copy: T, claimed: Set<string>, work: Work, mayDelete: boolean) => void;
}

function twoWriters<T>({ kind, path, base, once, random, print, edit: change }: Play<T>): Case {
  const claimed = new Set<string>();
  const [mine, theirs] = [structuredClone(base), structuredClone(base)];
  const [first, second]: readonly [Work, Work] = [
    { came: [], went: [] },
    { came: [], went: [] },
  ];
  for (let n = 1 + random(3); n > 0; n--) change(mine, claimed, first, false);
  for (let n = 1 + random(3); n > 0; n--) change(theirs, claimed, second, true);
  const dress = dressFor(random);
  const never = new Set(second.went);
  return {
    kind,
    path,
    base: dress(print(base)),
    lost: dress(print(mine)),
    present: dress(print(theirs)),
    once: [...once, ...first.came, ...second.came].filter(word => !never.has(word)),
    never: [...never],
  };
}

/** All three alike, so that no merge tool meets line ends that changed. */
function dressFor(random: Random): (text: string) => string {
  switch (random(10)) {
    case 0:
      return text => text.replaceAll('\n', '\r\n');
    case 1:
      return text => `\ufeff${text}`;
    case 2:
      return text => text.replace(/\n$/, '');
    default:
      return text => text;
  }
}

type Json = { [key: string]: Json } | Json[] | string | number | boolean;
interface Settings {
  readonly tree: { [key: string]: Json };
}

/** Settings as a home has them: members, sets, hooks within matchers, servers. */
function settingsCase(random: Random): Case {
  const next = counter('k');
  const made: string[] = [];
  const fresh = (): string => {
    const word = next();
    made.push(word);
    return word;
  };
  const list = (n: number, make: () => Json): Json[] => Array.from({ length: n }, make);
  const record = (n: number, make: () => Json): { [key: string]: Json } =>
    Object.fromEntries(Array.from({ length: n }, () => [fresh(), make()]));
  const permission = (): string => `Bash(${words(random, 1)} ${fresh()}:*)`;
  const hook = (): Json => ({ type: 'command', command: `~/bin/${fresh()}.sh` });
  const matcher = (): Json => ({ matcher: fresh(), hooks: list(1 + random(2), hook) });
  const server = (): Json => ({ command: 'npx', args: ['-y', fresh()], env: { [fresh()]: words(random, 1) } });
  const tree = {
    model: `opus-${fresh()}`,
    env: record(1 + random(4), () => words(random, 2)),
    permissions: { allow: list(1 + random(6), permission), deny: list(random(3), permission) },
    hooks: { PreToolUse: list(1 + random(2), matcher), Stop: [{ hooks: list(1, hook) }] },
    enabledPlugins: record(1 + random(3), () => random(2) === 0),
    mcpServers: record(1 + random(2), server),
    statusLine: { type: 'command', command: `~/bin/${fresh()}.sh` },
  };
  const once = [...made];
  const style = pick(random, [2, 2, 2, 4, '\t', 0]);
  const change = ({ tree: root }: Settings, claimed: Set<string>, work: Work, mayDelete: boolean): void => {
    made.length = 0;
    const at = root as unknown as typeof tree;
    const key = <T>(of: { [key: string]: T }): string => pick(random, Object.keys(of));
    const claim = (name: string): boolean => !claimed.has(name) && claimed.add(name) !== undefined;
    switch (random(mayDelete ? 10 : 8)) {
      case 0:
        at.env[fresh()] = words(random, 2);
        break;
      case 1: {
        const name = key(at.env);
        if (claim(name)) at.env[name] = `${String(at.env[name])} ${fresh()}`;
        break;
      }
      case 2:
      case 3:
        at.permissions.allow.splice(random(2) === 0 ? at.permissions.allow.length : random(3), 0, permission());
        break;
      case 4:
        at.hooks.PreToolUse.push(matcher());
        break;
      case 5: {
        const entry = pick(random, at.hooks.PreToolUse) as { hooks: Json[] };
        entry.hooks.push(hook());
        break;
      }
      case 6:
        at.mcpServers[fresh()] = server();
        break;
      case 7:
        if (claim('model')) at.model = `sonnet-${at.model.slice(5)}-${fresh()}`;
        else at.enabledPlugins[fresh()] = true;
        break;
      case 8: {
        const name = key(at.env);
        if (Object.keys(at.env).length > 1 && once.includes(name) && claim(name)) {
          delete at.env[name];
          work.went.push(name);
        }
        break;
      }
      default: {
        const { allow } = at.permissions;
        const gone = allow.findIndex(each => once.some(word => String(each).includes(word)));
        const word = once.find(each => String(allow[gone]).includes(each));
        if (allow.length > 1 && word && claim(word)) {
          allow.splice(gone, 1);
          work.went.push(word);
        }
      }
    }
    work.came.push(...made);
  };
  return twoWriters<Settings>({
    kind: 'JSON settings',
    path: 'settings.json',
    base: { tree },
    once,
    random,
    print: model => JSON.stringify(model.tree, null, style) + (style === 0 ? '' : '\n'),
    edit: change,
  });
}

/** Lines without structure. */
function textCase(random: Random): Case {
  const next = counter('w');
  const line = (): Leaf => {
    const word = next();
    return { word, text: `${words(random, 3)} ${word} ${words(random, 2)}` };
  };
  const base = Array.from({ length: 3 + random(20) }, line);
  return twoWriters<Leaf[]>({
    kind: 'text',
    path: 'notes.txt',
    base,
    once: base.map(({ word }) => word),
    random,
    print: lines => lines.map(({ text }) => `${text}\n`).join(''),
    edit: (lines, claimed, work, mayDelete) => {
      const at = random(lines.length);
      const chosen = lines[at]!;
      const kind = random(mayDelete ? 4 : 3);
      if (kind < 2 || claimed.has(chosen.word)) {
        const made = line();
        lines.splice(random(2) === 0 ? lines.length : at, 0, made);
        work.came.push(made.word);
        return;
      }
      claimed.add(chosen.word);
      if (kind === 3 && lines.length > 2) {
        lines.splice(at, 1);
        work.went.push(chosen.word);
        return;
      }
      const mark = next();
      chosen.text += ` ${mark}`;
      work.came.push(mark);
    },
  });
}

const makers: readonly ((random: Random) => Case)[] = [
  random => pageCase('Markdown sections', 'memory/architecture.md', random, ['paragraph', 'list'], false),
  random => pageCase('Markdown lists', 'skills/_index.md', random, ['links', 'list'], false),
  random => pageCase('Markdown tables', 'notes/table.md', random, ['table', 'paragraph'], false),
  random => pageCase('frontmatter', 'memory/feedback.md', random, ['paragraph', 'list'], true),
  settingsCase,
  textCase,
];

/** The `index`-th made case of a seed. */
export function madeCase(seed: number, index: number): Case {
  const random = randomFrom(seed * 1_000_003 + index);
  return makers[index % makers.length]!(random);
}

/** A case on a real file; null when it offers no two places, or when an edit would say something else there than it means. */
export function realCase(path: string, text: string, random: Random): Case | null {
  const next = counter('r');
  const units = parseDocument(path, Buffer.from(text)).units;
  const claimed = new Set<number>();
  const lost = realEdits(text, units, claimed, random, next);
  const present = realEdits(text, units, claimed, random, next);
  if (lost === null || present === null) return null;
  const isMeant = ({ result, came, went }: RealEdits): boolean => {
    const after = compareUnits(units, parseDocument(path, Buffer.from(result)).units);
    return after.added.length === came && after.removed.length === went;
  };
  if (!isMeant(lost) || !isMeant(present)) return null;
  return { kind: 'real Markdown', path, base: text, lost: lost.result, present: present.result, once: [], never: [] };
}

interface RealEdits {
  readonly result: string;
  readonly came: number;
  readonly went: number;
}

function realEdits(
  text: string,
  units: readonly Unit[],
  claimed: Set<number>,
  random: Random,
  next: () => string,
): RealEdits | null {
  const splices: { readonly at: number; readonly text: string }[] = [];
  let [came, went] = [0, 0];
  for (let n = 1 + random(3); n > 0; n--) {
    const at = random(3) === 0 ? units.length - 1 : random(units.length);
    const unit = units[at];
    if (!unit) return null;
    const start = lineStart(text, unit.start);
    const lead = text.slice(start, unit.start);
    const isEdit = random(2) === 0;
    if (random(5) === 0) {
      splices.push({
        at: text.length,
        text: `${/\n$/.test(text) ? '' : '\n'}\n## ${words(random, 2)} ${next()}\n\n${words(random, 6)} ${next()}\n`,
      });
      came += 2;
    } else if (unit.kind === 'list-item' && /^\s*$/.test(lead) && /^[-*] /.test(unit.text)) {
      if (isEdit) {
        if (claimed.has(at) || /\n/.test(unit.text)) return null;
        claimed.add(at);
        splices.push({ at: unit.end, text: ` ${words(random, 1)} ${next()}` });
        went++;
      } else splices.push({ at: start, text: `${lead}${unit.text.slice(0, 2)}${words(random, 5)} ${next()}\n` });
      came++;
    } else if (
      unit.kind === 'block' &&
      lead === '' &&
      /^[A-Za-z*`]/.test(unit.text) &&
      !/^(?:```|~~~)/.test(unit.text)
    ) {
      if (isEdit) {
        if (claimed.has(at)) return null;
        claimed.add(at);
        splices.push({ at: unit.end, text: ` ${words(random, 1)} ${next()}` });
        went++;
      } else splices.push({ at: start, text: `${words(random, 6)} ${next()}\n\n` });
      came++;
    } else if (unit.kind === 'table-row' && !/\n/.test(unit.text)) {
      const end = lineEnd(text, unit.end);
      splices.push({ at: end, text: `\n${unit.text.replace(/^\|([^|]*)\|/, `| ${words(random, 1)} ${next()} |`)}` });
      came++;
    } else return null;
  }
  let result = text;
  for (const splice of splices.toSorted((a, b) => b.at - a.at)) {
    result = result.slice(0, splice.at) + splice.text + result.slice(splice.at);
  }
  return { result, came, went };
}
