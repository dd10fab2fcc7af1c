/** What is true of a run of the lab, read off the run itself: nothing of undertext is asked. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface LabRun {
  readonly folder: string;
  readonly title: string;
  /**
   * `lost`: the text of session A was overwritten by session C. `known`: likewise, but C had the text before it wrote: on a
   * busy machine A is done before C begins, and then C reads it, or is given it.
   * `kept`: nothing was lost. `unknown`: the client did not play the scenario to its end.
   */
  readonly outcome: 'lost' | 'known' | 'kept' | 'unknown';
  readonly text: string;
  /** The file it is about, relative to the home. */
  readonly path: string | null;
  readonly sessions: { readonly A: string | null; readonly C: string | null };
}

/** The scenarios in which A adds to a file and C, which has an old copy of it, writes. In the others nothing is lost. */
const races = /^(L1|L2|L2b|L2c|L11)$/;
const text = 'Gotchas (session A)';

export function readRun(folder: string, title: string): LabRun {
  const log = textOf(join(folder, 'mock.log'));
  const sessions = { A: sessionOf(folder, ['A']), C: sessionOf(folder, ['C', 'C2', 'C1']) };
  return { folder, title, text, path: memoryOf(folder), sessions, outcome: outcomeOf() };

  function outcomeOf(): LabRun['outcome'] {
    if (!/script \S+ step /.test(log)) return 'unknown';
    if (!races.test(folder.split(/[\\/]/).at(-1)!)) return 'kept';
    if (!/script A step 2\b/.test(log)) return 'unknown';
    if (textOf(join(folder, 'final.txt')).includes(text)) return 'kept';
    return sessions.C !== null && hadText(folder, sessions.C) ? 'known' : 'lost';
  }
}

/** True when the text of A stands anywhere in C's transcript before the call that overwrote it. */
function hadText(folder: string, session: string): boolean {
  const lines = transcriptOf(folder, session).split('\n');
  const call = lines.findLastIndex(line => /"name":"(Write|Bash)".*Reviews \(session C\)/.test(line));
  return lines.slice(0, call === -1 ? lines.length : call).some(line => line.includes(text));
}

/** The session that a client of the lab was, as its own output says. */
function sessionOf(folder: string, tags: readonly string[]): string | null {
  for (const tag of tags) {
    const found = /"session_id":"([^"]+)"/.exec(textOf(join(folder, `${tag}.out`)));
    if (found) return found[1]!;
  }
  return null;
}

function memoryOf(folder: string): string | null {
  const path = projectsOf(folder)
    .map(project => `projects/${project}/memory/MEMORY.md`)
    .find(path => existsSync(join(folder, '.claude', path)));
  return path ?? null;
}

function transcriptOf(folder: string, session: string): string {
  return projectsOf(folder)
    .map(project => textOf(join(folder, '.claude/projects', project, `${session}.jsonl`)))
    .join('');
}

function projectsOf(folder: string): readonly string[] {
  const projects = join(folder, '.claude/projects');
  return existsSync(projects) ? readdirSync(projects) : [];
}

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
