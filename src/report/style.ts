/** How output looks: colours or none, and how wide it may be. The door to kleur. */
import kleur from 'kleur';
import { type Here, installed, runnable, runnableIn } from './runnable.ts';

type Paint = (text: string) => string;

export interface Style {
  readonly color: boolean;
  /** Columns of the terminal; never less than 40. */
  readonly width: number;
  readonly bold: Paint;
  readonly dim: Paint;
  /** What is lost or broken. */
  readonly bad: Paint;
  readonly warn: Paint;
  readonly good: Paint;
  /** A command to copy, as it can be run here; or an id. */
  readonly command: Paint;
  /** A sentence of ours, with its commands as they can be run here. */
  readonly sentence: Paint;
  /** A file as a person knows it: `~/.claude/CLAUDE.md`. */
  place(file: { readonly root: string; readonly path: string }): string;
}

const plain: Paint = text => text;

export interface StyleOptions {
  readonly color: boolean;
  readonly width: number;
  readonly here?: Here;
  /** Where each root lies, by its name, as a person knows it: `~/.claude`. Left out: paths are shown inside their root. */
  readonly places?: ReadonlyMap<string, string>;
}

export function makeStyle(options: StyleOptions): Style {
  const { here = installed, places = new Map<string, string>() } = options;
  kleur.enabled = true; // whether to colour is our caller's decision, not the library's guess
  const paint = (inked: Paint): Paint => (options.color ? text => (text === '' ? '' : inked(text)) : plain);
  const cyan = paint(kleur.cyan);
  return {
    color: options.color,
    width: Math.max(40, Math.floor(options.width) || 80),
    bold: paint(kleur.bold),
    dim: paint(kleur.dim),
    bad: paint(kleur.red),
    warn: paint(kleur.yellow),
    good: paint(kleur.green),
    command: text => cyan(runnable(text, here)),
    sentence: text => runnableIn(text, here),
    place: ({ root, path }) => placed(path, places.get(root) ?? null) || root,
  };
}

/** A file beside its root (`../.claude.json`) stands in the folder above it. */
function placed(path: string, folder: string | null): string {
  if (folder === null) return path;
  if (!path.startsWith('../')) return path === '' ? folder : `${folder}/${path}`;
  const above = folder.slice(0, Math.max(0, folder.lastIndexOf('/')));
  return `${above}/${path.slice('../'.length)}`;
}
