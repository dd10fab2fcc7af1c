/** `forget`: what went for good, and what may hold the same words still. */

import type { Time, Version } from '../model.ts';
import { jsonText } from './json-text.ts';
import { bytes, count } from './sizes.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';
import { clock, iso } from './times.ts';
import { visible } from './visible.ts';
import { wrap } from './width.ts';

export interface ForgetReport {
  /** The path that was named. */
  readonly root: string;
  readonly path: string;
  /** When it was done; null for a dry run. */
  readonly at: Time | null;
  readonly reason: string | null;
  /** As they were while they had content: those of the path, oldest first, then those of others that have the same. */
  readonly versions: readonly Version[];
  /** Of the contents; each once. */
  readonly bytes: number;
  /** By how much the store shrank, what the trash held included; null for a dry run. */
  readonly freed: number | null;
  /** Ids of incidents whose text goes. */
  readonly incidents: readonly string[];
  /** The version that `--past` leaves: what stands on the disk. */
  readonly left: readonly string[];
}

/** A path may have thousands of versions; JSON has them all. */
const mostRows = 40;

export function forgetText(report: ForgetReport, style: Style, now: Time): string {
  const { root, path, at, versions } = report;
  const isDry = at === null;
  const own = versions.filter(version => version.root === root && version.path === path);
  const others = versions.length - own.length;
  const and = others > 0 ? `, and ${count(others, 'version')} elsewhere with the same content` : '';
  const what = `${count(own.length, 'version')} of ${visible(path)}${and}`;
  const shown = versions.slice(-mostRows);
  const rows = shown.map(version => [
    { text: version.id, paint: style.command },
    clock(version.at, now),
    version.kind === 'file' ? bytes(version.size) : version.kind,
    visible(version.path),
  ]);
  const more = versions.length - shown.length;
  return [
    ...wrap(`${isDry ? 'would forget' : 'forgot'} ${what}: ${bytes(report.bytes)} of content`, style.width),
    '',
    table(['version', 'when', 'size', 'path'], rows, style),
    ...(more > 0 ? [style.dim(`… and ${count(more, 'older version')}`)] : []),
    '',
    ...[...consequences(report, isDry), ...(isDry ? [] : limits(report))].flatMap(line => wrap(line, style.width)),
    '',
    isDry ? 'nothing was changed' : style.command(`undertext log ${word(path)}`),
    '',
  ].join('\n');
}

function consequences({ incidents, left, freed }: ForgetReport, isDry: boolean): readonly string[] {
  const goes = isDry ? 'would go' : 'went';
  return [
    ...(incidents.length > 0
      ? [
          `the text of ${count(incidents.length, 'incident')} ${goes} too, and cannot be restored: ${incidents.join(', ')}`,
        ]
      : []),
    ...(left.length > 0 ? [`left, because the file on the disk says it: ${left.join(', ')}`] : []),
    isDry ? 'the trash would be emptied too' : `the trash was emptied too; the store is ${bytes(freed ?? 0)} smaller`,
  ];
}

function limits({ path }: ForgetReport): readonly string[] {
  return [
    `other versions of ${visible(path)}, and other files, may hold the same words: undertext find TEXT`,
    'backups and synchronized copies of the store, and what the sessions wrote into their own transcripts, are not ours to clean',
    'that these versions stood there stays: undertext log shows them as forgotten',
  ];
}

/** `forget --json`, also with `--dry-run`. */
export function forgetJson(report: ForgetReport): string {
  const { root, path, at, reason, versions, bytes, freed, incidents, left } = report;
  const plain = {
    format: 1,
    root,
    path,
    dryRun: at === null,
    at: at === null ? null : iso(at),
    reason,
    versions: versions.map(({ id, root, path, at, size }) => ({ version: id, root, path, at: iso(at), size })),
    bytes,
    freed,
    incidents,
    left,
  };
  return `${jsonText(plain, 2)}\n`;
}

/** A path as a shell takes it. */
function word(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${visible(path).replaceAll("'", `'\\''`)}'`;
}
