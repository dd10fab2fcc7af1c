/** `log PATH`: the versions of a path. */
import type { Time, Version, Writer } from '../model.ts';
import { jsonText } from './json-text.ts';
import { bytes, count } from './sizes.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';
import { clock, iso } from './times.ts';
import { visible } from './visible.ts';
import { wrap } from './width.ts';
import { writerInWords } from './writers.ts';

export interface LogRow {
  readonly version: Version;
  readonly writer: Writer | null;
  /** When its content was forgotten; null while it is kept, and for a secret. */
  readonly forgotten: Time | null;
  /** Where an imported version came from; null for all others. */
  readonly source?: VersionSource | null;
  /** What it changed, in a few words. */
  readonly change: string;
}

export interface VersionSource {
  readonly kind: 'transcript' | 'file-history' | 'backup' | 'git';
  readonly tier: string;
  readonly validated: boolean;
}

/** Nobody reads more in a terminal; JSON has them all. */
const mostRows = 500;

/** `rows` come oldest first and are shown newest first. `partial`: versions left out, for they were read while the file was being written. */
export function logTable(
  log: { readonly root: string; readonly path: string; readonly rows: readonly LogRow[]; readonly partial?: number },
  style: Style,
  now: Time,
): string {
  if (log.rows.length === 0) return `no version of ${visible(log.path)} is kept\n`;
  const newest = log.rows.slice(-mostRows).toReversed();
  const rows = newest.map(row => {
    const { id, when, size, writer, change } = rowTexts(row, now);
    return [{ text: id, paint: style.command }, when, size, writer, change];
  });
  const older = log.rows.length - newest.length;
  const partial = log.partial ?? 0;
  const notes = [
    ...(older > 0 ? [`… ${count(older, 'older version')}: ${style.sentence('undertext log')} PATH --json`] : []),
    ...(partial > 0
      ? [
          `${count(partial, 'version')} read while being written not listed: ${style.sentence('undertext log')} PATH --json`,
        ]
      : []),
  ];
  const head = ['version', 'when', 'size', 'writer', 'what changed'];
  const end =
    notes.length === 0
      ? ''
      : `\n${notes
          .flatMap(note => wrap(note, style.width))
          .map(style.dim)
          .join('\n')}\n`;
  return `${style.bold(visible(log.path))}\n\n${table(head, rows, style)}\n${end}`;
}

/** The cells of a version, the same in every table. */
export function rowTexts({ version, writer, forgotten, source = null, change }: LogRow, now: Time) {
  const what = forgotten === null ? visible(change) : `forgotten ${clock(forgotten, now)}`;
  return {
    id: version.id,
    when: clock(version.at, now),
    size: version.kind === 'file' ? bytes(version.size) : forgotten === null ? version.kind : '–',
    writer: writerInWords(writer).replace(' writer', ''),
    change: `${what}${version.settled ? '' : ' (read while it was being written)'}${origin(source)}`,
  };
}

const origins: Readonly<Record<VersionSource['kind'], string>> = {
  transcript: 'imported from a transcript',
  'file-history': 'imported from a copy of the client',
  backup: 'imported from a backup',
  git: 'imported from git',
};

/** ` · imported from a transcript (chain, not validated)` */
function origin(source: VersionSource | null): string {
  if (source === null) return '';
  const doubts = [source.tier === 'chain' ? 'chain' : '', source.validated ? '' : 'not validated'].filter(Boolean);
  return ` · ${origins[source.kind] ?? 'imported'}${doubts.length === 0 ? '' : ` (${doubts.join(', ')})`}`;
}

/** Oldest first. */
export function logJson(log: {
  readonly root: string;
  readonly path: string;
  readonly versions: readonly Omit<LogRow, 'change'>[];
}): string {
  const versions = log.versions.map(logVersion);
  return `${jsonText({ format: 1, root: log.root, path: log.path, versions }, 2)}\n`;
}

/** One version as JSON has it. */
export function logVersion({ version, writer, forgotten, source = null }: Omit<LogRow, 'change'>): object {
  const { root, path, id, at, seenAt, kind, blob, size, mode, how, settled, snapshot } = version;
  const plain = {
    root,
    path,
    version: id,
    at: iso(at),
    seenAt: iso(seenAt),
    kind,
    blob,
    size,
    mode,
    how,
    settled,
    snapshot,
  };
  return { ...plain, forgotten: forgotten === null ? null : iso(forgotten), source, writer };
}
