/** What is true of a run of the lab, read off the run itself: nothing of undertext is asked. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface LabRun {
  readonly folder: string;
  readonly title: string;
  /**
   * `lost`: the text of session A was overwritten by session C, which was never shown it. `shown`: likewise, but C's client had
   * put the text before it: as it began, as it was taken up again, or at its next prompt. `known`: C had asked for the text before
   * it wrote: on a busy machine A is done before C begins, and then C reads it.
   * `kept`: nothing was lost. `unknown`: the client did not play the scenario to its end.
   */
  readonly outcome: 'lost' | 'shown' | 'known' | 'kept' | 'unknown';
  readonly text: string;
  /** The file it is about, relative to the home. */
  readonly path: string | null;
  readonly sessions: { readonly A: string | null; readonly C: string | null };
}

/** What a run is judged by. */
export interface LabStory {
  readonly path: string;
  /** A's, which C overwrites. */
  readonly text: string;
  /** The scripts of whoever overwrites it. */
  readonly writers: readonly string[];
  /** What the records can say at most, where that is less than proven. */
  readonly certainty?: 'likely';
  /** The same, for an audit with nothing but the records. */
  readonly fresh?: 'likely';
  readonly labels?: { readonly A: string; readonly C: string };
  /** Where both are of one session: which of them its sub-agent is. */
  readonly of?: { readonly lost: 'agent' | 'session'; readonly cause: 'agent' | 'session' };
}

/** The scenarios in which A adds to a file and C, which has an old copy of it, writes. In the others nothing is lost. */
const races = /^(L1|L2|L2b|L2c|L11)$/;
const text = 'Gotchas (session A)';
const writers = ['C', 'C1', 'C2'];
/** Clients before this one put changed files before a session at its next prompt, and record nothing of it. */
const notesFrom = [2, 1, 100];

/** `sent`: the requests to the model, one file each, where they were kept. `story`: of our own scenarios. */
export function readRun(folder: string, title: string, sent?: string, story?: LabStory | null): LabRun {
  const log = textOf(join(folder, 'mock.log'));
  const main = sessionOf(folder, ['C', 'C2', 'C1']);
  const sessions = { A: story?.of ? main : sessionOf(folder, ['A']), C: main };
  const path = story?.path ?? memoryOf(folder);
  const about = story ?? (races.test(folder.split(/[\\/]/).at(-1)!) ? { path, text, writers } : null);
  return { folder, title, text: about?.text ?? text, path, sessions, outcome: outcomeOf() };

  function outcomeOf(): LabRun['outcome'] {
    if (!/script \S+ step /.test(log)) return 'unknown';
    if (about === null) return 'kept';
    if (!story && !/script A step 2\b/.test(log)) return 'unknown';
    if (story && !isEverywhere(log, story)) return 'unknown';
    if (path === null || textOf(join(folder, '.claude', path)).includes(about.text)) return 'kept';
    if (sessions.C === null) return 'lost';
    const lines = linesBefore(folder, sessions.C, about.writers.includes('SUB'));
    const holds = lines.filter(line => line.includes(about.text));
    if (holds.some(isAnswer)) return 'known';
    const wasShown =
      sent === undefined
        ? holds.length > 0 || wasNoted(lines)
        : requestsOf(sent, about.writers).some(request => request.includes(about.text));
    return wasShown ? 'shown' : 'lost';
  }

  /** Of a client that records nothing: was there a prompt after A's text was there? */
  function wasNoted(lines: readonly string[]): boolean {
    if (sessions.A === null || !isOld(lines)) return false;
    const came = transcriptOf(folder, sessions.A)
      .split('\n')
      .find(line => isAnswer(line) && line.includes(text));
    return lines.some(line => /"type":"user"/.test(line) && !isAnswer(line) && timeOf(line) > timeOf(came ?? ''));
  }
}

function isOld(lines: readonly string[]): boolean {
  const version = /"version":"(\d+)\.(\d+)\.(\d+)"/.exec(lines.join('\n'))?.slice(1).map(Number);
  const at = version?.findIndex((part, i) => part !== notesFrom[i]) ?? -1;
  return at !== -1 && version![at]! < notesFrom[at]!;
}

function timeOf(line: string): number {
  const times = [...line.matchAll(/"timestamp":"([^"]+)"/g)];
  return Date.parse(times.at(-1)?.[1] ?? '9999-01-01');
}

/** True when all scripts came to their last words. */
function isEverywhere(log: string, { writers }: LabStory): boolean {
  return writers.every(writer => new RegExp(`script ${writer} step \\d+ text`).test(log));
}

function requestsOf(sent: string, writers: readonly string[]): readonly string[] {
  const names = existsSync(sent) ? readdirSync(sent) : [];
  return names.filter(name => writers.includes(name.split('-')[1]!)).map(name => textOf(join(sent, name)));
}

/** A result of a tool. */
function isAnswer(line: string): boolean {
  return line.includes('"type":"tool_result"');
}

/** C's transcript, or its sub-agents', before the call that overwrote A's text. */
function linesBefore(folder: string, session: string, isAgents: boolean): readonly string[] {
  const lines = (isAgents ? agentsOf(folder, session) : transcriptOf(folder, session)).split('\n');
  const call = lines.findLastIndex(line => /"name":"(Write|Bash)".*(Reviews|tracker|Bash\(rg)/.test(line));
  return lines.slice(0, call === -1 ? lines.length : call);
}

function agentsOf(folder: string, session: string): string {
  return projectsOf(folder)
    .map(project => join(folder, '.claude/projects', project, session, 'subagents'))
    .flatMap(agents => (existsSync(agents) ? readdirSync(agents).map(name => join(agents, name)) : []))
    .filter(name => name.endsWith('.jsonl'))
    .map(textOf)
    .join('');
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
