/** Texts of a home and what sessions do to them: add most of the time, change lines, remove some, now and then write anew. */
import { makeTexts } from './texts.ts';

export type Kind = 'note' | 'skill' | 'index' | 'settings' | 'log';

/** A number from 0 to 1; the same ones for the same seed. */
export type Dice = () => number;

export interface Edited {
  readonly text: string;
  /** The version before, from which a stale write grows. */
  readonly before: string | null;
}

const anyWords = makeTexts();
/** Prose: few of its words begin with a digit. */
const words = (length: number): string => anyWords(length).replace(/(^| )\d/g, (_, blank: string) => `${blank}w`);
/** Files of a home are small. */
const smallest = 1_000;
const largest = 12_000;
/** One write in so many grew from the version before the last. */
const stale = 0.005;

export function chance(seed: number): Dice {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export function newText(kind: Kind, path: string, names: readonly string[], dice: Dice): Edited {
  if (kind === 'log') return { text: records(20 + pick(dice, 60), dice), before: null };
  if (kind === 'settings') return { text: settings(dice), before: null };
  const name = path.split('/').at(kind === 'skill' ? -2 : -1)!;
  if (kind === 'index') {
    const lines = names.map(target => `- [${target.replace(/(\/SKILL)?\.md$/, '')}](${target}) — ${words(30)}`);
    return { text: `# ${name}\n\n${lines.join('\n')}\n`, before: null };
  }
  const head = `---\nname: ${name.replace('.md', '')}\ndescription: ${words(70)}\ntype: ${dice() < 0.5 ? 'project' : 'feedback'}\n---\n\n# ${words(24)}\n\n`;
  const length = smallest + dice() ** 2 * 6_000;
  let text = head;
  while (text.length < length) text += `${part(dice)}\n\n`;
  return { text, before: null };
}

/** 60 % add, 25 % change lines, 10 % remove, 5 % write most of it anew; an index and a log are changed more carefully. */
export function edit({ text, before }: Edited, kind: Kind, dice: Dice): Edited {
  if (kind === 'log') return { text: text + records(5 + pick(dice, 40), dice), before: text };
  if (kind === 'settings') return { text: editSettings(text, dice), before: text };
  const from = before !== null && dice() < stale ? before : text;
  if (kind === 'index') return { text: editIndex(from, dice), before: text };
  const parts = from.trimEnd().split('\n\n');
  const roll = dice();
  if (from.length > largest || (roll >= 0.85 && roll < 0.95)) remove(parts, dice);
  else if (roll < 0.3) parts.push(part(dice));
  else if (roll < 0.6) parts.splice(body(parts, dice), 0, part(dice));
  else if (roll < 0.85) change(parts, dice);
  else for (let at = 2; at < parts.length; at++) if (dice() < 0.7) parts[at] = part(dice);
  return { text: `${parts.join('\n\n')}\n`, before: text };
}

function pick(dice: Dice, below: number): number {
  return Math.floor(dice() * below);
}

/** Not the frontmatter, and not the title. */
function body(parts: readonly string[], dice: Dice): number {
  return Math.min(parts.length, 2 + pick(dice, parts.length - 1));
}

/** What stands between two blank lines: a heading, a paragraph, a list, a block of code, a table. */
function part(dice: Dice): string {
  const roll = dice();
  if (roll < 0.25) return `## ${words(10 + pick(dice, 20))}`;
  if (roll < 0.6) return sentences(2 + pick(dice, 3), dice);
  if (roll < 0.9) {
    const items = Array.from({ length: 2 + pick(dice, 5) }, () => `- ${words(40 + pick(dice, 90))}`);
    if (dice() < 0.3) items.splice(1, 0, `  - ${words(50)}`);
    return items.join('\n');
  }
  if (roll < 0.95) return `\`\`\`sh\n${words(30)}\n${words(50)}\n\`\`\``;
  return `| what | where |\n|---|---|\n${Array.from({ length: 3 }, () => `| ${words(12)} | ${words(30)} |`).join('\n')}`;
}

function sentences(count: number, dice: Dice): string {
  return Array.from({ length: count }, () => `${words(40 + pick(dice, 80))}.`).join('\n');
}

function remove(parts: string[], dice: Dice): void {
  if (parts.length > 5) parts.splice(body(parts, dice), 1 + pick(dice, 2));
}

function change(parts: string[], dice: Dice): void {
  for (let n = 1 + pick(dice, 2); n > 0; n--) {
    const at = Math.min(parts.length - 1, body(parts, dice));
    const lines = parts[at]!.split('\n');
    const line = pick(dice, lines.length);
    const said = lines[line]!.split(' ');
    for (let i = 1; i < said.length; i++) if (dice() < 0.15) said[i] = words(5 + pick(dice, 6));
    lines[line] = said.join(' ');
    parts[at] = lines.join('\n');
  }
}

function editIndex(text: string, dice: Dice): string {
  const lines = text.trimEnd().split('\n');
  const at = 2 + pick(dice, lines.length - 2);
  const roll = dice();
  if (roll < 0.45) lines[at] = lines[at]!.replace(/ — .*|$/, ` — ${words(20 + pick(dice, 40))}`);
  else if (roll < 0.9) lines.splice(at, 0, `- ${words(60)}`);
  else if (!lines[at]!.includes('](')) lines.splice(at, 1);
  return `${lines.join('\n')}\n`;
}

function settings(dice: Dice): string {
  const rules = (count: number) => Array.from({ length: count }, () => `Bash(${words(12)}:*)`);
  const about = {
    model: 'opus',
    env: { EDITOR: 'vi', LEVEL: '3' },
    permissions: { allow: rules(10 + pick(dice, 20)), deny: rules(3) },
    hooks: { PostToolUse: [{ matcher: 'Write', hooks: [{ type: 'command', command: words(40) }] }] },
    enabledPlugins: Object.fromEntries(rules(4).map(rule => [rule, true])),
  };
  return `${JSON.stringify(about, null, 2)}\n`;
}

function editSettings(text: string, dice: Dice): string {
  const about = JSON.parse(text);
  const { allow } = about.permissions;
  const roll = dice();
  if (roll < 0.7 && allow.length < 120) allow.push(`Bash(${words(14)}:*)`);
  else if (roll < 0.9) about.env.LEVEL = String(pick(dice, 1000));
  else allow.splice(pick(dice, allow.length), 1);
  return `${JSON.stringify(about, null, 2)}\n`;
}

function records(count: number, dice: Dice): string {
  return Array.from(
    { length: count },
    () =>
      `${JSON.stringify({ type: 'assistant', uuid: String(dice()), message: { role: 'assistant', content: [{ type: 'text', text: words(200 + pick(dice, 800)) }] } })}\n`,
  ).join('');
}
