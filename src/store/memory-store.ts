import type { Observation, Time, Version } from '../model.ts';
import { changedUnderway, noSuchBlob } from './blob-errors.ts';
import { blobName } from './blob-name.ts';
import { emptyCatalogue } from './index/catalogue.ts';
import { type Holder, type Lease, type Store, trashKeptFor } from './store.ts';
import { makeFreeId } from './version-id.ts';
import type { KeptNote } from './version-line.ts';

/** A store that forgets everything when its process ends; for tests, and for a look at a folder without keeping it. */
export function memoryStore(options: { now?: () => Time; disk?: () => { free: number; total: number } } = {}): Store {
  const now = options.now ?? Date.now;
  const disk = options.disk ?? (() => ({ free: 1e12, total: 1e12 }));
  let catalogue = emptyCatalogue();
  const blobs = new Map<string, Uint8Array>();
  const notes: KeptNote[] = [];
  let trash: { readonly at: Time; readonly bytes: number }[] = [];
  let counter = 0;
  const posts = new Map<string, Holder>();

  const keepBytes = (bytes: Uint8Array): string => {
    const name = blobName(bytes);
    if (!blobs.has(name)) blobs.set(name, Uint8Array.from(bytes));
    return name;
  };

  const blobOf = ({ content }: Observation): string | null => {
    if (content === null) return null;
    if (content instanceof Uint8Array) return keepBytes(content);
    if (!blobs.has(content.blob)) throw noSuchBlob(content.blob);
    return content.blob;
  };

  const sizeOf = (contents: Iterable<Uint8Array>): number =>
    [...contents].reduce((sum, content) => sum + content.length, 0);
  const trashed = (): number => trash.reduce((sum, { bytes }) => sum + bytes, 0);

  return {
    path: '(memory)',
    repairs: [],
    async record(observations) {
      const kept = observations.map((observation): Version => {
        const { content: _, ...rest } = observation;
        const blob = blobOf(observation);
        const parts = ['memory', counter++, rest.root, rest.path, rest.seenAt, blob];
        return { ...rest, id: makeFreeId(parts, catalogue.hasVersion), blob, snapshot: null };
      });
      for (const version of kept) catalogue.add(version);
      return kept;
    },
    async keep(content, size, beginning) {
      const chunks: Uint8Array[] = [];
      if (beginning) {
        const whole = blobs.get(beginning.blob);
        if (!whole) throw noSuchBlob(beginning.blob);
        chunks.push(whole.subarray(0, beginning.bytes));
      }
      for await (const chunk of content) chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      if (bytes.length !== size) throw changedUnderway(size, bytes.length);
      return keepBytes(bytes);
    },
    async read(blob) {
      const bytes = blobs.get(blob);
      if (!bytes) throw noSuchBlob(blob);
      return Uint8Array.from(bytes);
    },
    async *pieces(blob) {
      const bytes = blobs.get(blob);
      if (!bytes) throw noSuchBlob(blob);
      yield Uint8Array.from(bytes);
    },
    versions: key => catalogue.versions(key),
    latest: key => catalogue.latest(key),
    paths: () => catalogue.paths(),
    byPath: () => catalogue.byPath(),
    withId: prefix => catalogue.withId(prefix),
    async note(added) {
      for (const note of added) {
        const kept = { id: String(counter++), note: structuredClone(note) };
        notes.push(kept);
        catalogue.addNote(kept);
      }
    },
    notes: kind => catalogue.notes(kind),
    async refresh() {},
    async seal() {},
    async claim(post, about) {
      const taken = posts.get(post);
      if (taken) return taken;
      posts.set(post, { pid: 0, host: '(memory)', since: now(), about });
      const lease: Lease = {
        async update(next) {
          const held = posts.get(post);
          if (held) posts.set(post, { ...held, about: next });
        },
        async release() {
          posts.delete(post);
        },
      };
      return lease;
    },
    async holder(post) {
      return posts.get(post) ?? null;
    },
    async size() {
      const { versions, since } = catalogue.size;
      return { path: '(memory)', bytes: sizeOf(blobs.values()) + trashed(), versions, since, sealed: 0 };
    },
    async verify(onProgress) {
      onProgress?.(blobs.size, blobs.size);
      return { versions: catalogue.size.versions, objects: blobs.size, damage: [], lost: [], sampled: null };
    },
    async repair() {
      return { rebuilt: [], fetched: [], setAside: [], lost: [] };
    },
    async drop(versions, onProgress) {
      const all = [...catalogue.all()];
      const left = all.filter(({ id }) => !versions.has(id));
      const dropped = all.length - left.length;
      if (dropped === 0) return { versions: 0, until: null };
      catalogue = emptyCatalogue();
      for (const version of left) catalogue.add(version);
      for (const note of notes) catalogue.addNote(note);
      const named = new Set(left.map(({ blob }) => blob));
      const gone = [...blobs].filter(([name]) => !named.has(name));
      for (const [name] of gone) blobs.delete(name);
      trash.push({ at: now(), bytes: sizeOf(gone.map(([, content]) => content)) });
      onProgress?.(dropped, dropped);
      return { versions: dropped, until: now() + trashKeptFor };
    },
    async emptyTrash(before) {
      const held = trashed();
      trash = trash.filter(({ at }) => at >= before);
      return held - trashed();
    },
    async forget(versions, redoNote) {
      const ids = new Set(versions.map(({ id }) => id));
      const all = [...catalogue.all()];
      catalogue = emptyCatalogue();
      for (const version of all) {
        const { size } = version;
        const withheld = { ...version, kind: 'withheld', blob: null, size: Math.min(size, 1) } as const;
        catalogue.add(ids.has(version.id) ? withheld : version);
      }
      notes.splice(0, notes.length, ...notes.map(({ id, note }) => ({ id, note: redoNote(note) })));
      for (const note of notes) catalogue.addNote(note);
      const named = new Set([...catalogue.all()].map(({ blob }) => blob));
      const gone = [...blobs].filter(([name]) => !named.has(name));
      for (const [name] of gone) blobs.delete(name);
      return sizeOf(gone.map(([, content]) => content));
    },
    async startsWith(whole, part) {
      const [long, short] = [blobs.get(whole), blobs.get(part)];
      if (!long || !short) throw noSuchBlob(long ? part : whole);
      return long.length >= short.length && Buffer.from(short).equals(long.subarray(0, short.length));
    },
    async room() {
      return { bytes: sizeOf(blobs.values()) + trashed(), trash: trashed(), ...disk() };
    },
    isThere: () => true,
    async close() {},
  };
}
