/** The examples of a rule's page: fenced blocks named `story`. `rules/README.md` says how they are written. */
import type { Step } from './stories.ts';

export interface PageStory {
  readonly title: string;
  readonly steps: readonly Step[];
  /** `likely high: voice-buffer`; empty means quiet. */
  readonly said: readonly string[];
}

export function storiesOf(page: string): readonly PageStory[] {
  return [...page.matchAll(/^```story ([^\n]+)\n([\s\S]*?)^```$/gm)].map(([, title = '', body = '']) =>
    pageStory(title, body),
  );
}

function pageStory(title: string, body: string): PageStory {
  const steps: Step[] = [];
  const said: string[] = [];
  let text: string[] | null = null;
  for (const line of body.trimEnd().split('\n')) {
    const content = /^ {2}(.*)$|^()$/.exec(line);
    const head = /^(\d\d):(\d\d):(\d\d(?:\.\d+)?) (\S+)(?: \((gone|found|restored|unsettled)\))?$/.exec(line);
    if (head) {
      const [, h, m, s, path = '', note] = head;
      text = [];
      const lines = text;
      steps.push({
        path,
        at: Date.UTC(2026, 10, 20, Number(h), Number(m)) + Number(s) * 1000,
        get text() {
          return note === 'gone' ? null : lines.map(line => `${line}\n`).join('');
        },
        how: note === 'found' ? 'scan' : note === 'restored' ? 'restore' : 'event',
        settled: note !== 'unsettled',
      });
    } else if (text && content) text.push(content[1] ?? '');
    else if (/^(proven|likely|possible) (high|medium|low): ./.test(line)) said.push(line);
    else if (line !== 'quiet') throw new Error(`${title}: no such line in a story: ${line}`);
  }
  if (steps.length === 0 || (said.length === 0 && !/^quiet$/m.test(body))) throw new Error(`${title}: no end`);
  return { title, steps, said };
}
