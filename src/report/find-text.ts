/** `find TEXT`: where a text stood, and when it went. */
import type { Time, Version } from '../model.ts';
import { jsonText } from './json-text.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';
import { clock, iso } from './times.ts';
import { visible } from './visible.ts';
import { cut } from './width.ts';

export interface Found {
  readonly root: string;
  readonly path: string;
  /** The first and the last version that hold it, and how many do. */
  readonly first: Version;
  readonly last: Version;
  readonly count: number;
  /** The version that no longer has it; null while it is there. */
  readonly gone: Version | null;
}

export function findText(text: string, found: readonly Found[], style: Style, now: Time): string {
  if (found.length === 0) return `no version of any file holds "${cut(visible(text), 60)}"\n`;
  const rows = found.map(({ path, first, last, count, gone }) => [
    visible(path),
    clock(first.at, now),
    gone === null ? { text: 'still there', paint: style.good } : { text: clock(gone.at, now), paint: style.bad },
    { text: last.id, paint: style.command },
    String(count),
  ]);
  const lost = found.find(({ gone }) => gone !== null);
  const hint =
    lost === undefined ? '' : `\nto read it: ${style.command(`undertext cat ${word(lost.path)}@${lost.last.id}`)}\n`;
  return `${table(['path', 'since', 'gone', 'last version', 'versions'], rows, style)}\n${hint}`;
}

export function findJson(text: string, found: readonly Found[]): string {
  const files = found.map(({ root, path, first, last, count, gone }) => ({
    root,
    path,
    first: { version: first.id, at: iso(first.at) },
    last: { version: last.id, at: iso(last.at) },
    count,
    gone: gone && { version: gone.id, at: iso(gone.at) },
  }));
  return `${jsonText({ format: 1, text, found: files }, 2)}\n`;
}

/** A path as a shell takes it. */
function word(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${visible(path).replaceAll("'", `'\\''`)}'`;
}
