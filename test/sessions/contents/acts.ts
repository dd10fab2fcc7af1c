/** Acts of a story, one minute apart unless it says when. */
import { structuredPatch } from 'diff';
import type { Hunk, RawAct } from '../../../src/sessions/act.ts';

export const noon = Date.parse('2026-11-20T12:00:00Z');

let count = 0;

export function act(kind: RawAct['kind'], given: Partial<RawAct> = {}): RawAct {
  const number = ++count;
  const at = given.at ?? noon + number * 60_000;
  return {
    session: 'A',
    agent: null,
    id: `toolu_${number}`,
    kind,
    tool: kind,
    root: 'claude',
    path: 'notes.md',
    asked: at - 20,
    transcript: 'projects/p/A.jsonl',
    offset: number,
    ...given,
    at,
  };
}

/** As a client tells a read of a whole file. */
export const read = (text: string, given: Partial<RawAct> = {}) => act('read', { after: text, ...given });

/** A write with everything a client may tell about it. */
export function write(before: string | null, after: string, given: Partial<RawAct> = {}): RawAct {
  return act('write', { before, after, patch: before === null ? [] : patchOf(before, after), ...given });
}

/** An edit of one place, with everything a client may tell about it. */
export function edit(before: string, old: string, fresh: string, given: Partial<RawAct> = {}): RawAct {
  const after = before.replace(old, () => fresh);
  return act('edit', {
    before,
    edits: [{ old, new: fresh, all: false }],
    patch: patchOf(tabsShown(before), tabsShown(after)),
    ...given,
  });
}

/** The same record as another version of the client leaves it: without these. */
export function without(raw: RawAct, ...fields: readonly ('before' | 'patch' | 'after')[]): RawAct {
  return Object.fromEntries(
    Object.entries(raw).filter(([key]) => !fields.includes(key as 'before')),
  ) as unknown as RawAct;
}

export function patchOf(before: string, after: string): readonly Hunk[] {
  return structuredPatch('a', 'b', before, after, '', '', { context: 3 }).hunks.map(
    ({ oldStart, oldLines, newStart, newLines, lines }) => ({ oldStart, oldLines, newStart, newLines, lines }),
  );
}

function tabsShown(text: string): string {
  return text.replace(/^\t+/gm, tabs => '  '.repeat(tabs.length));
}
