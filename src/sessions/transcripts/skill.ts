/** A skill that was called: the client puts its text before the model, without front matter, and names its folder. */
import type { RawAct } from '../act.ts';
import type { Place } from './places.ts';
import { lf } from './record.ts';

const head = /^Base directory for this skill: ([^\n]+)\n\n?/;

export function skillOf(
  words: string,
  find: (spelled: string) => Place | null,
): readonly (Place & Pick<RawAct, 'kind' | 'after'>)[] {
  const [line, folder] = head.exec(lf(words)) ?? [];
  if (line === undefined || folder === undefined) return [];
  const place = find(`${folder.trim().replace(/[\\/]+$/, '')}/SKILL.md`);
  return place === null ? [] : [{ ...place, kind: 'part', after: lf(words).slice(line.length) }];
}
