/** Several incidents in one call: each by itself. */
import { UndertextError } from '../errors.ts';
import { errorJson, errorText } from '../report/error-text.ts';
import type { ExitCode } from './command.ts';
import { exitCodeOf } from './exit-codes.ts';
import type { Setup } from './setup.ts';

/** One after the other; what fails is told and stops no other. The worst exit code counts. What nobody expected is thrown at the end. */
export async function oneByOne(
  ids: readonly string[],
  setup: Setup,
  work: (id: string) => Promise<ExitCode>,
): Promise<ExitCode> {
  let worst: ExitCode = 0;
  const unexpected: unknown[] = [];
  for (const [at, id] of ids.entries()) {
    if (at > 0 && !setup.json && !setup.quiet) await setup.print('\n');
    try {
      worst = Math.max(worst, await work(id)) as ExitCode;
    } catch (error) {
      if (!(error instanceof UndertextError)) unexpected.push(error);
      else {
        const { code, message, hint } = error;
        const told = { code, message: message.includes(id) ? message : `${id}: ${message}`, hint };
        await setup.warn(setup.json ? errorJson(told) : errorText(told));
        worst = Math.max(worst, exitCodeOf[code]) as ExitCode;
      }
    }
  }
  if (unexpected.length > 0) throw unexpected[0];
  return worst;
}
