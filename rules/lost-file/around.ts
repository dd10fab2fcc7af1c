/** What happened to other files around a deletion: where its text went, and which list left it out. */
import type { FolderHistory, PathHistory, RuleTools, Time, Version } from '../../src/rule.ts';
import { folderOf, isOutOfReach, nameOf } from '../../src/rule.ts';
import type { Death } from './deaths.ts';
import { bundleOf, standing, timeBeside } from './deaths.ts';

/** Text is gathered into another file before its own is deleted; a list is put in order before or after. */
const BEFORE_MS = 30 * 60_000;
const AFTER_MS = 10 * 60_000;
/** No more files than this are read for one deletion. */
const NEIGHBOURS = 60;
/** So much of a text must stand in one other file, or in all that gained it: the rest is its head, and words. */
export const MOST = 0.6;
/** Of longer texts the beginning is compared. */
const LONG = 200_000;
/** A file that gained none of so many phrases of a text gained next to nothing of it. */
const SAMPLE = 100;
/** The phrases of so many texts are kept. */
const KEPT = 300;

/** Another file that changed around then: what stood there before and after. */
export interface Change {
  readonly file: PathHistory;
  readonly old: Version | null;
  readonly now: Version;
}

export interface Around {
  /** Nearest first. */
  changes(death: Death): readonly Change[];
  /**
   * How much of the text stands in other files, 0 to 1; beyond `MOST` nobody counts. A whole copy where its reader does not
   * look is none of them.
   */
  partElsewhere(death: Death): Promise<number>;
  /** The path of a whole copy where its reader does not look; null when there is none. */
  setAsideAt(death: Death): string | null;
  /** The file that named it before and does not any more; null when none did. */
  leftOutBy(death: Death): Promise<Change | null>;
  /** The list beside it that still names it; null when none does. */
  namedBy(death: Death): Promise<string | null>;
  /** The file that was made beside it then, under a name that goes on from its own, with half of its words; null when none was. */
  successorOf(death: Death): Promise<string | null>;
}

/** So much of a text that came into another file around then is what somebody kept of it. */
export const SOME = 0.15;

export function around(folder: FolderHistory, tools: RuleTools): Around {
  const texts = new Map<string, string>();
  // Nobody asks for their units: what is decoded here costs a tenth of what a document does.
  const textOf = async (version: Version | null): Promise<string> => {
    if (version?.kind !== 'file' || version.blob === null || version.size > 4 * LONG) return '';
    const known = texts.get(version.blob);
    if (known !== undefined) return known;
    const bytes = await tools.bytes(version);
    const text = bytes.includes(0) ? '' : new TextDecoder().decode(bytes).slice(0, LONG);
    texts.set(version.blob, text);
    return text;
  };

  const kept = folder.files.filter(file => file.class === 'authored' || file.class === 'state');
  const blobs = new Map<string, PathHistory[]>();
  const times = new Map<number, Set<PathHistory>>();
  for (const file of kept) {
    const newest = file.versions.at(-1);
    if (newest?.kind === 'file' && newest.blob !== null)
      blobs.set(newest.blob, [...(blobs.get(newest.blob) ?? []), file]);
    for (const version of file.versions) {
      const { kind, at, seenAt } = version;
      if (kind !== 'file') continue;
      // What was there at the first look came when it says, and not then.
      const moments = tools.isFirstLook(version) ? [slot(at)] : [slot(at), slot(seenAt)];
      for (const time of moments) {
        const those = times.get(time);
        if (those) those.add(file);
        else times.set(time, new Set([file]));
      }
    }
  }

  const foundBefore = ({ versions: [first] }: PathHistory, at: Time): Version | null =>
    first !== undefined && tools.isFirstLook(first) && first.at <= at ? first : null;

  const asked = new Map<Death, readonly Change[]>();
  const changes = (death: Death): readonly Change[] => {
    const known = asked.get(death);
    if (known) return known;
    const { file: dead, gone } = death;
    const found: Change[] = [];
    const files = new Set<PathHistory>();
    for (let time = slot(gone.seenAt - BEFORE_MS); time <= slot(gone.seenAt + AFTER_MS); time++)
      for (const file of times.get(time) ?? []) files.add(file);
    files.delete(dead);
    for (const file of files) {
      const now = standing(file, gone, AFTER_MS);
      const old = standing(file, gone, -BEFORE_MS) ?? foundBefore(file, gone.seenAt - BEFORE_MS);
      if (now?.kind === 'file' && now.blob !== old?.blob) found.push({ file, old, now });
    }
    const distance = ({ file, now }: Change) =>
      nameOf(file.path) === nameOf(dead.path) ? -1 : Math.abs(timeBeside(gone, now) - gone.seenAt);
    const nearest = found.sort((a, b) => distance(a) - distance(b)).slice(0, NEIGHBOURS);
    asked.set(death, nearest);
    return nearest;
  };

  const phrases = new Map<string, ReadonlySet<number>>();
  const phrasesIn = async (version: Version | null): Promise<ReadonlySet<number>> => {
    const key = version?.blob ?? '';
    const made = phrases.get(key) ?? phrasesOf(await textOf(version));
    if (phrases.size >= KEPT) phrases.clear();
    phrases.set(key, made);
    return made;
  };

  // What stands in a settings file now is not where a note went.
  const mayHold = (file: PathHistory, dead: PathHistory) => file.class === 'authored' || file.class === dead.class;
  const copiesOf = ({ file: dead, lost }: Death) => (blobs.get(lost.blob ?? '') ?? []).filter(file => file !== dead);

  const partElsewhere = async (death: Death): Promise<number> => {
    const isOut = (path: string) => isOutOfReach(path, death.file.path);
    if (copiesOf(death).some(file => mayHold(file, death.file) && !isOut(file.path))) return 1;
    const missing = phrasesOf(bodyOf(await textOf(death.lost)));
    const wanted = missing.size;
    const some = [...missing].filter((_, i) => i % Math.ceil(wanted / SAMPLE) === 0);
    for (const { file, old, now } of wanted === 0 ? [] : changes(death)) {
      if (!mayHold(file, death.file) || (now.blob === death.lost.blob && isOut(file.path))) continue;
      const before = await phrasesIn(old);
      const after = await phrasesIn(now);
      if (!some.some(phrase => after.has(phrase) && !before.has(phrase))) continue;
      for (const phrase of missing) if (after.has(phrase) && !before.has(phrase)) missing.delete(phrase);
      if (wanted - missing.size >= MOST * wanted) break;
    }
    return wanted === 0 ? 0 : (wanted - missing.size) / wanted;
  };

  return {
    changes,
    partElsewhere,

    setAsideAt(death) {
      return copiesOf(death).find(({ path }) => isOutOfReach(path, death.file.path))?.path ?? null;
    },

    async leftOutBy(death) {
      const bundle = bundleOf(death.file.path);
      // From outside a part is called by the name of its skill, within the skill by its own.
      const outside = callsOf(death.file.path, bundle);
      const inside = bundle === null ? outside : callsOf(death.file.path, null);
      for (const change of changes(death)) {
        if (change.old === null) continue;
        const calls = bundle !== null && change.file.path.startsWith(`${bundle}/`) ? inside : outside;
        if (calls(await textOf(change.old)) && !calls(await textOf(change.now))) return change;
      }
      return null;
    },

    async successorOf(death) {
      const { path } = death.file;
      const isNext = (other: string) =>
        folderOf(other) === folderOf(path) && goesOn(nameOf(other), nameOf(path)) && !isOutOfReach(other, path);
      const next = changes(death).find(({ file, old }) => old === null && isNext(file.path));
      if (!next) return null;
      const wanted = wordsIn(await textOf(death.lost));
      const there = wordsIn(await textOf(next.now));
      return [...wanted].filter(word => there.has(word)).length * 2 >= wanted.size ? next.file.path : null;
    },

    async namedBy({ file: dead }) {
      const bundle = bundleOf(dead.path);
      const calls = callsOf(dead.path, bundle);
      const folder = folderOf(bundle ?? dead.path);
      for (const { path, versions } of kept) {
        const isList = folderOf(path) === folder && /(^|[-_/])(memory|index|moc|map)s?\.md$/i.test(path);
        if (!isList || path === dead.path || versions.at(-1)!.kind !== 'file') continue;
        if (calls(await textOf(versions.at(-1)!))) return path;
      }
      return null;
    },
  };
}

