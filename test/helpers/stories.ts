/**
 * Histories out of little stories. A line is one version: `'A: one two #Notes three'` is a Markdown file with two list
 * items, a heading and an item below it. `_` stands for a blank. Thirty seconds lie between two lines, or what the line
 * begins with: `+20ms`, `+3h`. Instead of words: `(empty)`, `(gone)`. Who is `restore`: undertext itself wrote it; who
 * is `import`: a record tells of it; who ends in `?`: the reading was not settled.
 */
import type { Testimony } from '../../src/audit/testimony.ts';
import type { Writer } from '../../src/model.ts';
import type { Step } from '../../src/stories/world.ts';

export * from '../../src/stories/audit-story.ts';
export * from '../../src/stories/world.ts';

export const noon = Date.UTC(2026, 10, 20, 12);
const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The lines of one path, or of several when a line names its own: `'memory/x.md < A: one'`. */
export function story(lines: readonly string[], path = 'notes.md', start = noon): readonly Step[] {
  let at = start - 30_000;
  return lines.map(line => {
    const match = /^(?:\+(\d+)(ms|s|m|h|d)\s+)?(?:(\S+)\s+<\s+)?(\w+)(\?)?:\s*(.*)$/s.exec(line);
    if (!match) throw new Error(`no such line in a story: ${line}`);
    const [, n, unit, named, who = '', unsettled, words = ''] = match;
    at += n === undefined ? 30_000 : Number(n) * units[unit!]!;
    return {
      path: named ?? path,
      at,
      text: words === '(gone)' ? null : words === '(empty)' ? '' : markdown(words),
      who,
      how: who === 'restore' ? 'restore' : who === 'scan' || who === 'import' ? who : 'event',
      settled: unsettled === undefined,
    };
  });
}

/** `one #Two three` → a list item, a heading, a list item; `key=value` at the start is a field; `"…"` is a paragraph. */
export function markdown(words: string): string {
  const parts = words.match(/"[^"]*"|\S+/g) ?? [];
  const fields = parts.filter(part => /^[a-z]+=/.test(part)).map(part => part.replace('=', ': '));
  const body = parts
    .filter(part => !/^[a-z]+=/.test(part))
    .map(part => {
      if (part.startsWith('"')) return `\n${part.slice(1, -1)}\n`;
      const text = part.replaceAll('_', ' ');
      return text.startsWith('#') ? `\n${text.replace(/^#+/, '#$& ')}\n` : `- ${text}`;
    });
  const front = fields.length === 0 ? [] : ['---', ...fields.map(field => field.replaceAll('_', ' ')), '---', ''];
  return `${[...front, ...body].join('\n').trim()}\n`;
}

/** One version for each row, thirty seconds apart, or as long after the one before as `after` says (milliseconds). */
export type Row = readonly [path: string, text: string | null, more?: Partial<Step> & { readonly after?: number }];

export function rows(all: readonly Row[], start = noon): readonly Step[] {
  let at = start - 30_000;
  return all.map(([path, text, { after = 30_000, ...more } = {}]) => {
    at += after;
    return { path, at, text, ...more };
  });
}

/** Who wrote each version, as records would say it: sessions by their names; nobody where a step has no `who`. */
export function writersOf(steps: readonly Step[]): Testimony {
  return {
    writer: async ({ path, at }): Promise<Writer | null> => {
      const who = steps.find(step => step.path === path && step.at === at)?.who;
      return who ? { kind: 'session', id: who, label: who, certainty: 'proven' } : null;
    },
    knowledge: async () => null,
    seen: async () => null,
    signature: () => '',
  };
}
