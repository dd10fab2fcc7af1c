/** Files that are filled in anew, drained, counted: what goes is replaced on purpose, each time. */
import { day, hour, later, type Props, type Scene, Stage, slug, some } from './stage.ts';

const formPaths = ['STATUS.md', 'memory/context/now.md', 'memory/wip.md', 'docs/session.md', 'docs/current-state.md'];
const stock = ['nothing', 'none', 'clean', 'nothing in hand', 'waiting for review', 'as before'];

/** W1: a form that every session fills in anew. Now and then an answer is a stock phrase, or stays. */
export function form(props: Props): Scene {
  const { random, words } = props;
  const stage = new Stage(props);
  const isYaml = random.chance(0.25);
  const path = isYaml ? 'docs/state.yaml' : random.pick(formPaths);
  const fields = some(random, 3, 6, () => words.title());
  const filled = isYaml ? yamlForm : markdownForm;
  const answers = new Map<string, string>();
  const fill = (i: number) => {
    for (const field of fields) {
      const isStock = random.chance(0.25);
      if (i === 0 || isStock || random.chance(0.85))
        answers.set(field, isStock ? random.pick(stock) : answer(props, isYaml));
    }
    return filled(path, i, answers, props);
  };
  if (random.chance(0.5)) stage.found(path, fill(0), 2 * day);
  else stage.life([path, fill(0)]);
  later(stage);
  stage.life([path, fill(1)]);
  for (let i = 2; i < 4 + random.int(5); i++) {
    stage.pass(hour / 6, 2 * day);
    stage.event([[path, fill(i)]], random.chance(0.7));
  }
  return stage.scene;
}

function answer({ random, words }: Props, isYaml: boolean): string {
  if (isYaml || random.chance(0.4)) return words.sentence();
  return some(random, 1, 4, () => `- ${words.sentence()}`).join('\n');
}

function markdownForm(_: string, i: number, answers: ReadonlyMap<string, string>, { random, words }: Props): string {
  const head = `# Status ${isoDay(i)}\n\n**Commit**: ${random.int(0xffffff).toString(16)} (${words.title()})\n`;
  return `${head}\n${[...answers].map(([field, text]) => `## ${field}\n\n${text}`).join('\n\n')}\n`;
}

function yamlForm(_: string, i: number, answers: ReadonlyMap<string, string>): string {
  const lines = [...answers].map(([field, text]) => `${field.replaceAll(' ', '_')}: ${text.replaceAll(':', ',')}`);
  return `updated: ${isoDay(i)}\n${lines.join('\n')}\n`;
}

function isoDay(i: number): string {
  return new Date(Date.UTC(2026, 2, 2) + i * day).toISOString().slice(0, 10);
}

/** W2: an inbox or a queue, filled by several writes and drained as it is worked through. */
export function inbox(props: Props): Scene {
  const { random, words } = props;
  const stage = new Stage(props);
  const path = random.pick(['inbox.md', 'memory/inbox.md', 'docs/queue.md', 'docs/capture.txt', 'memory/pending.md']);
  const intro = random.chance(0.5) ? `\n> ${words.sentence()}\n` : '';
  const isPlain = random.chance(0.3);
  const text = (items: readonly string[]) =>
    `# Inbox\n${intro}${items.length > 0 ? `\n${items.map(item => (isPlain ? `${item}\n` : `- ${item}\n`)).join(isPlain ? '\n' : '')}` : ''}`;
  stage.found(path, text([]), 5 * day);
  const item = () => (random.chance(0.7) ? words.sentence() : `${isoDay(random.int(20))} ${words.title()}`);
  let items: string[] = [];
  const fill = () => {
    for (let n = 1 + random.int(3); n > 0; n--) {
      items = [...items, item()];
      stage.pass(hour / 10, 3 * hour);
      stage.life([path, text(items)]);
    }
  };
  const cycles = 2 + random.int(4);
  fill();
  for (let i = 0; i < cycles; i++) {
    stage.pass(hour / 10, 8 * hour);
    // Drained and filled again by one write, drained by itself, or all but the newest taken.
    const how = random.weighted({ swapped: 3, drained: 3, mostly: 2 });
    if (how === 'swapped') items = some(random, 1, 2, item);
    else if (how === 'drained') items = [];
    else items = items.slice(-1);
    stage.event([[path, text(items)]], random.chance(0.7));
    if (how !== 'swapped' || random.chance(0.5)) fill();
  }
  return stage.scene;
}

