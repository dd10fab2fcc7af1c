/** `undertext find TEXT`: which versions of which files held this text, and when it went. */
import { type Seeker, seekerFor } from '../documents/seek.ts';
import type { Version } from '../model.ts';
import { type Found, findJson, findText } from '../report/find-text.ts';
import { keptWhole, type Store } from '../store/store.ts';
import type { Command } from './command.ts';
import { oneArgument } from './one-argument.ts';
import { progressLine } from './progress.ts';
import { withSetup } from './setup.ts';

export const find: Command = {
  name: 'find',
  summary: 'says which versions of which files held a text, and when it went',
  usage: ['find TEXT'],
  arguments: 1,
  options: { 'ignore-case': { type: 'boolean', short: 'i', help: 'capital and small letters are the same' } },
  examples: [
    { line: 'undertext find "voice-buffer"', does: 'the files that have or had it, those that lost it first' },
    { line: 'undertext find -i "double emit"', does: 'however it was written' },
  ],
  exits: { 0: 'searched; it says when no version ever held it' },
  run: call =>
    withSetup(call, 'read', async setup => {
      const text = oneArgument(call.arguments, 'find TEXT');
      const seeker = seekerFor(text, call.has('ignore-case'));
      const names = new Set(setup.roots.map(root => root.name));
      const progress = progressLine(setup.world.err);
      const show = (done: number, of: number) => progress.show(`looking into ${done} of ${of} files`);
      const found = await search(setup.store, names, seeker, show).finally(() => progress.clear());
      await setup.print(setup.json ? findJson(text, found) : findText(text, found, setup.style, setup.world.now()));
      return 0;
    }),
};

/** Looks at every content once; those that lost the text come first. */
export async function search(
  store: Pick<Store, 'paths' | 'versions' | 'pieces' | 'startsWith'>,
  roots: ReadonlySet<string>,
  seeker: Seeker,
  onProgress: (done: number, of: number) => void = () => {},
): Promise<readonly Found[]> {
  const newest = [...store.paths()].filter(version => roots.has(version.root));
  const found: Found[] = [];
  const ends = new Map<string, number>();
  for (const [index, { root, path }] of newest.entries()) {
    onProgress(index, newest.length);
    const versions = store.versions({ root, path });
    await seek(versions, store, seeker, ends);
    const hits: Version[] = [];
    let gone: Version | null = null;
    for (const version of versions) {
      if (version.blob !== null && ends.get(version.blob) !== Number.POSITIVE_INFINITY) {
        hits.push(version);
        gone = null;
      } else if (hits.length > 0) gone ??= version;
    }
    if (hits.length > 0) found.push({ root, path, first: hits[0]!, last: hits.at(-1)!, count: hits.length, gone });
  }
  return found.sort((a, b) => Number(b.gone !== null) - Number(a.gone !== null) || b.last.seenAt - a.last.seenAt);
}

/**
 * Where the text first ends in each content. A log is read once, at its longest: what it grew from holds the text when
 * the first occurrence ends within it.
 */
async function seek(
  versions: readonly Version[],
  store: Pick<Store, 'pieces' | 'startsWith'>,
  seeker: Seeker,
  ends: Map<string, number>,
): Promise<void> {
  let longest: Version | null = null;
  for (const version of versions.toReversed()) {
    const { blob, size } = version;
    if (blob === null || ends.has(blob)) continue;
    if (longest && size <= longest.size && (await store.startsWith(longest.blob!, blob))) {
      const end = ends.get(longest.blob!)!;
      ends.set(blob, end <= size ? end : Number.POSITIVE_INFINITY);
      continue;
    }
    ends.set(blob, await seeker.firstEnd(store.pieces(blob)));
    // To compare what is small costs as much as to read it.
    longest = size > keptWhole ? version : null;
  }
}
