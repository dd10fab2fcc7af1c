/**
 * One history: several writers, a few files, no lock. Every write is kept with what is true of it: which pieces it took
 * away, and whether its writer had seen them. Nothing of undertext is asked for that.
 */
import type { Base } from './bases.ts';
import { topic } from './bases.ts';
import type { Kit } from './deeds.ts';
import { adding, deeds, often, oftenTo } from './deeds.ts';
import type { Made, Piece } from './pieces.ts';
import { cut, render, sectionAt } from './pieces.ts';
import type { Random } from './random.ts';
import type { KindId } from './scenes/kinds.ts';
import type { GitSteps } from './scenes/stage.ts';
import type { Words } from './words.ts';

const second = 1000;
const minute = 60 * second;
export const noon = Date.UTC(2026, 10, 20, 12);

/**
 * What became of a piece that a write took away. `lost`: its writer had not seen it, and it stands nowhere else. `meant`: he
 * had. `either`: he had met it in another file, it stands in one, or it was an answer in a form that was filled in anew: nobody
 * is blamed for telling it or not.
 */
export type Truth = 'lost' | 'meant' | 'either';

export interface Write {
  readonly path: string;
  readonly at: number;
  /** Null: what stood there at first. */
  readonly by: string | null;
  readonly deed: string;
  /** Null: the file was deleted. */
  readonly pieces: readonly Piece[] | null;
  readonly text: string;
  /** By the id of the piece. */
  readonly gone: ReadonlyMap<number, { readonly piece: Piece; readonly truth: Truth }>;
  /** True when it was made of a copy that was no longer the newest. */
  readonly isStale: boolean;
  /** Of a scene: which, and what its truth is. */
  readonly scene?: SceneTruth;
}

export interface SceneTruth {
  readonly kind: KindId;
  /** The same for all writes of one event; null: ordinary life around it. */
  readonly event: string | null;
  readonly lost: readonly string[];
}

/** What records would tell of it. `cat`: the text was shown, but no record says that it was this file's whole. */
export interface Deed {
  readonly by: string;
  readonly at: number;
  readonly path: string;
  readonly does: 'read' | 'cat' | 'write' | 'edit';
  readonly before: string | null;
  readonly after: string;
  /** What it left in the transcript. */
  readonly shown: string;
}

export interface Play {
  readonly writes: readonly Write[];
  readonly deeds: readonly Deed[];
  readonly writers: readonly string[];
  readonly end: number;
  /** What the home's own git did, by the clock of the writes. */
  readonly git: GitSteps;
}

interface Writer {
  readonly id: string;
  readonly held: Map<string, readonly Piece[]>;
  /** Per path, ids of the pieces it was shown or wrote. */
  readonly seen: Map<string, Set<number>>;
  /** The same in other words: what it says, wherever it stood. */
  readonly met: Set<string>;
  readonly copies: { readonly path: string; readonly pieces: readonly Piece[] }[];
  /** Its last write, where that added something. */
  last: { readonly path: string; readonly before: readonly Piece[]; readonly at: number } | null;
}

/** What a writer does, beside the deeds of one text. */
const specials = { move: 4, undo: 2, replaceOwn: 1.5, revert: 1.5, read: 14, blind: 0.4 };

export interface Chances {
  /** How often who holds a copy writes from that, without looking again. */
  readonly held: number;
  /** How often a change of one piece is made in place. */
  readonly inPlace: number;
}

export const usual: Chances = { held: 0.45, inPlace: 0.5 };

