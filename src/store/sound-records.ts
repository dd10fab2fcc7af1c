/**
 * What a record must be so that commands can work with it. Stores of all versions of undertext pass; one that somebody else
 * made, or damaged, may say anything. The store itself keeps whatever it is given.
 */
import type { Note } from '../model.ts';
import type { Damage, Store } from './store.ts';

type Is = (value: unknown) => boolean;

const text: Is = value => typeof value === 'string';
const truth: Is = value => typeof value === 'boolean';
/** A moment that a calendar has (ECMA-262: 8.64e15 ms from 1970), or another number of that size. */
const number: Is = value => typeof value === 'number' && Math.abs(value) <= 8.64e15;
const orNull =
  (is: Is): Is =>
  value =>
    value === null || is(value);
const leftOut =
  (is: Is): Is =>
  value =>
    value === undefined || is(value);
const list =
  (of: Is): Is =>
  value =>
    Array.isArray(value) && value.every(of);
const one =
  (...words: readonly string[]): Is =>
  value =>
    words.includes(value as string);
const fields =
  (shape: Readonly<Record<string, Is>>): Is =>
  value =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.entries(shape).every(([name, is]) => is((value as Record<string, unknown>)[name]));

const writer = leftOut(orNull(fields({ kind: text, certainty: leftOut(text), label: leftOut(orNull(text)) })));
const version = orNull(fields({ version: text, at: number, writer, blob: leftOut(orNull(text)) }));
const place = fields({ root: text, path: text });
const unit = fields({ kind: text, name: text, text, place: text, fingerprint: text });
const incident = fields({
  id: text,
  state: one('open', 'accepted', 'resolved'),
  severity: one('low', 'medium', 'high'),
  certainty: one('proven', 'likely', 'possible'),
  root: text,
  path: text,
  message: text,
  lost: version,
  cause: version,
  base: version,
  units: list(unit),
  fingerprints: list(text),
  findings: list(fields({ rule: text, message: text, evidence: list(text) })),
  restore: leftOut(orNull(text)),
  advice: leftOut(text),
  proposed: leftOut(list(text)),
  closed: leftOut(orNull(text)),
  forgotten: leftOut(number),
  timeline: leftOut(list(fields({ at: number }))),
});

const shapes: Readonly<Record<string, Is>> = {
  root: fields({ name: text, path: text, looked: leftOut(truth) }),
  gap: fields({
    from: number,
    to: leftOut(orNull(number)),
    why: text,
    root: leftOut(orNull(text)),
    paths: list(text),
  }),
  incident: fields({
    type: one('opened', 'resolved', 'accepted', 'reopened'),
    id: text,
    incident,
    reason: leftOut(orNull(text)),
  }),
  restore: fields({
    id: text,
    kind: text,
    root: text,
    path: text,
    at: number,
    before: orNull(text),
    after: orNull(text),
    incident: leftOut(orNull(text)),
    undoes: leftOut(orNull(text)),
    batch: leftOut(text),
    decision: leftOut(fields({ choice: orNull(text), of: number, left: number })),
  }),
  forgotten: fields({ versions: list(text), paths: leftOut(list(place)), reason: leftOut(orNull(text)) }),
  prune: fields({
    at: number,
    versions: number,
    bytes: number,
    isForced: truth,
    lastTexts: leftOut(number),
    thinned: list(fields({ root: text, path: orNull(text), until: number })),
  }),
  lost: value =>
    fields({ versions: list(text), blobs: list(text) })(value) &&
    (value as { versions: unknown[] }).versions.length === (value as { blobs: unknown[] }).blobs.length,
  import: fields({ versions: list(fields({ id: text, kind: text, tier: text })) }),
  commit: fields({
    commits: list(fields({ message: text })),
    versions: list(value => Array.isArray(value) && text(value[0]) && number(value[1])),
  }),
};

/** True for a note whose readers can read it; one of a kind that only a later undertext knows has no reader. */
export function isSound({ kind, at, data }: Note): boolean {
  return number(at) && (Object.hasOwn(shapes, kind) ? shapes[kind]!(data) : true);
}

const noPart = /(?:^|\/)\.{0,2}(?:\/|$)/;

/** True for a path that a file of a root can have, or one beside it (`../.claude.json`). */
export function isPath(path: string): boolean {
  const inside = path.startsWith('../') && !path.includes('/', 3) ? path.slice(3) : path;
  return !noPart.test(inside) && !path.includes('\0');
}

const whole = new WeakMap<Store, Store>();

/** The store without versions of paths that no file can have, and without notes that their readers could not read. */
export function withSoundRecords(store: Store): Store {
  const sound = new Map<Note, boolean>();
  const isKnownSound = (note: Note): boolean => {
    const known = sound.get(note) ?? isSound(note);
    sound.set(note, known);
    return known;
  };
  const own: Pick<Store, 'notes' | 'versions' | 'latest' | 'paths' | 'byPath' | 'withId'> = {
    notes: kind => store.notes(kind).filter(isKnownSound),
    versions: key => (isPath(key.path) ? store.versions(key) : []),
    latest: key => (isPath(key.path) ? store.latest(key) : undefined),
    *paths() {
      for (const version of store.paths()) if (isPath(version.path)) yield version;
    },
    byPath: () => store.byPath().filter(([first]) => first === undefined || isPath(first.path)),
    withId: prefix => store.withId(prefix).filter(({ path }) => isPath(path)),
  };
  const filtered = new Proxy(store, {
    get: (target, name) => {
      if (Object.hasOwn(own, name)) return own[name as keyof typeof own];
      // Everything else is the store's own, with its own `this`.
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  whole.set(filtered, store);
  return filtered;
}

/** What `withSoundRecords` leaves out, as damage. */
export function oddRecords(store: Store): readonly Damage[] {
  const all = whole.get(store) ?? store;
  const where = 'history';
  const notes = Object.keys(shapes).flatMap((kind): readonly Damage[] => {
    const odd = all.notes(kind as Note['kind']).filter(note => !isSound(note));
    const what = `${odd.length} × a note of the kind ${kind} that nobody can read`;
    return odd.length === 0 ? [] : [{ where, what, versions: [] }];
  });
  const paths = all.byPath().filter(([first]) => first !== undefined && !isPath(first.path));
  return [...notes, ...paths.map(versions => ({ where, what: 'a path that no file can have', versions }))];
}
