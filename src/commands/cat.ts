/** `undertext cat PATH@VERSION`: the exact bytes of a version. */
import { UndertextError } from '../errors.ts';
import { visible } from '../report/visible.ts';
import type { Command } from './command.ts';
import { oneArgument } from './one-argument.ts';
import { contentName, pathAt } from './path-arguments.ts';
import { withSetup } from './setup.ts';

export const cat: Command = {
  name: 'cat',
  summary: 'writes the exact bytes of a version to standard output',
  usage: ['cat PATH@VERSION'],
  arguments: 1,
  options: {},
  examples: [
    { line: 'undertext cat skills/_index.md@2h', does: 'as it stood two hours ago' },
    { line: 'undertext cat CLAUDE.md@m4xk > old.md', does: 'a version by its id, or a prefix of it' },
  ],
  exits: { 0: 'written' },
  run: call =>
    withSetup(call, 'read', async setup => {
      const file = pathAt(setup, oneArgument(call.arguments, 'cat PATH@VERSION'));
      const version = file.version ?? file.versions.at(-1)!;
      if (version.kind === 'gone') {
        throw new UndertextError(
          'not-found',
          `${visible(file.path)} was deleted in version ${version.id}`,
          `\`undertext log ${visible(file.path)}\` lists the versions before`,
        );
      }
      const content = contentName(setup, version);
      // Piece by piece: a log may be bigger than memory.
      for await (const piece of content === null ? [] : setup.store.pieces(content)) await setup.world.out.write(piece);
      return 0;
    }),
};
