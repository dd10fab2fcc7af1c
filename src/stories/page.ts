/** The examples of a rule's page: fenced blocks named `story`. `rules/README.md` says how they are written. */
import type { AuditInput } from '../audit/run-audit.ts';
import type { Knowledge, Testimony } from '../audit/testimony.ts';
import { UndertextError } from '../errors.ts';
import type { Time, Version, Writer } from '../model.ts';
import { type Step, world } from './world.ts';

export interface PageStory {
  readonly title: string;
  /** Of the rule, as the configuration would give them. */
  readonly options: object;
  readonly steps: readonly PageStep[];
  /** `likely high: voice-buffer`; empty means quiet. */
  readonly said: readonly string[];
}

/** A version of a page, and what records say of it: `by C, who had read 13:58:02`, `by C, who edited it`. */
export interface PageStep extends Step {
  readonly by: string | null;
  /** When what its writer had read last was written; null: it had read nothing, as far as records tell. */
  readonly read: Time | null;
  readonly isEdit: boolean;
  /** What the commit says that it comes from; null when it comes from none. */
  readonly message: string | null;
}

/** @throws UndertextError `config` that names the story and the line that is none */
export function storiesOf(page: string): readonly PageStory[] {
  return [...page.matchAll(/^```story ([^\n]+)\n([\s\S]*?)^```$/gm)].map(([, title = '', body = '']) =>
    pageStory(title, body),
  );
}

function pageStory(title: string, body: string): PageStory {
  const steps: PageStep[] = [];
  const said: string[] = [];
  let text: string[] | null = null;
  const [, given, told = body] = /^options (.*)\n([\s\S]*)$/.exec(body) ?? [];
  const options = given === undefined ? {} : optionsIn(title, given);
  for (const line of told.trimEnd().split('\n')) {
    const content = /^ {2}(.*)$|^()$/.exec(line);
    const head =
      /^([\d:.]+) (\S+)(?: \((gone|found|restored|unsettled)\))?(?: of commit "([^"]+)")?(?: by (\w+)(?:, who (edited it|had read (nothing|[\d:.]+)))?)?$/.exec(
        line,
      );
    if (head) {
      const [, time = '', path = '', note, message = null, by = null, deed, read] = head;
      text = [];
      const lines = text;
      steps.push({
        path,
        at: clockTime(time),
        by,
        read: read === undefined || read === 'nothing' ? null : clockTime(read),
        isEdit: deed === 'edited it',
        message,
        get text() {
          return note === 'gone' ? null : written(lines);
        },
        how: message !== null ? 'import' : note === 'found' ? 'scan' : note === 'restored' ? 'restore' : 'event',
        settled: note !== 'unsettled',
      });
    } else if (text && content) text.push(...linesOf(content[1] ?? '', text));
    else if (/^(proven|likely|possible) (high|medium|low): ./.test(line)) said.push(line);
    else if (line !== 'quiet') throw wrong(title, `no line of a story is like this: ${line}`);
  }
  if (steps.length === 0 || (said.length === 0 && !/^quiet$/m.test(body))) {
    throw wrong(title, 'it has no version, or does not say what is told of it');
  }
  return { title, options, steps, said };
}

function optionsIn(title: string, given: string): object {
  try {
    const options: unknown = JSON.parse(given);
    if (typeof options === 'object' && options !== null && !Array.isArray(options)) return options;
  } catch {
    // said below
  }
  throw wrong(title, `its options are no object of JSON: ${given}`);
}

function wrong(title: string, what: string): UndertextError {
  const hint =
    'a version: `14:02:50 notes.md`, its text below it, indented by two blanks; at the end what is said, or `quiet`';
  return new UndertextError('config', `the story "${title}": ${what}`, hint);
}

/** `... 99 more like it` stands for the line above, so often again. */
function linesOf(line: string, above: readonly string[]): readonly string[] {
  const more = /^\.\.\. (\d{1,3}) more like it$/.exec(line)?.[1];
  return more === undefined ? [line] : Array.from({ length: Number(more) }, () => above.at(-1) ?? '');
}

/** `␀` is a NUL byte, `[BOM]` a byte order mark at the start, and `␃` ends a file within its line. */
function written(lines: readonly string[]): string {
  const text = lines.map(line => `${line}\n`).join('');
  return text
    .replaceAll('␀', '\0')
    .replace(/^\[BOM\]/, '\uFEFF')
    .replace(/␃\n*$/, '');
}

function clockTime(text: string): Time {
  const [h = 0, m = 0, s = 0] = text.split(':').map(Number);
  return Date.UTC(2026, 10, 20, h, m) + s * 1000;
}

/** What the page says of its writers and of commits, as an audit asks for it. */
export function recordsOf(steps: readonly PageStep[]): Pick<AuditInput, 'testimony' | 'messageOf'> {
  const testimony = testimonyOf(steps);
  return {
    ...(testimony ? { testimony } : {}),
    messageOf: version => steps.find(({ path, at }) => path === version.path && at === version.at)?.message ?? null,
  };
}

/** As records would say it; undefined where the page says nothing of writers. */
function testimonyOf(steps: readonly PageStep[]): Testimony | undefined {
  if (steps.every(({ by }) => by === null)) return undefined;
  const { histories } = world(steps);
  const stepOf = (version: Version) => steps.find(({ path, at }) => path === version.path && at === version.at);
  const session = (by: string): Writer => ({ kind: 'session', id: by, label: by, certainty: 'proven' });
  return {
    writer: async version => {
      const by = stepOf(version)?.by;
      return by ? session(by) : null;
    },
    knowledge: async ({ after }): Promise<Knowledge | null> => {
      const step = stepOf(after);
      if (!step?.by) return null;
      const file = histories.find(({ path }) => path === after.path)!;
      const version = file.versions.find(({ at }) => at === step.read);
      return {
        writer: session(step.by),
        isPiecemeal: step.isEdit,
        sight: version ? { version, evidence: 'it read the file', how: 'asked' } : null,
        isUnclear: false,
        began: 0,
        hasStart: true,
        hadText: async texts => texts.map(() => false),
      };
    },
    seen: async () => null,
    signature: () => '',
  };
}
