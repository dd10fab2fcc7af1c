/** What an error makes of the exit code. */
import type { ErrorCode } from '../errors.ts';
import type { ExitCode } from './command.ts';

/** A person can call differently (2), must choose first (1), or nothing can be done about it here (3). */
export const exitCodeOf: Readonly<Record<ErrorCode, ExitCode>> = {
  usage: 2,
  config: 2,
  'not-found': 2,
  busy: 2,
  conflict: 1,
  refused: 3,
  moved: 3,
  damaged: 3,
  'newer-format': 3,
  disk: 3,
  internal: 3,
};
