/** What the client noticed by itself about the files that a shell command changed. */
import type { Hunk } from '../act.ts';
import { type Fields, fields, hunks, list, text } from './record.ts';

export interface Noticed {
  readonly spelled: string;
  /** Missing where only the name is told. */
  readonly patch?: readonly Hunk[];
  readonly isGone?: boolean;
  readonly isNew?: boolean;
}

const staleHint = /modified \d+ files? you've previously read: (.+?)(?: and \d+ more)?\. Call /s;

/** `staleReadFileStateHint` and `bashEditDiff` of a result, in their order. Hunks that others may share are not told. */
export function noticedChanges(object: Fields): readonly Noticed[] {
  const hinted = staleHint.exec(text(object.staleReadFileStateHint) ?? '')?.[1]?.split(', ') ?? [];
  const diff = fields(object.bashEditDiff);
  const files = list(diff.files).map(fields);
  const known = files.flatMap((file): readonly Noticed[] => {
    const spelled = text(file.filePath);
    if (spelled === undefined) return [];
    const patch = diff.shared === true ? undefined : hunks(file.hunks);
    return [
      {
        spelled,
        ...(patch === undefined || patch.length === 0 ? {} : { patch }),
        ...(file.deleted === true ? { isGone: true } : {}),
        ...(file.created === true ? { isNew: true } : {}),
      },
    ];
  });
  const names = [...hinted, ...list(diff.changedFiles).flatMap(name => text(name) ?? [])];
  const told = new Set(known.map(({ spelled }) => spelled));
  return [...known, ...[...new Set(names)].filter(name => !told.has(name)).map(spelled => ({ spelled }))];
}