export function play(base: Base, random: Random, words: Words, chances: Chances = usual): Play {
  let ids = 0;
  const make = (made: Made, from: readonly Piece[] = []): Piece => ({
    kind: made.kind,
    text: made.text,
    apart: made.apart,
    id: ids++,
    from: new Set(from.flatMap(piece => [piece.id, ...piece.from])),
  });
  const kit: Kit = { random, words, make };
  const disk = new Map<string, readonly Piece[]>();
  const writes: Write[] = [];
  const told: Deed[] = [];
  const writers = Array.from({ length: 2 + random.int(5) }, (_, i) => writerOf('ABCDEF'[i]!));
  let at = noon;

  const textOn = (path: string): string | null => {
    const pieces = disk.get(path);
    return pieces ? render(pieces).text : null;
  };
  const see = (writer: Writer, path: string, pieces: readonly Piece[]) => {
    const seen = writer.seen.get(path) ?? new Set();
    for (const piece of pieces) {
      seen.add(piece.id);
      writer.met.add(wordsIn(piece));
    }
    writer.seen.set(path, seen);
  };
  const pass = () => {
    const how = random.weighted({ seconds: 25, minutes: 40, hours: 25, day: 10 });
    const [least, most] = spans[how];
    at += least + random.int(most - least);
  };
  const read = (writer: Writer, path: string): readonly Piece[] | null => {
    const pieces = disk.get(path);
    if (!pieces) return null;
    const text = textOn(path)!;
    const does = random.chance(0.1) ? 'cat' : 'read';
    told.push({ by: writer.id, at, path, does, before: null, after: text, shown: text });
    see(writer, path, pieces);
    writer.held.set(path, pieces);
    return pieces;
  };
  const write = (writer: Writer | null, path: string, next: readonly Piece[] | null, deed: string, isStale = false) => {
    const before = disk.get(path) ?? [];
    const text = next ? render(next).text : '';
    if (next && text === textOn(path)) return;
    if (next) disk.set(path, next);
    else disk.delete(path);
    const gone = goneIn(before, next ?? [], piece => {
      const truth = truthOf(piece, path, writer);
      return truth === 'lost' && deed === 'fill' ? 'either' : truth;
    });
    writes.push({ path, at, by: writer?.id ?? null, deed, pieces: next, text, gone, isStale });
  };
  const truthOf = (piece: Piece, path: string, writer: Writer | null): Truth => {
    if (writer?.seen.get(path)?.has(piece.id)) return 'meant';
    const isMet = writer?.met.has(wordsIn(piece)) ?? false;
    const isElsewhere = [...disk].some(
      ([other, pieces]) => other !== path && pieces.some(each => holds(each, piece.id)),
    );
    return isMet || isElsewhere ? 'either' : 'lost';
  };

  /** Writes the whole file. */
  const save = (writer: Writer, path: string, next: readonly Piece[], deed: string, from: readonly Piece[]) => {
    const now = disk.get(path);
    const before = textOn(path);
    if (render(next).text === before) return;
    const isStale = now !== undefined && now !== from;
    write(writer, path, next, deed, isStale);
    const text = render(next).text;
    told.push({ by: writer.id, at, path, does: 'write', before, after: text, shown: text });
    see(writer, path, next);
    writer.held.set(path, next);
    writer.copies.push({ path, pieces: next });
  };

  for (const [path, text] of base)
    write(
      null,
      path,
      cut(text).map(made => make(made)),
      'first',
    );
  const [main = ''] = base.keys();
  const count = 4 + random.int(16);
  for (let i = 0; i < count; i++) {
    pass();
    const writer = random.pick(writers);
    const paths = [...disk.keys()];
    const path = random.chance(0.8) && disk.has(main) ? main : random.pick(paths);
    const does = random.weighted<string>({ ...often, ...specials, ...usualFor(disk.get(path)!) });
    const held = writer.held.get(path);
    const usesHeld = held !== undefined && random.chance(chances.held);
    if (does === 'read') {
      read(writer, path);
      continue;
    }
    if (does === 'blind') {
      if (held) continue;
      save(writer, path, deeds.rewrite!([make({ kind: 'heading', text: '# Notes', apart: false })], kit)!, does, []);
      continue;
    }
    if (does === 'undo') {
      const own = writer.copies.filter(copy => copy.path === path);
      if (own.length >= 2 && disk.has(path)) save(writer, path, own.at(-2)!.pieces, does, held ?? []);
      continue;
    }
    if (does === 'replaceOwn') {
      const { last } = writer;
      if (last === null || at - last.at > 30 * minute || disk.get(last.path) !== writer.held.get(last.path)) continue;
      const next = adding[random.pick(['addEntry', 'addSection', 'addText'] as const)](last.before, kit);
      if (next) save(writer, last.path, next, does, disk.get(last.path)!);
      writer.last = null;
      continue;
    }
    if (does === 'revert') {
      // Somebody looks at what there is, and wants the older text back.
      const older = writes
        .filter(each => each.path === path && each.pieces)
        .slice(0, -1)
        .at(-1 - random.int(3));
      const now = read(writer, path);
      at += (1 + random.int(30)) * second;
      if (older && now) save(writer, path, older.pieces!, does, now);
      continue;
    }
    const copy = usesHeld ? held : read(writer, path);
    if (!copy || copy.length === 0) continue;
    if (!usesHeld) at += (1 + random.int(60)) * second;
    if (does === 'move') {
      const other = paths.find(each => each !== path && !each.startsWith('memory/')) ?? null;
      const [taken, left] = takenFrom(copy, random);
      if (other === null || taken.length === 0 || left.length === 0) continue;
      const there = read(writer, other)!;
      const goesFirst = random.chance(0.3);
      if (goesFirst) save(writer, path, left, does, copy);
      at += (2 + random.int(40)) * second;
      save(writer, other, [...there, ...taken], does, there);
      at += (2 + random.int(40)) * second;
      if (!goesFirst) save(writer, path, left, does, usesHeld ? copy : disk.get(path)!);
      continue;
    }
    const next = deeds[does]!(copy, kit);
    if (!next) continue;
    const changed = next.filter(piece => !copy.includes(piece));
    const went = copy.filter(piece => !next.includes(piece));
    const now = disk.get(path)!;
    const small = changed.length + went.length <= 3 && went.every(piece => now.includes(piece));
    if (small && random.chance(chances.inPlace)) {
      const inPlace = patched(now, copy, next);
      if (!inPlace) continue;
      const before = textOn(path);
      withTopics(path, inPlace, changed, went, () => write(writer, path, inPlace, `${does} in place`), writer);
      const shown = [...changed, ...went].map(piece => piece.text).join('\n');
      told.push({ by: writer.id, at, path, does: 'edit', before, after: textOn(path)!, shown });
      see(writer, path, changed);
      writer.held.set(path, now === copy ? inPlace : next);
      if (now === copy) writer.copies.push({ path, pieces: inPlace });
      continue;
    }
    writer.last = does in adding ? { path, before: copy, at } : null;
    withTopics(path, next, changed, went, () => save(writer, path, next, does, copy), writer);
  }
  return { writes, deeds: told, writers: writers.map(({ id }) => id), end: at, git: { moves: [], held: [] } };

  function writerOf(id: string): Writer {
    return { id, held: new Map(), seen: new Map(), met: new Set(), copies: [], last: null };
  }

  /** An index and the files it names: whoever writes a line writes the file, and a line goes with its file. */
  function withTopics(
    path: string,
    next: readonly Piece[],
    changed: readonly Piece[],
    went: readonly Piece[],
    saveIndex: () => void,
    writer: Writer,
  ): void {
    if (!path.endsWith('MEMORY.md')) {
      saveIndex();
      return;
    }
    const filesOf = ({ text }: Piece) => [...text.matchAll(/\]\(([^)]+\.md)\)/g)].map(match => match[1]!);
    const fresh = changed.flatMap(filesOf).filter(file => !disk.has(`memory/${file}`));
    const isAfter = random.chance(0.3);
    if (isAfter) saveIndex();
    for (const file of fresh.slice(0, 3)) {
      at += (1 + random.int(15)) * second;
      const pieces = cut(topic(file.replace(/\.md$/, ''), words, random)).map(made => make(made));
      save(writer, `memory/${file}`, pieces, 'new file', pieces);
    }
    const kept = new Set(next.flatMap(filesOf));
    const dropped = went.flatMap(filesOf).filter(file => !kept.has(file));
    if (random.chance(0.6)) {
      for (const file of dropped) {
        at += (1 + random.int(5)) * second;
        if (disk.has(`memory/${file}`)) write(writer, `memory/${file}`, null, 'delete');
      }
    }
    if (!isAfter) {
      at += (1 + random.int(20)) * second;
      saveIndex();
    }
  }
}

