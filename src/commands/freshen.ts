/** What is asked of the present needs the present: the disk as it is now, and the transcripts up to their ends. */
import { UndertextError } from '../errors.ts';
import { visible } from '../report/visible.ts';
import type { Coverage } from '../sessions/collect.ts';
import { collectNow } from './collect-now.ts';
import type { Call, ExitCode } from './command.ts';
import { sayRepairs } from './repairs.ts';
import { scanRoots } from './scan-roots.ts';
import { type Setup, withSetup } from './setup.ts';

/**
 * Takes a snapshot, unless a watcher keeps everything anyway, and brings the evidence up to date. Where the disk allows
 * neither, `work` tells what was kept before: then `coverage` is null, and that is said.
 */
export async function withPresent(
  call: Call,
  work: (setup: Setup, coverage: Coverage | null) => Promise<ExitCode>,
): Promise<ExitCode> {
  let isPresent = false;
  try {
    return await withSetup(call, 'write', async setup => {
      const coverage = await freshen(setup);
      isPresent = true;
      return await work(setup, coverage);
    });
  } catch (error) {
    if (isPresent || !(error instanceof UndertextError) || error.code !== 'disk') throw error;
    return await withSetup(call, 'read', async setup => {
      await setup.warn(
        `${setup.style.warn('warning')}: ${visible(error.message)}\nhint: this is told of what was kept before`,
      );
      return await work(setup, null);
    });
  }
}

/** A snapshot, unless a watcher keeps everything anyway, and the evidence up to date. */
export async function freshen(setup: Setup): Promise<Coverage> {
  await sayRepairs(setup);
  if ((await setup.store.holder('watcher')) === null) await scanRoots(setup);
  else await setup.store.refresh();
  return (await collectNow(setup)).coverage;
}
