/** Which file of which root a spelled path means: also when the home was moved, copied, or came from another machine. */
import { posix } from 'node:path';
import type { Root } from '../../model.ts';
import { absolute, afterHome, folded, type Spelled } from './spelling.ts';

export interface Place {
  readonly root: string;
  /** Relative to the root, with `/`. */
  readonly path: string;
}

/** Where a record stands: what its words are relative to. */
export interface Standpoint {
  /** Name of the root whose transcript it is. */
  readonly home: string;
  readonly cwd: string | null;
}

export interface Places {
  /** What the last part of a root's path may be: no file of a root is named without one of them, or from inside. */
  readonly names: readonly string[];
  /** Null for a path in no root. May learn a former root from it. */
  find(spelled: string, from: Standpoint): Place | null;
  /** Absolute paths, with `/`, that roots are known to have or to have had. */
  known(): readonly string[];
  /** How many former roots were learned so far. */
  readonly learned: number;
  /** The former roots of a root, to be believed again by a later run. */
  formers(root: string): readonly string[];
  believe(root: string, formers: readonly string[]): void;
  /** True for the name of a project folder of one of the roots. */
  hasProject(name: string): boolean;
  /** True when `folder`, which holds something called like a root, is worth a closer look at who works below it. */
  mayBeFormer(folder: string): boolean;
}

/** What is asked of the disk about a root. */
export interface RootLook {
  readonly root: Root;
  /** The path with its links followed. */
  readonly real: string;
  /** The names of its project folders. */
  readonly projects: ReadonlySet<string>;
  /** True when something stands at this path of the root. */
  has(path: string): boolean;
  /** Left out: all files count. False for one that nobody may have acts of, such as a secret. */
  isOurs?(path: string): boolean;
  /** True when something stands at this absolute path of the machine. */
  isHere(path: string): boolean;
}

/** A home where the client puts it by itself, and the folder of the person it belongs to. */
const plainHome = /^((?:\/home\/[^/]+|\/Users\/[^/]+|\/root|\/var\/root|[A-Za-z]:\/Users\/[^/]+))\/([^/]+)$/;

const personalPart = /^(?:\/home\/[^/]+|\/Users\/[^/]+|\/root|\/var\/root|[A-Za-z]:\/Users\/[^/]+)(\/.+)$/;

interface KnownRoot {
  readonly look: RootLook;
  /** Its last part, by which a former path of it is recognised. */
  readonly name: string;
  /** Every path it has or had, folded where case does not matter. */
  readonly paths: Spelled[];
  readonly formers: Spelled[];
  readonly believed: Set<string>;
}

/**
 * A former root P of the root whose transcript it is is believed when P has that root's own last part, or is called
 * `.claude` and is not on this machine, and
 * - a path `P/projects/<a project folder of that root>/…` is named, or
 * - P is a plain home (`/home/X/.claude`) and the session worked below `/home/X`, or
 * - every project of the root, and the session, lie below the folder that P stands in, the root has the named file, and
 *   P is no folder of this machine, unless it is a home with these projects itself.
 * So the `.claude` of a project is none: the session works in the folder that holds it, or others work elsewhere.
 */