const spans = {
  seconds: [2 * second + 500, minute],
  minutes: [minute, 15 * minute],
  hours: [15 * minute, 180 * minute],
  day: [180 * minute, 24 * 60 * minute],
} as const;

export function holds(piece: Piece, id: number): boolean {
  return piece.id === id || piece.from.has(id);
}

/** What it says, without the mark in front of it and however it is wrapped. */
function wordsIn({ text }: Piece): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/^(?:[-*+]|\d+[.)]|#+)\s/, '')
    .trim();
}

/** Pieces that stood before and, neither themselves nor what they became, stand no longer. */
function goneIn(before: readonly Piece[], after: readonly Piece[], truthOf: (piece: Piece) => Truth): Write['gone'] {
  const texts = new Map<string, number>();
  for (const piece of after) texts.set(wordsIn(piece), (texts.get(wordsIn(piece)) ?? 0) + 1);
  const stays = new Set<Piece>();
  for (const piece of before) {
    const left = texts.get(wordsIn(piece)) ?? 0;
    if (left === 0) continue;
    texts.set(wordsIn(piece), left - 1);
    stays.add(piece);
  }
  const gone = new Map<number, { piece: Piece; truth: Truth }>();
  for (const piece of before) {
    if (stays.has(piece)) continue;
    const truth = truthOf(piece);
    const isStill = after.some(each => holds(each, piece.id));
    if (isStill && truth === 'meant') continue;
    // A line that was shortened and is long again, or an older wording of one that stands: never seen, and yet not missed.
    const isWithin = isStill || after.some(each => wordsIn(each).includes(wordsIn(piece)));
    gone.set(piece.id, { piece, truth: isWithin && truth === 'lost' ? 'either' : truth });
  }
  return gone;
}

