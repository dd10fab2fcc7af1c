/** Acts and versions out of short lines: `'A read v0'`, `'C write v0 -> v1'`, thirty seconds after each other. */
import { createHash } from 'node:crypto';
import type { Version } from '../../src/model.ts';
import type { Act, ActKind, KnownContent, ShellDeed } from '../../src/sessions/act.ts';

export const noon = Date.UTC(2026, 10, 20, 12);
const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000 };

export const nameOf = (text: string) => createHash('sha1').update(`blob ${text.length}\0${text}`).digest('hex');

function known(text: string | undefined): KnownContent | null {
  if (text === undefined || text === '?' || text === '-') return null;
  if (text.endsWith('~')) return { ...known(text.slice(0, -1))!, tier: 'chain', isValidated: false };
  return { blob: nameOf(text), size: text.length, tier: 'own record', isValidated: true };
}

const kinds: Record<string, { kind: ActKind; tool: string; shell?: ShellDeed }> = {
  read: { kind: 'read', tool: 'Read' },
  given: { kind: 'given', tool: 'instructions' },
  part: { kind: 'part', tool: 'Read' },
  write: { kind: 'write', tool: 'Write' },
  edit: { kind: 'edit', tool: 'Edit' },
  refused: { kind: 'refused', tool: 'Write' },
  heredoc: { kind: 'shell', tool: 'Bash', shell: 'write' },
  sed: { kind: 'shell', tool: 'Bash', shell: 'edit' },
  script: { kind: 'shell', tool: 'Bash', shell: 'run' },
  rm: { kind: 'shell', tool: 'Bash', shell: 'remove' },
};

/**
 * `A read v0`; `C edit v0 -> v1`; `?` for a content that is not known, `-` for no file; `v1~` is only supposed. `A/x` is a sub-agent of A;
 * `+20ms` in front sets the pause; `(A copied to F)` behind says that F's transcript has it too. A call takes 20 ms.
 */
export function acts(lines: readonly string[], path = 'notes.md'): readonly Act[] {
  let at = noon - 30_000;
  return lines.map((line, i) => {
    const match = /^(?:\+(\d+)(ms|s|m) )?(\w+)(?:\/(\w+))? (\w+) (\S+)(?: -> (\S+))?(?: copied to (\w+))?$/.exec(line);
    if (!match) throw new Error(`no such act: ${line}`);
    const [, n, unit, session = '', agent = null, kind = '', first = '', second, fork] = match;
    at += n === undefined ? 30_000 : Number(n) * units[unit!]!;
    const isChange = second !== undefined;
    return {
      ...kinds[kind]!,
      id: `t${i}`,
      root: 'home',
      path,
      session,
      agent,
      asked: at - 20,
      at,
      transcript: `${session}.jsonl`,
      offset: i * 1000,
      before: isChange ? known(first) : null,
      ...(isChange && first === '-' ? { isNew: true } : {}),
      after: known(isChange ? second : first),
      ...(fork ? { knownTo: [{ session: fork, agent: null }] } : {}),
    };
  });
}

/** `v0`, `+20ms v1`, `(gone)`, `scan v1` (found 5 minutes later), `restore v1`: thirty seconds after each other. */
export function versions(lines: readonly string[], path = 'notes.md'): readonly Version[] {
  let at = noon - 30_000 - 3;
  return lines.map((line, i) => {
    const match = /^(?:([+-]\d+)(ms|s|m) )?(?:(scan|restore|import) )?(\S+)$/.exec(line);
    if (!match) throw new Error(`no such version: ${line}`);
    const [, n, unit, how = 'event', text = ''] = match;
    at += n === undefined ? 30_000 : Number(n) * units[unit!]!;
    const isGone = text === '(gone)';
    return {
      id: `v${'abcdefghijkmnopqrstuvwxyz23456789'[i]}`.padEnd(10, 'x'),
      root: 'home',
      path,
      kind: isGone ? 'gone' : 'file',
      at,
      seenAt: how === 'scan' ? at + 300_000 : at + 2,
      blob: isGone ? null : nameOf(text),
      size: isGone ? 0 : text.length,
      mode: 0o644,
      mtime: isGone ? null : at,
      how: how as Version['how'],
      settled: true,
      snapshot: null,
    };
  });
}