function wordsIn(text: string): ReadonlySet<string> {
  return new Set(text.match(/[\p{L}\p{N}]+/gu) ?? []);
}

/** `config.toml` after `config.json`, `servers_v2.json` after `servers.json`. */
function goesOn(name: string, from: string): boolean {
  const stem = from.replace(/(?<=.)\.[^.]+$/, '');
  return stem.length > 3 && name.startsWith(stem) && name !== from;
}

function slot(time: Time): number {
  return Math.floor(time / AFTER_MS);
}

/** What stands below the frontmatter. */
function bodyOf(text: string): string {
  return text.replace(/^\uFEFF?---\r?\n[\s\S]*?\n---[ \t]*(\r?\n|$)/, '');
}

/** Four words in a row, as one number; wherever the lines break and whatever marks them. */
export function phrasesOf(text: string): Set<number> {
  const words = (
    text
      .slice(0, LONG)
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  ).map(numberOf);
  const phrases = new Set<number>();
  const length = Math.min(4, words.length);
  for (let i = 0; length > 0 && i + length <= words.length; i++) {
    let phrase = 0;
    for (let j = i; j < i + length; j++) phrase = Math.imul(phrase ^ words[j]!, 0x01000193) ^ (phrase >>> 15);
    phrases.add(phrase);
  }
  return phrases;
}

/** FNV-1a, 32 bits. */
function numberOf(word: string): number {
  let hash = 0x811c9dc5 | 0;
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
  return hash;
}

/** Finds what a list calls the file by: its name, a stem that is a name, a plain one in brackets or quotes. */
function callsOf(path: string, bundle: string | null): (text: string) => boolean {
  const name = nameOf(bundle ?? path);
  const stem = bundle ? name : name.replace(/\.[^.]+$/, '');
  const plain = escaped(stem);
  const forms = [`["'\`[*]${plain}["'\`\\]*@]`, `\\]\\(<?(\\./)?${plain}/?[)>#]`];
  if (name !== stem) {
    // `README.md` of another folder is another file.
    const parent = nameOf(folderOf(path));
    const way = parent === '' ? '' : `|(?:[\\w.~$-]+/)*${escaped(parent)}/`;
    forms.push(`(?<![\\p{L}\\p{N}_./-])(?:\\./${way})?${escaped(name)}(?![\\p{L}\\p{N}_-])`);
  } else forms.push(`(?<![\\p{L}\\p{N}_-])${plain}/`);
  if (/[-_.\d]/.test(stem)) forms.push(bounded(plain));
  const fits = new RegExp(forms.join('|'), 'u');
  return text => text.includes(stem) && fits.test(text);
}

function bounded(text: string): string {
  return `(?<![\\p{L}\\p{N}_-])${text}(?![\\p{L}\\p{N}_-])`;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
