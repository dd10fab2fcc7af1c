/** `undertext diff PATH[@V] [PATH@V]`: between two versions, or a version and the disk. */
import { readFileSync } from 'node:fs';
import { unifiedDiff } from '../documents/diff.ts';
import { parseDocument } from '../documents/document.ts';
import { UndertextError } from '../errors.ts';
import { inARow } from '../history/history.ts';
import { diskPath } from '../names.ts';
import { coloredDiff, diffJson } from '../report/diff-text.ts';
import type { Command } from './command.ts';
import { bytesOf, isMissing, type PathAt, pathAt } from './path-arguments.ts';
import { type Setup, withSetup } from './setup.ts';

export const diff: Command = {
  name: 'diff',
  summary: 'shows what changed between two versions, or between a version and the disk',
  usage: ['diff PATH', 'diff PATH@VERSION', 'diff PATH@VERSION PATH@VERSION'],
  arguments: 2,
  options: {},
  examples: [
    { line: 'undertext diff CLAUDE.md', does: 'the newest version against the one before' },
    { line: 'undertext diff CLAUDE.md@2h', does: 'two hours ago against the disk' },
    { line: 'undertext diff CLAUDE.md@m4xk CLAUDE.md@p9wa', does: 'two versions by their ids' },
  ],
  exits: { 0: 'shown (nothing is printed when they are equal)' },
  run: call =>
    withSetup(call, 'read', async setup => {
      const [first, second] = call.arguments;
      if (first === undefined) {
        throw new UndertextError(
          'usage',
          '`undertext diff` takes one or two paths',
          '`undertext diff --help` shows examples',
        );
      }
      const [before, after] = await sides(
        setup,
        pathAt(setup, first),
        second === undefined ? null : pathAt(setup, second),
      );
      const text = unifiedDiff(before.text, after.text, before.name, after.name);
      if (setup.json) await setup.print(diffJson(before.name, after.name, text));
      else if (text !== '') await setup.print(coloredDiff(text, setup.style));
      return 0;
    }),
};

interface Side {
  readonly name: string;
  readonly text: string;
}

async function sides(setup: Setup, first: PathAt, second: PathAt | null): Promise<readonly [Side, Side]> {
  if (second) return [await kept(setup, first), await kept(setup, second)];
  if (first.version) return [await kept(setup, first), onDisk(first)];
  // Two processes may have kept one write.
  const before = inARow(first.versions).at(-2);
  return [
    before ? await kept(setup, { ...first, version: before }) : { name: '/dev/null', text: '' },
    await kept(setup, first),
  ];
}

async function kept(setup: Setup, file: PathAt): Promise<Side> {
  const version = file.version ?? file.versions.at(-1)!;
  const text = parseDocument(file.path, await bytesOf(setup, version)).text;
  return { name: `${file.path}@${version.id}`, text };
}

function onDisk(file: PathAt): Side {
  const { path, root } = file;
  // A store that somebody else made may name any file of this machine.
  if (path.split('/').includes('..') && !root.beside.includes(path)) {
    throw new UndertextError('refused', `${path} is not a file of ${root.path}`, 'name a path inside a root');
  }
  try {
    return { name: file.path, text: parseDocument(file.path, readFileSync(diskPath(file.root, file.path))).text };
  } catch (error) {
    if (isMissing(error)) return { name: '/dev/null', text: '' };
    throw new UndertextError('disk', `cannot read ${file.path}`, 'check its permissions', error);
  }
}
