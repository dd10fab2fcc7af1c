/** What histories start from: texts in the shapes that notes have, and real folders where they are present. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from './random.ts';
import type { Words } from './words.ts';

/** Path → text. The first path is the one most is done to. */
export type Base = ReadonlyMap<string, string>;

const shapes = { index: 3, notes: 4, list: 3, table: 2, prose: 2, form: 3, inbox: 2, boxes: 2, named: 2 };

export function synthetic(random: Random, words: Words): Base {
  const shape = random.weighted(shapes);
  const some = (from: number, to: number, make: (i: number) => string) =>
    Array.from({ length: from + random.int(to - from + 1) }, (_, i) => make(i));
  if (shape === 'index') {
    const entries = some(3, 14, () => [words.title(), words.sentence()] as never) as unknown as [string, string][];
    const slugs = [...new Set(entries.map(([title]) => title.replaceAll(' ', '-')))];
    return new Map([
      [
        'memory/MEMORY.md',
        `# Memory\n\n${slugs.map((slug, i) => `- [${slug}](${slug}.md) — ${entries[i]![1]}`).join('\n')}\n`,
      ],
      ...slugs.map(slug => [`memory/${slug}.md`, topic(slug, words, random)] as const),
    ]);
  }
  const other = [
    'docs/other.md',
    `# Other notes\n\n${some(2, 5, () => `- ${words.sentence()}`).join('\n')}\n`,
  ] as const;
  if (shape === 'form') {
    const fields = some(
      3,
      6,
      () => `## ${words.title()}\n\n${random.chance(0.5) ? `- ${words.sentence()}` : `${words.sentence()}.`}`,
    );
    return new Map([['memory/context/now.md', `# Status\n\n${fields.join('\n\n')}\n`], other]);
  }
  if (shape === 'inbox') {
    return new Map([['inbox.md', `# Inbox\n\n${some(1, 4, () => `- ${words.sentence()}`).join('\n')}\n`], other]);
  }
  if (shape === 'boxes') {
    const boxes = some(4, 12, () => `- [${random.chance(0.3) ? 'x' : ' '}] ${words.sentence()}`);
    return new Map([['TASKS.md', `# Tasks\n\n${boxes.join('\n')}\n`], other]);
  }
  if (shape === 'named') {
    const entries = some(4, 12, () => `- **${words.title()}**: ${words.sentence()}`);
    return new Map([['docs/knowledge.md', `# What is known\n\n${entries.join('\n')}\n`], other]);
  }
  if (shape === 'list') {
    return new Map([['notes.md', `# Notes\n\n${some(3, 20, () => `- ${words.sentence()}`).join('\n')}\n`], other]);
  }
  if (shape === 'table') {
    const rows = some(3, 15, () => `| ${words.title()} | ${words.sentence()} | ${words.number()} |`);
    return new Map([['docs/table.md', `# Figures\n\n| name | what | n |\n|---|---|---|\n${rows.join('\n')}\n`], other]);
  }
  const sections = some(2, 6, () => {
    const list = random.chance(0.7) ? `\n\n${some(1, 6, () => `- ${words.sentence()}`).join('\n')}` : '';
    const said = some(1, shape === 'prose' ? 4 : 1, () => `${words.sentence()}. ${words.sentence()}.`);
    return `## ${words.title()}\n\n${said.join('\n\n')}${list}`;
  });
  return new Map([['CLAUDE.md', `# Project\n\n${sections.join('\n\n')}\n`], other]);
}

export function topic(slug: string, words: Words, random: Random): string {
  const items = Array.from({ length: 1 + random.int(4) }, () => `- ${words.sentence()}`).join('\n');
  return `---\nname: ${slug}\ndescription: ${words.title()}\n---\n\n# ${slug}\n\n${words.sentence()}.\n\n${items}\n`;
}

/** Markdown files of real folders that are neither tiny nor huge; a few of one folder are a base. */
export function realFolders(corpus: string): readonly Base[] {
  const folders = join(corpus, 'folders');
  if (!existsSync(folders)) return [];
  const byFolder = new Map<string, [string, string][]>();
  for (const name of readdirSync(folders, { recursive: true, encoding: 'utf8' }).sort()) {
    const file = join(folders, name);
    if (!name.endsWith('.md') || !statSync(file).isFile()) continue;
    const text = readFileSync(file, 'utf8').replace(/\r\n?/g, '\n');
    if (text.length < 400 || text.length > 12_000) continue;
    const parts = name.split(/[\\/]/);
    const folder = parts.slice(0, -1).join('/');
    byFolder.set(folder, [...(byFolder.get(folder) ?? []), [parts.slice(1).join('/'), text]]);
  }
  const all = [...byFolder.values()];
  return all.flatMap(files =>
    files.map((first, i) => new Map([first, ...files.slice(i + 1, i + 3), ...files.slice(0, Math.min(i, 1))])),
  );
}
