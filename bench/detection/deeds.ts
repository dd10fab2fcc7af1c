/** What people and models do to a text. Each takes the pieces its writer holds and gives those it saves; null: does not fit. */
import type { Made, Piece } from './pieces.ts';
import { depthOf, sectionAt } from './pieces.ts';
import type { Random } from './random.ts';
import type { Words } from './words.ts';
import { alike, reworded, translated } from './words.ts';

export interface Kit {
  readonly random: Random;
  readonly words: Words;
  /** A piece that says what `from` said, or something new. */
  make(made: Made, from?: readonly Piece[]): Piece;
}

type Pieces = readonly Piece[];
export type Deed = (pieces: Pieces, kit: Kit) => Pieces | null;

const is = (kind: Piece['kind']) => (piece: Piece) => piece.kind === kind;
const isEntry = (piece: Piece) => piece.kind === 'item' || piece.kind === 'row';
const isSaid = (piece: Piece) => isEntry(piece) || piece.kind === 'text';

function pickAt(pieces: Pieces, fits: (piece: Piece) => boolean, random: Random): number {
  const places = pieces.flatMap((piece, i) => (fits(piece) ? [i] : []));
  return places.length === 0 ? -1 : random.pick(places);
}

/** Runs of entries that stand together: lists and tables. */
function runsOf(pieces: Pieces, fewest: number): readonly (readonly [number, number])[] {
  const runs: [number, number][] = [];
  for (let i = 0; i < pieces.length; i++) {
    const last = runs.at(-1);
    if (!isEntry(pieces[i]!)) continue;
    if (last && last[1] === i && pieces[i - 1]!.kind === pieces[i]!.kind) last[1] = i + 1;
    else runs.push([i, i + 1]);
  }
  return runs.filter(([from, to]) => to - from >= fewest);
}

function inRun(pieces: Pieces, { random }: Kit, fewest: number, change: (run: Pieces) => Pieces | null): Pieces | null {
  const runs = runsOf(pieces, fewest);
  if (runs.length === 0) return null;
  const [from, to] = random.pick(runs);
  const changed = change(pieces.slice(from, to));
  return changed && [...pieces.slice(0, from), ...changed, ...pieces.slice(to)];
}

function put(pieces: Pieces, at: number, ...added: Pieces): Pieces {
  return [...pieces.slice(0, at), ...added, ...pieces.slice(at)];
}

const edited = (piece: Piece, text: string, kit: Kit): Piece | null =>
  text === piece.text ? null : kit.make({ ...piece, text }, [piece]);

