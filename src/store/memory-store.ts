import type { Observation, Time, Version } from '../model.ts';
import { changedUnderway, noSuchBlob } from './blob-errors.ts';
import { blobName } from './blob-name.ts';
import { emptyCatalogue } from './catalogue.ts';
import type { Holder, Lease, Store } from './store.ts';
import { makeFreeId } from './version-id.ts';

/** A store that forgets everything when its process ends; for tests, and for a look at a folder without keeping it. */
export function memoryStore(options: { now?: () => Time } = {}): Store {
  const now = options.now ?? Date.now;
  const catalogue = emptyCatalogue();
  const blobs = new Map<string, Uint8Array>();
  let counter = 0;
  let post: Holder | null = null;

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
    versions: catalogue.versions,
    latest: catalogue.latest,
    paths: catalogue.paths,
    withId: catalogue.withId,
    async note(notes) {
      for (const note of notes) catalogue.addNote({ id: String(counter++), note: structuredClone(note) });
    },
    notes: catalogue.notes,
    async refresh() {},
    async seal() {},
    async claim(_, about) {
      if (post) return post;
      post = { pid: 0, host: '(memory)', since: now(), about };
      const lease: Lease = {
        async update(next) {
          if (post) post = { ...post, about: next };
        },
        async release() {
          post = null;
        },
      };
      return lease;
    },
    async holder() {
      return post;
    },
    async size() {
      const all = [...catalogue.all()];
      const bytes = [...blobs.values()].reduce((sum, blob) => sum + blob.length, 0);
      const since = all.reduce<Time | null>((min, { seenAt }) => Math.min(min ?? seenAt, seenAt), null);
      return { path: '(memory)', bytes, versions: all.length, since, sealed: 0 };
    },
    async verify(onProgress) {
      onProgress?.(blobs.size, blobs.size);
      return { versions: catalogue.size, objects: blobs.size, damage: [] };
    },
    async close() {},
  };
}