/** What is done to a file of that title besides. */
function usualFor([title]: readonly Piece[]): Readonly<Record<string, number>> {
  if (title?.text === '# Status') return oftenTo.form;
  return title?.text === '# Inbox' ? oftenTo.inbox : {};
}

/** A section, or one to three entries; and what is left. */
function takenFrom(pieces: readonly Piece[], random: Random): readonly [readonly Piece[], readonly Piece[]] {
  const fits = (piece: Piece) => piece.kind === 'item' || (piece.kind === 'heading' && piece.text.startsWith('##'));
  const places = pieces.flatMap((piece, i) => (fits(piece) ? [i] : []));
  if (places.length === 0) return [[], pieces];
  const from = random.pick(places);
  const to = pieces[from]!.kind === 'heading' ? sectionAt(pieces, from)[1] : from + 1 + random.int(2);
  const taken = pieces.slice(from, to).filter(piece => piece.kind !== 'fixed');
  if (taken.length * 2 > pieces.length) return [[], pieces];
  return [taken, pieces.filter(piece => !taken.includes(piece))];
}

/** The same change made to what stands there now; null where the place is gone. */
function patched(now: readonly Piece[], from: readonly Piece[], to: readonly Piece[]): readonly Piece[] | null {
  let made = now;
  const went = from.filter(piece => !to.includes(piece));
  const came = to.filter(piece => !from.includes(piece));
  for (const piece of came) {
    const origin = went.find(old => piece.from.has(old.id));
    const at = origin ? made.indexOf(origin) : made.indexOf(to[to.indexOf(piece) - 1]!) + 1;
    if (at < 0 || (!origin && at === 0)) return null;
    made = origin ? made.with(at, piece) : [...made.slice(0, at), piece, ...made.slice(at)];
  }
  return made.filter(piece => !went.includes(piece) || to.includes(piece));
}
