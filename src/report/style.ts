/** How output looks: colours or none, and how wide it may be. The door to kleur. */
import kleur from 'kleur';

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
  /** A command to copy. */
  readonly command: Paint;
}

const plain: Paint = text => text;

export function makeStyle(options: { color: boolean; width: number }): Style {
  kleur.enabled = true; // whether to colour is our caller's decision, not the library's guess
  const paint = (inked: Paint): Paint => (options.color ? text => (text === '' ? '' : inked(text)) : plain);
  return {
    color: options.color,
    width: Math.max(40, Math.floor(options.width) || 80),
    bold: paint(kleur.bold),
    dim: paint(kleur.dim),
    bad: paint(kleur.red),
    warn: paint(kleur.yellow),
    good: paint(kleur.green),
    command: paint(kleur.cyan),
  };
}
