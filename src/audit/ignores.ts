/** What a file says of the rules itself: `<!-- undertext: ignore index-drift (hub file) -->` in its first line. */
import type { PathHistory } from '../model.ts';
import type { Run } from './run.ts';

/** The first line, or the first one behind the frontmatter; a comment of Markdown, JSON, or a script. */
const marker = /^\s*(?:<!--|\/\/|#|\/\*)\s*undertext:\s*ignore\s+([a-z0-9-]+(?:[\s,]+[a-z0-9-]+)*)/;
/** A marker stands near the start of a file. */
const MOST = 8_000;

/** True when the newest text of the file, or the configuration, says that this rule shall leave it alone. */
export async function ignores(rule: string, file: PathHistory, run: Run): Promise<boolean> {
  if (run.input.isSuppressed?.(rule, file)) return true;
  const newest = file.versions.findLast(({ kind }) => kind === 'file');
  if (!newest || file.class === 'log' || newest.blob === null) return false;
  return (await markedIn(newest.blob, run)).includes(rule);
}

/** The rules that a text wants to be left alone by. */
export function markedRules(text: string): readonly string[] {
  const start = text.slice(0, MOST).replace(/^\uFEFF/, '');
  const body = start.replace(/^---\r?\n[\s\S]*?\n---[ \t]*\r?\n\s*/, '');
  return [start, body].flatMap(part => marker.exec(part)?.[1]?.split(/[\s,]+/) ?? []);
}

async function markedIn(blob: string, run: Run): Promise<readonly string[]> {
  const known = run.marked.get(blob);
  if (known) return known;
  const text = new TextDecoder().decode((await run.input.read(blob)).subarray(0, MOST));
  const rules = text.includes('undertext:') ? markedRules(text) : [];
  run.marked.set(blob, rules);
  return rules;
}
