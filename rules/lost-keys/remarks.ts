/** Comments of a configuration: what was switched off stands in them, and a program that writes the file anew keeps none. */
import type { Account, Finding, PathHistory, Unit } from '../../src/rule.ts';
import { clock } from '../../src/rule.ts';

/** A line of comment that would set something without its mark: `"hub": {`, `command = "x"`, `[servers.hub]`. */
const setting = /^\s*(?:\/\/|#|\/\*|\*)?\s*(?:"[^"]+"\s*:|[\w.-]+\s*=|\[[\w."-]+\])/;
/** One such line may be an example. */
const SETTINGS = 2;

export function remarksIn({ removed }: Account): readonly Unit[] {
  return removed.filter(({ unit, fate }) => fate === 'lost' && unit.kind === 'block').map(({ unit }) => unit);
}

/** Whoever takes out one comment meant it; where none is left, and settings were switched off in them, a program dropped them. */
export function aboutRemarks(
  file: PathHistory,
  { edit }: Account,
  remarks: readonly Unit[],
  present: readonly Unit[],
): Finding {
  const lines = remarks.flatMap(({ text }) => text.split('\n'));
  const isAll = !present.some(({ kind }) => kind === 'block');
  const isOff = lines.filter(line => setting.test(line)).length >= SETTINGS;
  return {
    path: file.path,
    message: `${lines.length === 1 ? 'a line' : `${lines.length} lines`} of comments went with the write of ${clock(edit.after.at)}`,
    certainty: 'possible',
    severity: isAll && isOff ? 'medium' : 'low',
    lost: edit.before,
    cause: edit.after,
    base: null,
    units: remarks,
    evidence: [
      isAll ? 'no comment is left in the file' : 'other comments of the file are still there',
      ...(isOff ? ['settings that were switched off stood in them'] : []),
    ],
  };
}