/** One entry: half of the time in the pattern of one that stands there, mostly at the end of its list. */
function addEntry(pieces: Pieces, kit: Kit): Pieces | null {
  const { random, words } = kit;
  const runs = runsOf(pieces, 1);
  if (runs.length === 0) return null;
  const [from, to] = random.pick(runs);
  const model = pieces[random.chance(0.5) ? to - 1 : from + random.int(to - from)]!;
  const line = model.text.split('\n')[0]!;
  const mark = /^(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?/.exec(line)?.[0] ?? '- ';
  const isPattern = random.chance(0.5) || model.kind === 'row' || line.includes('](');
  const text = isPattern ? alike(line, 3, words, random) : `${mark}${words.sentence()}`;
  const at = random.weighted({ end: 7, start: 1, any: 2 });
  const place = at === 'end' ? to : at === 'start' ? from : from + random.int(to - from + 1);
  return put(pieces, place, kit.make({ kind: model.kind, text, apart: false }));
}

function addSection(pieces: Pieces, kit: Kit): Pieces {
  const { random, words } = kit;
  const depth = Math.max(2, depthOf(pieces.findLast(is('heading')) ?? { ...pieces[0]!, text: '##' }));
  const made = [
    kit.make({ kind: 'heading', text: `${'#'.repeat(depth)} ${words.title()}`, apart: true }),
    ...(random.chance(0.6) ? [kit.make({ kind: 'text', text: `${words.sentence()}.`, apart: true })] : []),
    ...Array.from({ length: 1 + random.int(3) }, () =>
      kit.make({ kind: 'item', text: `- ${words.sentence()}`, apart: false }),
    ),
  ];
  const heading = random.chance(0.3)
    ? pickAt(pieces, piece => depthOf(piece) === depth && piece.kind === 'heading', random)
    : -1;
  return put(pieces, heading > 0 ? heading : pieces.length, ...made);
}

function addText(pieces: Pieces, kit: Kit): Pieces {
  const { random, words } = kit;
  const after = pickAt(pieces, piece => piece.kind === 'text' || piece.kind === 'heading', random);
  const text = `${words.sentence()}. ${words.sentence()}.`;
  return put(
    pieces,
    after < 0 || random.chance(0.5) ? pieces.length : after + 1,
    kit.make({ kind: 'text', text, apart: true }),
  );
}

/** A word, a number: the sentence stays. */
function edit(pieces: Pieces, kit: Kit): Pieces | null {
  const { random, words } = kit;
  const at = pickAt(pieces, isSaid, random);
  if (at < 0) return null;
  const { text } = pieces[at]!;
  const places = [...text.matchAll(/\p{L}{3,}(?![^([]*[)\]])|\b\d+\b/gu)];
  if (places.length < 4) return null;
  const place = random.pick(places);
  const next = `${text.slice(0, place.index)}${/\d/.test(place[0]) ? words.number() : words.word()}${text.slice(place.index + place[0].length)}`;
  const piece = edited(pieces[at]!, next, kit);
  return piece && pieces.with(at, piece);
}

function reword(pieces: Pieces, kit: Kit): Pieces | null {
  const at = pickAt(pieces, isSaid, kit.random);
  if (at < 0) return null;
  const share = 0.35 + kit.random.int(50) / 100;
  const piece = edited(pieces[at]!, reworded(pieces[at]!.text, share, kit.words, kit.random), kit);
  return piece && pieces.with(at, piece);
}

/** The name that an entry begins with: a link, a code span, bold words, or words before a colon. */
const lead =
  /^(?:(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?|\|\s*)(?:\[[^\]]+\]\([^)]+\)|`[^`]+`|\*\*[^*]+\*\*|[^:|—]{3,40}(?=:\s))/;

/** The same entry says something else. */
function rephrase(pieces: Pieces, kit: Kit): Pieces | null {
  const isNamed = (piece: Piece) => isEntry(piece) && !piece.text.includes('\n') && lead.test(piece.text);
  const at = pickAt(pieces, isNamed, kit.random);
  if (at < 0) return null;
  const piece = pieces[at]!;
  const name = lead.exec(piece.text)![0];
  const said = piece.kind === 'row' ? ` | ${kit.words.sentence()} |` : `: ${kit.words.sentence()}`;
  return pieces.with(at, kit.make({ ...piece, text: name + said }, [piece]));
}

const open = /^([-*+]\s+)\[ \]/;
const ticked = /^[-*+]\s+\[[xX]\]/;

function tick(pieces: Pieces, kit: Kit): Pieces | null {
  const at = pickAt(pieces, ({ text }) => open.test(text), kit.random);
  if (at < 0) return null;
  const piece = pieces[at]!;
  return pieces.with(at, kit.make({ ...piece, text: piece.text.replace(open, '$1[x]') }, [piece]));
}

function clearTicked(pieces: Pieces): Pieces | null {
  const left = pieces.filter(({ text }) => !ticked.test(text));
  return left.length === pieces.length ? null : left;
}

/** The note of work under way becomes, at its place, the note that it is done. */
function supersede(pieces: Pieces, kit: Kit): Pieces | null {
  const heading = pickAt(pieces, piece => piece.kind === 'heading' && depthOf(piece) > 1, kit.random);
  if (heading < 0) return null;
  const [from, to] = sectionAt(pieces, heading);
  if ((to - from) * 2 > pieces.length) return null;
  const old = pieces.slice(from, to);
  const title = `${'#'.repeat(depthOf(pieces[from]!))} ${kit.words.title()} is done`;
  return [
    ...pieces.slice(0, from),
    kit.make({ kind: 'heading', text: title, apart: true }, old),
    kit.make({ kind: 'text', text: `${kit.words.sentence()}. ${kit.words.sentence()}.`, apart: true }, old),
    ...pieces.slice(to),
  ];
}

/** A form that each session fills in anew: its headings stay, all answers are others. */
function fill(pieces: Pieces, kit: Kit): Pieces {
  const { random, words } = kit;
  return pieces.map(piece => {
    if (!isSaid(piece) || random.chance(0.15)) return piece;
    const text = piece.kind === 'item' ? `- ${words.sentence()}` : `${words.sentence()}.`;
    return kit.make({ ...piece, text }, [piece]);
  });
}

/** An inbox is drained; the newest entry may stay. */
function drain(pieces: Pieces, { random }: Kit): Pieces | null {
  const items = pieces.filter(is('item'));
  const kept = random.chance(0.2) ? items.at(-1) : undefined;
  const left = pieces.filter(piece => piece.kind !== 'item' || piece === kept);
  return left.length === pieces.length ? null : left;
}

function extend(pieces: Pieces, kit: Kit): Pieces | null {
  const at = pickAt(pieces, isSaid, kit.random);
  if (at < 0 || pieces[at]!.text.includes('\n') || pieces[at]!.kind === 'row') return null;
  return pieces.with(
    at,
    kit.make({ ...pieces[at]!, text: `${pieces[at]!.text}; ${kit.words.sentence()}` }, [pieces[at]!]),
  );
}

/** Entries, or a section of at most half of the file. */
function remove(pieces: Pieces, { random }: Kit): Pieces | null {
  const heading = random.chance(0.35)
    ? pickAt(pieces, piece => piece.kind === 'heading' && depthOf(piece) > 1, random)
    : -1;
  if (heading >= 0) {
    const [from, to] = sectionAt(pieces, heading);
    return (to - from) * 2 > pieces.length ? null : [...pieces.slice(0, from), ...pieces.slice(to)];
  }
  const at = pickAt(pieces, isSaid, random);
  if (at < 0 || pieces.length < 5) return null;
  const n = 1 + random.int(3);
  return pieces.filter((piece, i) => !(i >= at && i < at + n && isSaid(piece)));
}

function consolidate(pieces: Pieces, kit: Kit): Pieces | null {
  return inRun(pieces, kit, 3, run => {
    const n = Math.min(run.length, 3 + kit.random.int(4));
    const from = kit.random.int(run.length - n + 1);
    const folded = run.slice(from, from + n);
    if (folded[0]!.kind === 'row') return null;
    const bare = folded.map(({ text }) => text.split('\n')[0]!.replace(/^(?:[-*+]|\d+[.)])\s+/, ''));
    const isShort = kit.random.chance(0.5);
    const said = isShort ? bare.map(text => text.split(' ').slice(0, 4).join(' ')) : bare;
    const piece = kit.make({ kind: 'item', text: `- ${said.join('; ')}`, apart: false }, folded);
    return [...run.slice(0, from), piece, ...run.slice(from + n)];
  });
}

function renameHeading(pieces: Pieces, kit: Kit): Pieces | null {
  const at = pickAt(pieces, is('heading'), kit.random);
  if (at < 0) return null;
  const text = `${'#'.repeat(depthOf(pieces[at]!))} ${kit.words.title()}`;
  return pieces.with(at, kit.make({ ...pieces[at]!, text }, [pieces[at]!]));
}

function reorder(pieces: Pieces, kit: Kit): Pieces | null {
  const { random } = kit;
  const heads = pieces.flatMap((piece, i) => (piece.kind === 'heading' && depthOf(piece) === 2 ? [i] : []));
  if (heads.length >= 3 && random.chance(0.5)) {
    const sections = heads.map((from, i) => pieces.slice(from, heads[i + 1] ?? pieces.length));
    return [...pieces.slice(0, heads[0]), ...random.shuffled(sections).flat()];
  }
  return inRun(pieces, kit, 3, run => random.shuffled(run));
}

/** Other marks, lines wrapped: the same pieces. */
function reformat(pieces: Pieces, { random }: Kit): Pieces {
  const mark = random.pick(['*', '+', '-']);
  return pieces.map(piece => {
    if (piece.kind === 'item') return { ...piece, text: piece.text.replace(/^[-*+](?=\s)/, mark) };
    return piece.kind === 'text' && !piece.text.includes('\n') ? { ...piece, text: wrapped(piece.text) } : piece;
  });
}

function wrapped(text: string): string {
  return text.replace(/(.{40,60}) (?![-*+#>|\d])/g, '$1\n');
}

/** A list becomes a table, or a table a list. */
function tableOrList(pieces: Pieces, kit: Kit): Pieces | null {
  const runs = runsOf(pieces, 2).filter(([from, to]) =>
    pieces.slice(from, to).every(({ text }) => !text.includes('\n')),
  );
  if (runs.length === 0) return null;
  const [from, to] = kit.random.pick(runs);
  const run = pieces.slice(from, to);
  if (run[0]!.kind === 'row') {
    const hasHead = pieces[from - 1]?.kind === 'fixed';
    const items = run.map(piece => {
      const cells = piece.text.replace(/^\||\|$/g, '').split('|');
      return kit.make({ kind: 'item', text: `- ${cells.map(cell => cell.trim()).join(' — ')}`, apart: false }, [piece]);
    });
    return [...pieces.slice(0, hasHead ? from - 1 : from), ...items, ...pieces.slice(to)];
  }
  const head = kit.make({ kind: 'fixed', text: '| name | what |\n|---|---|', apart: true });
  const rows = run.map(piece => {
    const bare = piece.text.replace(/^(?:[-*+]|\d+[.)])\s+/, '').replaceAll('|', '/');
    const [name, what] = bare.includes(' — ') ? bare.split(' — ', 2) : [bare.split(' ').slice(0, 3).join(' '), bare];
    return kit.make({ kind: 'row', text: `| ${name} | ${what} |`, apart: false }, [piece]);
  });
  return [...pieces.slice(0, from), head, ...rows, ...pieces.slice(to)];
}

function translate(pieces: Pieces, kit: Kit): Pieces | null {
  return inRun(pieces, kit, 2, run =>
    run[0]!.kind === 'row'
      ? null
      : run.map(piece => {
          const [mark = ''] = /^(?:[-*+]|\d+[.)])\s+/.exec(piece.text) ?? [];
          return kit.make({ ...piece, text: mark + translated(piece.text.slice(mark.length)) }, [piece]);
        }),
  );
}

function sort(pieces: Pieces, kit: Kit): Pieces | null {
  return inRun(pieces, kit, 3, run => [...run].sort((a, b) => (a.text < b.text ? -1 : 1)));
}

/** What stands twice, or nearly, stands once. */
function dedupe(pieces: Pieces, kit: Kit): Pieces | null {
  const at = pickAt(pieces, isEntry, kit.random);
  if (at < 0) return null;
  const twin = pieces.findIndex((piece, i) => i > at && piece.kind === pieces[at]!.kind && isEntry(piece));
  if (twin < 0) return null;
  const kept = kit.make({ ...pieces[at]! }, [pieces[at]!, pieces[twin]!]);
  return [
    ...pieces.slice(0, at),
    { ...kept, id: pieces[at]!.id },
    ...pieces.slice(at + 1, twin),
    ...pieces.slice(twin + 1),
  ];
}

/** The oldest goes, a new one comes. */
function rotate(pieces: Pieces, kit: Kit): Pieces | null {
  return inRun(pieces, kit, 3, run => {
    const text = run[0]!.kind === 'row' ? alike(run[0]!.text, 4, kit.words, kit.random) : `- ${kit.words.sentence()}`;
    return [...run.slice(1), kit.make({ kind: run[0]!.kind, text, apart: false })];
  });
}

/** An index is brought below its limit: the longest list loses a third, the rest is shortened. */
function shorten(pieces: Pieces, kit: Kit): Pieces | null {
  return inRun(pieces, kit, 6, run =>
    run
      .filter((_, i) => i % 3 !== 2)
      .map(piece => {
        if (piece.kind === 'row' || piece.text.length < 60) return piece;
        return edited(piece, piece.text.split('\n')[0]!.split(' ').slice(0, 8).join(' '), kit) ?? piece;
      }),
  );
}

/** Made anew: only the title stays. */
function rewrite(pieces: Pieces, kit: Kit): Pieces {
  const title = pieces.findIndex(is('heading'));
  return addSection(addSection(pieces.slice(0, title + 1), kit), kit);
}

export const adding = { addEntry, addSection, addText } satisfies Record<string, Deed>;
export const changing = {
  edit,
  reword,
  rephrase,
  tick,
  supersede,
  extend,
  renameHeading,
  reorder,
  reformat,
  sort,
} satisfies Record<string, Deed>;
const removing = {
  remove,
  clearTicked,
  consolidate,
  tableOrList,
  translate,
  dedupe,
  rotate,
  shorten,
  rewrite,
} satisfies Record<string, Deed>;

/** How often each is done. */
export const deeds: Readonly<Record<string, Deed>> = { ...adding, ...changing, ...removing, fill, drain };
/** What is done to a form and to an inbox more often than anything else. */
export const oftenTo = { form: { fill: 40 }, inbox: { drain: 14 } } as const;
export const often = {
  addEntry: 22,
  addSection: 10,
  addText: 6,
  edit: 8,
  reword: 5,
  rephrase: 8,
  tick: 4,
  clearTicked: 4,
  supersede: 3,
  extend: 3,
  renameHeading: 2,
  reorder: 2,
  reformat: 2,
  sort: 1.5,
  remove: 5,
  consolidate: 3,
  tableOrList: 1,
  translate: 1,
  dedupe: 2,
  rotate: 2,
  shorten: 1.5,
  rewrite: 1,
} satisfies Readonly<Record<keyof typeof adding | keyof typeof changing | keyof typeof removing, number>>;