export function placesOf(looks: readonly RootLook[]): Places {
  const roots: readonly KnownRoot[] = looks.map(look => ({
    look,
    name: posix.basename(slashed(look.root.path)),
    paths: [...new Set([look.root.path, look.real])].flatMap(path => absolute(path, null) ?? []),
    formers: [],
    believed: new Set(),
  }));
  let learned = 0;
  const projects = new Set(looks.flatMap(look => [...look.projects].map(name => name.toLowerCase())));

  /** The longest root that holds the path: a root may lie in another. */
  const inRoots = (spelled: Spelled): Place | null => {
    let best: Place | null = null;
    let longest = -1;
    for (const known of roots) {
      for (const path of known.paths) {
        const inside = below(path, spelled);
        if (inside === null || path.path.length <= longest) continue;
        const place = inRoot(known, inside);
        if (place === null) continue;
        best = place;
        longest = path.path.length;
      }
    }
    return best;
  };

  /** The word for the home says whose it is, not where: a root is meant when it lies so below the home of a person. */
  const inHomes = (path: Spelled, from: Standpoint): Place | null => {
    const isNative = ({ look }: KnownRoot): boolean => look.root.name === from.home;
    for (const known of [...roots.filter(isNative), ...roots.filter(known => !isNative(known))]) {
      for (const tail of homeTails(known)) {
        const inside = below({ path: tail, isWindows: false }, path);
        const place = inside === null ? null : inRoot(known, inside);
        if (place !== null) return place;
      }
    }
    return null;
  };

  const add = (known: KnownRoot, former: Spelled): void => {
    if (known.paths.some(path => folded(path) === folded(former))) return;
    known.paths.push(former);
    known.formers.push(former);
    learned++;
  };

  const learn = (spelled: Spelled, from: Standpoint): Place | null => {
    const known = roots.find(known => known.look.root.name === from.home);
    if (known === undefined) return null;
    for (const name of formerNames(known)) {
      for (const { former, rest } of cuts(spelled, name)) {
        // A home that is called otherwise now may stand beside the one it was copied from.
        if (name !== known.name && known.look.isHere(former.path)) continue;
        if (!isFormer(known, former, rest, from)) continue;
        add(known, former);
        return inRoot(known, rest);
      }
    }
    return null;
  };

  return {
    names: [...new Set(roots.flatMap(formerNames))],
    find(spelled, from) {
      const rest = afterHome(spelled);
      if (rest !== null) return inHomes(absolute(rest || '/', null)!, from);
      const path = absolute(spelled, from.cwd);
      return path === null ? null : (inRoots(path) ?? learn(path, from));
    },
    known: () => roots.flatMap(({ paths }) => paths.map(({ path }) => path)),
    get learned() {
      return learned;
    },
    formers: root => roots.find(({ look }) => look.root.name === root)?.formers.map(({ path }) => path) ?? [],
    believe(root, formers) {
      const known = roots.find(({ look }) => look.root.name === root);
      for (const former of formers) {
        if (known === undefined || known.believed.has(former)) continue;
        known.believed.add(former);
        const path = absolute(former, null);
        if (path !== null) add(known, path);
      }
    },
    hasProject: name => projects.has(name.toLowerCase()),
    mayBeFormer: folder => looks.some(look => [...look.projects].every(project => isNamedBelow(folder, project))),
  };
}

/** What a root was called before: as it is called now, or, for a home, as the client calls it. */
function formerNames({ look, name }: KnownRoot): readonly string[] {
  return look.projects.size > 0 && name !== '.claude' ? [name, '.claude'] : [name];
}

/** `/.claude` for `/home/me/.claude`; a root of that name is a home's wherever it was put. */
function homeTails({ name, paths }: KnownRoot): readonly string[] {
  const tails = paths.flatMap(({ path }) => personalPart.exec(path)?.[1] ?? []);
  return [...new Set(name === '.claude' ? ['/.claude', ...tails] : tails)];
}

/** Every path is a place: for measuring what transcripts tell at all. */
export function everyPlace(root: string): Places {
  return {
    names: [],
    find(spelled, from) {
      const path = absolute(spelled, from.cwd);
      return path === null ? null : { root, path: folded(path) };
    },
    known: () => [],
    learned: 0,
    formers: () => [],
    believe: () => {},
    hasProject: () => false,
    mayBeFormer: () => false,
  };
}