/** W4: boxes are ticked, and the ticked ones are cleared away, often as a new one comes. */
export function boxes(props: Props): Scene {
  const { random, words } = props;
  const stage = new Stage(props);
  const path = random.pick(['TASKS.md', 'memory/todo.md', 'docs/plan.md', 'BACKLOG.md', 'docs/list.md']);
  let all = some(random, 4, 10, () => ({ text: named(props), done: false }));
  const text = () =>
    `# ${words === undefined ? '' : 'Tasks'}\n\n## Now\n\n${all.map(({ text: said, done }) => `- [${done ? random.pick(['x', 'x', 'X']) : ' '}] ${said}`).join('\n')}\n`;
  stage.found(path, text(), 3 * day);
  for (let i = 0; i < 1 + random.int(3); i++) {
    later(stage);
    all = all.map(each => (random.chance(0.4) ? { ...each, done: true } : each));
    if (random.chance(0.6)) all = [...all, { text: named(props), done: false }];
    stage.life([path, text()]);
    if (!all.some(({ done }) => done)) continue;
    later(stage);
    all = all.filter(({ done }) => !done);
    if (random.chance(0.7)) all = [...all, { text: named(props), done: false }];
    stage.event([[path, text()]], random.chance(0.7));
  }
  return stage.scene;
}

function named({ random, words }: Props): string {
  return random.chance(0.4) ? `**${words.title()}**: ${words.sentence()}` : words.sentence();
}

/** W7: the note of work under way is replaced at its place by the note that it is done. */
export function successor(props: Props): Scene {
  const { random, words } = props;
  const stage = new Stage(props);
  const path = random.pick(['memory/MEMORY.md', 'CLAUDE.md', 'docs/overview.md', 'memory/project.md']);
  const name = slug(words);
  const others = some(random, 2, 5, () => `## ${words.title()}\n\n${words.sentence()}.`);
  const text = (note: string | null) => `# ${name}\n\n${[...(note === null ? [] : [note]), ...others].join('\n\n')}\n`;
  stage.found(path, text(null), 4 * day);
  later(stage);
  const note = (state: string) => `## ${state}\n\n${words.sentence()}; branch ${name}-2. ${words.sentence()}.`;
  stage.life([path, text(note(`${words.title()} under way`))]);
  for (let i = 0; i < 1 + random.int(2); i++) {
    stage.pass(hour, 3 * day);
    stage.event([[path, text(note(random.pick(['Version 2 is live', 'Done', `${words.title()} finished`])))]]);
  }
  return stage.scene;
}

/** W8: a counter in a heading goes up and down with the entries below it. */
export function counter(props: Props): Scene {
  const { random, words } = props;
  const stage = new Stage(props);
  const path = random.pick(['memory/inventory.md', 'docs/inventory.md', 'skills/INDEX.md', 'docs/agents.md']);
  const title = words.title();
  let entries = some(random, 3, 7, () => [words.title(), words.sentence()] as const);
  const form = random.pick([
    (n: number) => `## ${title} (${n})`,
    (n: number) => `## ${n} ${title}`,
    (n: number) => `**Total**: ${n}`,
  ]);
  const intro = words.sentence();
  const text = () =>
    `# Inventory\n\n${intro}.\n\n${form(entries.length)}\n\n| name | use |\n|---|---|\n${entries.map(row => `| ${row.join(' | ')} |`).join('\n')}\n`;
  stage.found(path, text(), 3 * day);
  for (let i = 0; i < 2 + random.int(3); i++) {
    stage.pass(hour / 30, 12 * hour);
    entries = [...entries, [words.title(), words.sentence()] as const];
    stage.event([[path, text()]]);
    // The same session takes out what it had read, and says so.
    if (random.chance(0.5)) {
      stage.pass(hour / 60, hour);
      const [first, ...rest] = entries;
      entries = [...rest.slice(0, -1), [rest.at(-1)![0], `${words.sentence()}; ${first![0]} was dropped`] as const];
      stage.life([path, text()]);
    }
  }
  return stage.scene;
}
