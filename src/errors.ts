/** Short and lasting names for what can go wrong; `--json` prints them as `code`. */
export type ErrorCode =
  | 'usage' // the command line cannot be understood
  | 'config' // the configuration file is wrong
  | 'not-found' // an incident, version, path or root that does not exist
  | 'refused' // doing it could lose text, so it was not done
  | 'conflict' // both sides changed the same unit; a person must choose
  | 'moved' // the disk changed while we worked
  | 'busy' // another process holds what we need
  | 'damaged' // the store cannot be read back
  | 'newer-format' // written by a newer undertext
  | 'disk' // the operating system refused: no space, no permission, read-only, gone
  | 'internal'; // a defect of undertext itself

/** An error a person can act on: what happened (`message`) and what to do (`hint`). */
export class UndertextError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  /** What could be meant, one line each, printed between message and hint. */
  readonly choices: readonly string[];

  constructor(code: ErrorCode, message: string, hint: string, cause?: unknown, choices: readonly string[] = []) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'UndertextError';
    this.code = code;
    this.hint = hint;
    this.choices = choices;
  }
}

/** The `errno` name of a failed system call (`ENOENT`, `ENOSPC` …), or '' when it is no such error. */
export function errno(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}