/** What a path is below another one: `/x`, '' for itself, `/../x` for what stands beside it; null for elsewhere. */
function below(root: Spelled, path: Spelled): string | null {
  const isFolded = root.isWindows || path.isWindows;
  const [outer, inner] = isFolded ? [root.path.toLowerCase(), path.path.toLowerCase()] : [root.path, path.path];
  if (inner === outer) return '';
  if (inner.startsWith(`${outer}/`)) return path.path.slice(root.path.length);
  const parent = posix.dirname(outer);
  return inner.startsWith(parent === '/' ? '/' : `${parent}/`) && !inner.startsWith(`${outer}/`)
    ? `/../${path.path.slice(parent === '/' ? 1 : parent.length + 1)}`
    : null;
}

/** `inside` is what `below` says. */
function inRoot({ look }: KnownRoot, inside: string): Place | null {
  const path = pathInRoot(look, inside.slice(1));
  return path === null || look.isOurs?.(path) === false ? null : { root: look.root.name, path };
}

function pathInRoot(look: RootLook, path: string): string | null {
  if (path === '') return null;
  if (path.startsWith('../')) return look.root.beside.includes(path) ? path : null;
  const [, first, project, rest] = /^((?:profiles\/[^/]+\/)?projects)\/([^/]+)\/(.*)$/s.exec(path) ?? [];
  if (first === undefined || look.projects.has(project!)) return path;
  // On Windows the same folder is spelled `d--X` and `D--X`.
  const same = [...look.projects].find(name => name.toLowerCase() === project!.toLowerCase());
  return same === undefined ? path : `${first}/${same}/${rest}`;
}

/** Where a path could be cut into a root and what is in it: at each part that is called like the root. */
function* cuts(spelled: Spelled, name: string): Generator<{ former: Spelled; rest: string }> {
  const { path, isWindows } = spelled;
  const [whole, part] = isWindows ? [path.toLowerCase(), `/${name.toLowerCase()}`] : [path, `/${name}`];
  for (let at = whole.indexOf(part); at !== -1; at = whole.indexOf(part, at + 1)) {
    const end = at + part.length;
    if (path[end] === '/') yield { former: { path: path.slice(0, end), isWindows }, rest: path.slice(end) };
    else if (path.slice(end) === '.json') {
      yield { former: { path: path.slice(0, end), isWindows }, rest: `/../${path.slice(at + 1)}` };
    }
  }
}

function isFormer({ look }: KnownRoot, former: Spelled, rest: string, from: Standpoint): boolean {
  const project = /^\/projects\/([^/]+)\//.exec(rest)?.[1];
  if (project !== undefined && hasFolded(look.projects, project, former.isWindows)) return true;
  const cwd = from.cwd === null ? null : absolute(from.cwd, null);
  if (cwd === null) return false;
  const person = plainHome.exec(former.path)?.[1];
  if (person !== undefined) return isIn(cwd, { path: person, isWindows: former.isWindows });
  const parent = { path: posix.dirname(former.path), isWindows: former.isWindows };
  if (parent.path === '/' || !isIn(cwd, parent) || folded(cwd) === folded(parent) || isIn(cwd, former)) return false;
  if (!look.has(rest.slice(1)) || ![...look.projects].every(project => isNamedBelow(parent.path, project)))
    return false;
  return (
    !look.isHere(former.path) || [...look.projects].every(project => look.isHere(`${former.path}/projects/${project}`))
  );
}

/** Project folders are named by the folder a session works in: `/home/me/x` → `-home-me-x`. */
function isNamedBelow(folder: string, project: string): boolean {
  const name = folder.replace(/[\\/]+$/, '').replace(/[^a-zA-Z0-9]/g, '-');
  return name.length > 1 && project.toLowerCase().startsWith(`${name.toLowerCase()}-`);
}

function isIn(path: Spelled, folder: Spelled): boolean {
  return folded(path) === folded(folder) || folded(path).startsWith(`${folded(folder)}/`);
}

function hasFolded(names: ReadonlySet<string>, name: string, isFolded: boolean): boolean {
  if (names.has(name)) return true;
  return isFolded && [...names].some(known => known.toLowerCase() === name.toLowerCase());
}

function slashed(path: string): string {
  return path.replaceAll('\\', '/').replace(/\/+$/, '');
}
