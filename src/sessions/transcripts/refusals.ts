/** Why a tool said no, by its words: they changed little in all versions. */
import type { RawAct } from '../act.ts';

const modified = [
  /has been modified (?:on .+ )?since/i,
  /content (?:on .+ )?has changed since it was last read/i,
  /modified since read/i,
];
const unread = [
  /has not been read (?:yet|on)/i,
  /read it first before writing/i,
  /must (?:use your )?read .* (?:before|first)/i,
];

export function whyRefused(words: string): NonNullable<RawAct['why']> {
  if (modified.some(pattern => pattern.test(words))) return 'modified';
  return unread.some(pattern => pattern.test(words)) ? 'unread' : 'other';
}

/** True when a shell command was not run at all; one that failed may have changed something before it did. */
export function wasNotRun(words: string): boolean {
  return /doesn't want to (?:proceed|take this action)|tool use was rejected|^(?:Error: )?(?:Permission to use|Permission for|InputValidationError|No such tool|Sibling tool call errored|Cancelled|Blocked|.*hook (?:error|blocked))|<tool_use_error>|requires approval|was blocked/i.test(
    words,
  );
}
