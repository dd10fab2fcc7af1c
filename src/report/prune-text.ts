/** `prune`: what goes and why, what stays although it is old, and what the trash holds. */

import type { FileClass, Time } from '../model.ts';
import { jsonText } from './json-text.ts';
import { plainRoom, type RoomReport, roomInWords } from './room-text.ts';
import { bytes, count } from './sizes.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';
import { clock, iso } from './times.ts';
import { visible } from './visible.ts';
import { wrap } from './width.ts';

export type WhyDropped = 'thinned' | 'contained' | 'gone-log' | 'cap';
export type WhyKept = 'needed' | 'text' | 'deletion';

/** Versions of one path, or of all files of a class, that go for one reason. `bytes` is an estimate. */
export interface Going {
  readonly class: FileClass;
  readonly why: WhyDropped;
  readonly versions: number;
  readonly bytes: number;
}

export interface GoingPath extends Going {
  readonly root: string;
  readonly path: string;
}

/** Versions of a path that stay although they are old. */
export interface Staying {
  readonly root: string;
  readonly path: string;
  readonly why: WhyKept;
  /** What needs them: `incident k7f3qz`; null when nothing does. */
  readonly by: string | null;
  readonly versions: number;
}

export interface PruneReport {
  readonly isDry: boolean;
  /** The store is above its cap, and more goes than by its age. */
  readonly isForced: boolean;
  readonly versions: number;
  /** About how much of the disk that is, once the trash is emptied. */
  readonly bytes: number;
  /** Of `versions`: those that were the last to hold a text, which goes with them. */
  readonly lastTexts: number;
  readonly classes: readonly Going[];
  readonly paths: readonly GoingPath[];
  readonly kept: readonly Staying[];
  readonly room: RoomReport;
  readonly trash: {
    /** What was dropped before, or now. */
    readonly bytes: number;
    /** When the oldest of it is removed for good; null when there is none. */
    readonly until: Time | null;
    /** What was removed for good now. */
    readonly emptied: number;
  };
}

/** What a watcher tells of a pruning. */
export interface PrunedInShort {
  readonly versions: number;
  /** About so many bytes go with the trash … */
  readonly bytes: number;
  /** … and so many were removed for good now. */
  readonly emptied: number;
  /** More than by age, as the store was above its cap. */
  readonly forced: boolean;
  readonly lastTexts: number;
}

/** So many paths are listed; JSON has them all. */
const mostPaths = 10;
const allOfThem = ': undertext prune --dry-run --json';

const reasons: Readonly<Record<WhyDropped, string>> = {
  thinned: 'a later one of its hour or day stays, and each text somewhere',
  contained: 'a later version begins with all of it',
  'gone-log': 'the file is gone for long, and no incident points to it',
  cap: 'the store is at its cap',
};

export function pruneText(report: PruneReport, style: Style, now: Time): string {
  const { isDry, versions, paths } = report;
  const parts = [
    headline(report, style),
    versions === 0 ? '' : classTable(report, style),
    versions === 0 ? '' : pathTable(report, style),
    paths.length > mostPaths ? style.dim(`and ${paths.length - mostPaths} more${isDry ? allOfThem : ''}`) : '',
    keptLines(report.kept, style),
    wrap(roomLines(report, now).join('\n'), style.width).join('\n'),
    isDry && versions > 0 ? style.command('undertext prune') : '',
  ];
  return `${parts.filter(part => part !== '').join('\n\n')}\n`;
}

/** `dropped 812 old versions, about 41 MB` */
export function prunedLine({ versions, bytes: size, emptied, forced, lastTexts }: PrunedInShort): string {
  const dropped = versions === 0 ? '' : `dropped ${count(versions, 'old version')}, about ${bytes(size)}`;
  const why = forced ? ': the store was above its cap' : '';
  const texts = lastTexts === 0 ? '' : `; ${lastTexts} of them the last to hold a text`;
  const trash = emptied === 0 ? '' : `${dropped && '; '}removed ${bytes(emptied)} of trash for good`;
  return `${dropped}${dropped && why + texts}${trash}`;
}

function headline({ isDry, isForced, versions, bytes: size, lastTexts }: PruneReport, style: Style): string {
  if (versions === 0) return style.good(isDry ? 'nothing to drop' : 'nothing was dropped');
  const did = isDry ? 'would drop' : 'dropped';
  const lines = [`${style.bold(`${did} ${count(versions, 'version')}`)}, about ${bytes(size)}`];
  if (isForced) lines.push(style.warn('more than by age alone: the store is above its cap'));
  if (lastTexts > 0) {
    const which = lastTexts === 1 ? 'was the last that held' : 'were the last that held';
    lines.push(style.bad(`${lastTexts} of them ${which} a text: it goes with ${lastTexts === 1 ? 'it' : 'them'}`));
  }
  return lines.join('\n');
}

function classTable({ classes }: PruneReport, style: Style): string {
  const rows = classes.map(each => [each.class, String(each.versions), bytes(each.bytes), reasons[each.why]]);
  return table(['files', 'versions', 'about', 'why'], rows, style);
}

function pathTable({ paths }: PruneReport, style: Style): string {
  const rows = paths
    .slice(0, mostPaths)
    .map(each => [visible(each.path), String(each.versions), bytes(each.bytes), each.why]);
  return table(['path', 'versions', 'about', 'why'], rows, style);
}

function keptLines(kept: readonly Staying[], style: Style): string {
  if (kept.length === 0) return '';
  const lines = kept
    .slice(0, mostPaths)
    .map(({ path, versions, why, by }) => `${visible(path)}: ${count(versions, 'version')}, ${reasonOf(why, by)}`);
  const more = kept.length > mostPaths ? [style.dim(`and ${kept.length - mostPaths} more`)] : [];
  const wrapped = lines.flatMap(line =>
    wrap(line, style.width - 2).map((text, at) => `${at === 0 ? '' : '  '}${text}`),
  );
  return [style.dim('kept, although old:'), ...wrapped, ...more].join('\n');
}

function reasonOf(why: WhyKept, by: string | null): string {
  if (why === 'needed') return `needed by ${visible(by ?? '')}`;
  if (why === 'text') return 'the last to hold a text';
  return 'it says that the file was gone';
}

function roomLines({ room, trash }: PruneReport, now: Time): readonly string[] {
  const lines = [`the store takes ${roomInWords(room)}`];
  if (trash.emptied > 0) lines.push(`removed for good: ${bytes(trash.emptied)} of what was dropped before`);
  if (trash.until !== null) lines.push(`what was dropped can be removed for good from ${clock(trash.until, now)} on`);
  return lines;
}

export function pruneJson(report: PruneReport): string {
  const { isDry, isForced, versions, bytes, lastTexts, classes, paths, kept, room, trash } = report;
  const plain = {
    format: 1,
    dryRun: isDry,
    forced: isForced,
    versions,
    bytes,
    lastTexts,
    classes: classes.map(each => ({ class: each.class, why: each.why, versions: each.versions, bytes: each.bytes })),
    paths: paths.map(each => ({
      root: each.root,
      path: each.path,
      class: each.class,
      why: each.why,
      versions: each.versions,
      bytes: each.bytes,
    })),
    kept: kept.map(each => ({
      root: each.root,
      path: each.path,
      why: each.why,
      by: each.by,
      versions: each.versions,
    })),
    store: plainRoom(room),
    trash: { bytes: trash.bytes, until: trash.until === null ? null : iso(trash.until), emptied: trash.emptied },
  };
  return `${jsonText(plain, 2)}\n`;
}
