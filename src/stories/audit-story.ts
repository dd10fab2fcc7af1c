/** What rules say of a story: an audit without disk, store and clock. */
import { posix } from 'node:path';
import { type AuditInput, type AuditResult, runAudit } from '../audit/run-audit.ts';
import { classifier } from '../home/classes.ts';
import { defaultConfig } from '../home/config.ts';
import type { FileClass, Incident, Root } from '../model.ts';
import type { Rule } from '../rule.ts';
import { type Step, world } from './world.ts';

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
