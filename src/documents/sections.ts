/** The part of a document that a person means by a name. */
import type { Unit } from '../model.ts';
import { similarity } from './compare.ts';
import type { Document } from './document.ts';
import { flow } from './fingerprint.ts';
import { sectionEnd } from './gather.ts';

/**
 * The smallest units of the section, field, member or item called `name`: a heading, `Parent > Heading`, a frontmatter key, a JSON pointer
 * or key, the text of a link. Empty when nothing or more than one thing is called so; then `candidates` are what may be meant.
 */
export function findSection(
  document: Document,
  name: string,
): { units: readonly Unit[]; candidates: readonly string[] } {
  const targets = targetsOf(document);
  const wanted = plain(name);
  for (const isMeant of [
    (target: Target) => plain(target.path) === wanted,
    (target: Target) => plain(target.name) === wanted,
    (target: Target) => target.path.startsWith('/') && `${target.path}/`.startsWith(`${name}/`),
    (target: Target) => plain(target.path).includes(wanted),
  ]) {
    const found = targets.filter(isMeant);
    if (found.length === 1 || (found.length > 1 && name.startsWith('/'))) {
      return { units: unique(found.flatMap(target => target.units)), candidates: [] };
    }
    if (found.length > 1) return { units: [], candidates: [...new Set(found.map(target => target.path))] };
  }
  const near = targets
    .map(target => ({
      target,
      alike: Math.max(similarity(plain(target.name), wanted), letters(plain(target.name), wanted)),
    }))
    .sort((a, b) => b.alike - a.alike);
  return { units: [], candidates: [...new Set(near.map(({ target }) => target.path))].slice(0, 20) };
}

interface Target {
  readonly name: string;
  readonly path: string;
  readonly units: readonly Unit[];
}

function targetsOf(document: Document): readonly Target[] {
  return document.units.flatMap((unit, index): readonly Target[] => {
    if (unit.kind === 'section') {
      const path = unit.place === '' ? unit.name : `${unit.place} > ${unit.name}`;
      return [{ name: unit.name, path, units: document.units.slice(index, sectionEnd(document, index)) }];
    }
    if (unit.kind === 'member') return [{ name: unit.name, path: `${unit.place}/${unit.name}`, units: [unit] }];
    if (unit.kind === 'field') return [{ name: unit.name, path: unit.name, units: [unit] }];
    if (unit.kind === 'list-item' || unit.kind === 'table-row')
      return [{ name: unit.name, path: unit.name, units: [unit] }];
    return [];
  });
}

function plain(text: string): string {
  return flow(text.replace(/^#+\s+/, '').replace(/[*_`]/g, '')).toLowerCase();
}

function unique(units: readonly Unit[]): readonly Unit[] {
  return [...new Set(units)];
}

/** How many pairs of letters two names share: finds a slip of the finger. */
function letters(a: string, b: string): number {
  return similarity([...a].join(' '), [...b].join(' '));
}
