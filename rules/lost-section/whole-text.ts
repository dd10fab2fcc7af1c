/** Whether a write left another text in the place of the whole file, or next to nothing of it. */
import type { Account, PathHistory, Unit } from '../../src/rule.ts';
import { fitsAny } from '../../src/rule.ts';

/** So much of a text (0 to 1, in units) must be gone for the write to have replaced it. */
const MOST = 2 / 3;
/**
 * When more than this of its own words (0 to 1) stand in what came, its author condensed it or worded it anew. In public homes
 * many authors who rewrote their instructions kept 15 to 33 % of them; the two texts that were lost so kept 2 and 4 %.
 */
const WORDED_ANEW = 0.15;
/** What is left of a text that was taken away is no more than one part in so many. */
const REST = 3;
/** Fewer units are no text whose loss shows (units). */
const FEWEST = 4;
/** An instruction that stood for so long was in use (milliseconds). */
const IN_USE_MS = 6 * 3_600_000;

/** What the client reads by itself, and follows: instructions and configuration. */
const instructions = [
  '{,**/}{CLAUDE,CLAUDE.local,AGENTS,GEMINI}.md',
  '{,**/}{rules,commands,agents,output-styles,scheduled-tasks,routines,workflows,hooks}/**',
  '{,**/}skills/**/SKILL.md',
  '{,**/}{settings,settings.local,keybindings,.mcp,.claude}.json',
  '{,**/}*.toml',
];

export function isInstruction(path: string): boolean {
  return fitsAny(path, instructions);
}

/** How many units stood before, of which `gone` were lost, and how many stand there now. */
export interface Share {
  readonly had: number;
  readonly gone: number;
  readonly has: number;
}

export function shareOf(lost: readonly Unit[], before: readonly Unit[], after: readonly Unit[]): Share {
  return { had: before.length, gone: lost.length, has: after.length };
}

/**
 * True when most of the text is gone, and either next to nothing is left that says any of it, or another text took the place
 * of an instruction that had been in use.
 */
export function isWholeTextGone(file: PathHistory, { edit, wordsLeft }: Account, { had, gone, has }: Share): boolean {
  if (gone < MOST * had || gone < FEWEST) return false;
  if (wordsLeft > WORDED_ANEW) return false;
  if (has * REST <= had) return true;
  const wasInUse = edit.after.at - edit.before.at >= IN_USE_MS;
  return isInstruction(file.path) && wasInUse;
}
