/** `restore --alike`: what went in the same sweep as one incident. */
import type { Incident, Time } from '../model.ts';

/** A sweep over many files takes moments; ten minutes also hold one that a person confirmed file by file (milliseconds). */
const sweep = 10 * 60_000;

/** Open incidents of a rule in common, caused within ten minutes of it, in the same tree of folders; the given one comes first. */
export function alikeTo(incident: Incident, incidents: readonly Incident[]): readonly Incident[] {
  const rules = new Set(incident.findings.map(({ rule }) => rule));
  const tree = treeOf(incident.path);
  const others = incidents.filter(other => {
    if (other.id === incident.id || other.state !== 'open' || other.root !== incident.root) return false;
    if (treeOf(other.path) !== tree || !other.findings.some(({ rule }) => rules.has(rule))) return false;
    return isNear(incident.cause?.at, other.cause?.at);
  });
  return [incident, ...others];
}

function isNear(one: Time | undefined, other: Time | undefined): boolean {
  return one !== undefined && other !== undefined && Math.abs(one - other) <= sweep;
}

/** `skills` of `skills/a/SKILL.md`; each project is a tree of its own; '' for what lies in the root. */
function treeOf(path: string): string {
  const [top, next, ...rest] = path.split('/');
  if (next === undefined) return '';
  return top === 'projects' && rest.length > 0 ? `${top}/${next}` : top!;
}
