/** `undertext find TEXT`: which versions of which files held this text, and when it went. */
import type { Version } from '../model.ts';
import { type Found, findJson, findText } from '../report/find-text.ts';
import type { Command } from './command.ts';
import { oneArgument } from './one-argument.ts';
import { progressLine } from './progress.ts';
import { type Setup, withSetup } from './setup.ts';

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
      const found = await search(setup, text, call.has('ignore-case'));
      await setup.print(setup.json ? findJson(text, found) : findText(text, found, setup.style, setup.world.now()));
      return 0;
    }),
};

/** Looks at every content once; those that lost the text come first. */
async function search(setup: Setup, text: string, ignoreCase: boolean): Promise<readonly Found[]> {
  const names = new Set(setup.roots.map(root => root.name));
  const newest = [...setup.store.paths()].filter(version => names.has(version.root));
  const holds = await searcher(setup, text, ignoreCase);
  const progress = progressLine(setup.world.err);
  const found: Found[] = [];
  for (const [index, { root, path }] of newest.entries()) {
    progress.show(`looking into ${index} of ${newest.length} files`);
    const hits: Version[] = [];
    let gone: Version | null = null;
    for (const version of setup.store.versions({ root, path })) {
      if (await holds(version)) {
        hits.push(version);
        gone = null;
      } else if (hits.length > 0) gone ??= version;
    }
    if (hits.length > 0) found.push({ root, path, first: hits[0]!, last: hits.at(-1)!, count: hits.length, gone });
  }
  progress.clear();
  return found.sort((a, b) => Number(b.gone !== null) - Number(a.gone !== null) || b.last.seenAt - a.last.seenAt);
}

async function searcher(
  setup: Setup,
  text: string,
  ignoreCase: boolean,
): Promise<(version: Version) => Promise<boolean>> {
  const known = new Map<string, boolean>();
  const needle = Buffer.from(text);
  const folded = text.toLowerCase();
  return async ({ blob }) => {
    if (blob === null) return false;
    const before = known.get(blob);
    if (before !== undefined) return before;
    const bytes = Buffer.from(await setup.store.read(blob));
    const isHit = ignoreCase ? bytes.toString('utf8').toLowerCase().includes(folded) : bytes.includes(needle);
    known.set(blob, isHit);
    return isHit;
  };
}
