import type { Version } from '../model.ts';

/** What one commit brings: versions whose paths do not touch each other, and notes. */
export interface CommitPlan {
  readonly versions: readonly Version[];
  readonly notes: readonly string[];
}

/**
 * Cuts versions, in their order, into commits so that each stands in the tree of one: a commit takes versions until a
 * path comes again, or one that lies above or below another.
 */
export function planCommits(versions: readonly Version[], notes: readonly string[]): readonly CommitPlan[] {
  const plans: { versions: Version[]; notes: readonly string[] }[] = [];
  let paths = new Set<string>();
  let above = new Set<string>();
  for (const version of versions) {
    const path = `${version.root}\0/${version.path}`;
    const parents = parentsOf(path);
    if (plans.length === 0 || paths.has(path) || above.has(path) || parents.some(parent => paths.has(parent))) {
      plans.push({ versions: [], notes: [] });
      paths = new Set();
      above = new Set();
    }
    plans.at(-1)!.versions.push(version);
    paths.add(path);
    for (const parent of parents) above.add(parent);
  }
  if (notes.length > 0 && plans.length === 0) plans.push({ versions: [], notes });
  else if (notes.length > 0) plans.at(-1)!.notes = notes;
  return plans;
}

function parentsOf(path: string): readonly string[] {
  const parents: string[] = [];
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) parents.push(path.slice(0, at));
  return parents;
}
