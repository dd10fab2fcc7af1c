/**
 * Histories out of little stories. A line is one version: `'A: one two #Notes three'` is a Markdown file with two list
 * items, a heading and an item below it. `_` stands for a blank. Thirty seconds lie between two lines, or what the line
 * begins with: `+20ms`, `+3h`. Instead of words: `(empty)`, `(gone)`. Who is `restore`: undertext itself wrote it; who
 * is `import`: a record tells of it; who ends in `?`: the reading was not settled.
 */
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { AuditInput, AuditResult } from '../../src/audit/run-audit.ts';
import { runAudit } from '../../src/audit/run-audit.ts';
import type { Testimony } from '../../src/audit/testimony.ts';
import { historyOf } from '../../src/history/history.ts';
import { classifier } from '../../src/home/classes.ts';
import { defaultConfig } from '../../src/home/config.ts';
import type { FileClass, How, Incident, PathHistory, Root, Time, Version, Writer } from '../../src/model.ts';
import type { Rule } from '../../src/rule.ts';

export interface Step {
  readonly path: string;
  readonly at: Time;
  /** When it was read; left out: at once. */
  readonly seenAt?: Time;
  /** Null: the file is gone. */
  readonly text: string | null;
  readonly who?: string;
  readonly how?: How;
  readonly settled?: boolean;
}

export interface World {
  readonly histories: readonly PathHistory[];
  readonly end: Time;
  read(blob: string): Promise<Uint8Array>;
}

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

export function world(steps: readonly Step[], classes: (path: string) => FileClass = () => 'authored'): World {
  const contents = new Map<string, Uint8Array>();
  const versions = steps.map((step, i) => versionOf(step, i, contents));
  const paths = [...new Set(steps.map(step => step.path))];
  return {
    histories: paths.map(path =>
      historyOf(
        versions.filter(version => version.path === path),
        classes(path),
      ),
    ),
    end: Math.max(...steps.map(step => step.at)),
    async read(blob) {
      const bytes = contents.get(blob);
      if (!bytes) throw new Error(`no blob ${blob}`);
      return bytes;
    },
  };
}

function versionOf(step: Step, i: number, contents: Map<string, Uint8Array>): Version {
  const bytes = new TextEncoder().encode(step.text ?? '');
  const blob = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
  if (step.text !== null) contents.set(blob, bytes);
  const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789';
  const name = createHash('sha1').update(`${step.path} ${i}`).digest();
  return {
    id: [...name.subarray(0, 10)].map(byte => alphabet[byte % 32]).join(''),
    root: 'home',
    path: step.path,
    kind: step.text === null ? 'gone' : 'file',
    at: step.at,
    seenAt: step.seenAt ?? step.at,
    blob: step.text === null ? null : blob,
    size: bytes.length,
    mode: step.text === null ? 0 : 0o644,
    mtime: step.text === null ? null : step.at,
    how: step.how ?? 'event',
    settled: step.settled ?? true,
    snapshot: null,
  };
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

/** A home of Claude Code, whose classes every story has that names none. */
export const claude: Root = { name: 'home', path: '/home/me/.claude', beside: ['../.claude.json'] };
const classify = classifier(defaultConfig);
export const classOf = (path: string): FileClass => classify(claude, path);

/** `~/.claude/x`, `/home/me/.claude/x`, or relative to the folder of the file. */
function pathOf(written: string, { path }: { readonly path: string }): string | null {
  const text = written.replace(/^(~|\$HOME|\$\{HOME\})(?=\/)/, '/home/me').replace('$CLAUDE_CONFIG_DIR', claude.path);
  const full = posix.resolve(posix.dirname(posix.join(claude.path, path)), text);
  const inside = posix.relative(claude.path, full);
  if (inside === '' || (inside.startsWith('..') && inside !== '../.claude.json')) return null;
  return /[$`*]/.test(text) || classOf(inside) === 'noise' ? null : inside;
}

export type Extra = Partial<Omit<AuditInput, 'histories' | 'read' | 'rules'>>;

/** Audits a story an hour after its end, so that nothing is too young to be judged. */
export function audit(steps: readonly Step[], rules: readonly Rule[], extra: Extra = {}): Promise<AuditResult> {
  const { histories, read, end } = world(steps, classOf);
  return runAudit({
    histories,
    read,
    rules,
    options: {},
    isNoise: () => false,
    notes: [],
    pathOf,
    isFirstLook: ({ how }) => how === 'scan',
    now: end + 3_600_000,
    ...extra,
  });
}

/** `likely high: three` — what an incident says, short enough for a table. */
export function inShort(incident: Incident): string {
  return `${incident.certainty} ${incident.severity}: ${incident.units.map(unit => unit.name).join(', ')}`;
}
