/** Where a plan takes its objects from: the journals that are sealed, or the packs that are packed anew. */
import { inflateSync } from 'node:zlib';
import { UndertextError } from '../../errors.ts';
import { objectName } from '../blob-name.ts';
import { readObjectRecord } from '../journal/journal.ts';
import type { JournalFile } from '../journal/journals.ts';
import type { Objects } from '../objects.ts';
import type { Stock, Stocked } from './pack-plan.ts';
import type { Pack, RawObject } from './pack-read.ts';

export function journalStock(files: readonly JournalFile[]): Stock {
  return {
    find: name => {
      for (const { fd, objects } of files) {
        const place = objects.get(name);
        if (!place) continue;
        const deflated = (): Buffer => readObjectRecord(fd, place);
        const inflated = () => inflateSync(deflated(), { maxOutputLength: place.size + 1 });
        const content = (): Buffer => whole(name, { type: place.type, content: inflated() }).content;
        return { type: place.type, size: place.size, deflated, content };
      }
      return null;
    },
    *names() {
      for (const { objects } of files) yield* objects.keys();
    },
  };
}

/** What was read must be what its name says: nothing is made of damaged content. */
function whole(name: string, object: RawObject): RawObject {
  if (objectName(object.type, object.content) === name) return object;
  throw new UndertextError('damaged', `the object ${name} is damaged`, 'run `undertext verify`');
}

/** `isWanted` leaves objects out, as if they did not stand there. */
export function packStock(packs: readonly Pack[], objects: Objects, isWanted: (name: string) => boolean): Stock {
  const find = (name: string): Stocked | null => {
    const key = Buffer.from(name, 'hex');
    for (const pack of packs) {
      const offset = pack.index.find(key);
      if (offset < 0) continue;
      if (!isWanted(name)) return null;
      const { type, size } = pack.describe(offset);
      const read = () =>
        whole(
          name,
          pack.read(offset, base => objects.readStored(base)),
        );
      if (type !== null) return { type, size, content: () => read().content, deflated: () => pack.deflated(offset) };
      const made = read();
      return { type: made.type, size: made.content.length, content: () => made.content, deflated: null };
    }
    return null;
  };
  return {
    find,
    *names() {
      for (const { index } of packs) for (const name of index.names()) if (isWanted(name)) yield name;
    },
  };
}
