/** `import`: which versions came from where, and how sure they are. */
import type { Time } from '../model.ts';
import type { Unseen } from './audit-json.ts';
import { damageInWords, newerInWords } from './evidence-text.ts';
import { jsonText } from './json-text.ts';
import { count } from './sizes.ts';
import type { Style } from './style.ts';
import { type Cell, table } from './table.ts';
import { clock, iso } from './times.ts';
import { visible } from './visible.ts';
import { cut, wrap } from './width.ts';

export interface ImportReport {
  readonly isDry: boolean;
  readonly versions: number;
  readonly files: number;
  readonly validated: number;
  /** Of the oldest; null when there is none. */
  readonly since: Time | null;
  readonly sources: readonly ImportSource[];
  /** What was read of transcripts; null for an import out of git. */
  readonly transcripts: {
    readonly found: number;
    readonly read: number;
    readonly damaged: number;
    readonly newer: readonly string[];
  } | null;
  /** The folder that was kept in git. */
  readonly git: string | null;
  readonly skipped: readonly Unseen[];
  readonly unreadable: readonly Unseen[];
}

export interface ImportSource {
  readonly kind: 'transcript' | 'file-history' | 'backup' | 'git';
  readonly tier: string;
  readonly versions: number;
  readonly files: number;
  readonly validated: number;
}

/** Nobody reads more in a terminal; JSON has them all. */
const mostLines = 20;

const kinds: Readonly<Record<ImportSource['kind'], string>> = {
  transcript: 'transcripts',
  'file-history': 'copies in file-history',
  backup: 'backups of .claude.json',
  git: 'git',
};

const tiers: Readonly<Record<string, string>> = {
  'own record': 'the record itself',
  chain: 'from one record to the next',
  backup: 'a whole copy',
  git: 'a commit',
};

export function importText(report: ImportReport, style: Style, now: Time): string {
  const lines = [...lookedAt(report), ...left('skipped', report.skipped), ...left('could not read', report.unreadable)];
  const parts = [
    wrap(headline(report, now), style.width).map(style.bold).join('\n'),
    report.sources.length === 0
      ? ''
      : table(['source', 'known by', 'versions', 'files', 'validated'], rowsOf(report), style),
    lines.flatMap(line => wrap(line, style.width)).join('\n'),
    report.versions === 0 || report.isDry ? '' : `what was lost in them: ${style.command('undertext audit')}`,
  ];
  return `${parts.filter(part => part !== '').join('\n\n')}\n`;
}

function headline({ versions, files, validated, since, isDry, transcripts }: ImportReport, now: Time): string {
  if (versions === 0 && transcripts?.found === 0) return 'nothing to import: there are no transcripts';
  if (versions === 0) return 'nothing to import: all that is told is kept already';
  const what = `${count(versions, 'version')} of ${count(files, 'file')}`;
  const sure = validated === versions ? 'all validated' : `${validated} validated`;
  const from = since === null ? '' : `, the oldest of ${clock(since, now)}`;
  return `${isDry ? 'would import' : 'imported'} ${what}, ${sure}${from}`;
}

function rowsOf({ sources }: ImportReport): readonly (readonly Cell[])[] {
  return sources.map(({ kind, tier, versions, files, validated }) => [
    kinds[kind],
    tiers[tier] ?? tier,
    String(versions),
    String(files),
    String(validated),
  ]);
}

function lookedAt({ transcripts, git }: ImportReport): readonly string[] {
  if (git !== null) return [`out of the git history of ${visible(git)}`];
  if (transcripts === null) return [];
  const { found, read, damaged, newer } = transcripts;
  const lines = found === 0 ? [] : [`${count(found, 'transcript')}, ${read} of them new or changed`];
  if (damaged > 0) lines.push(damageInWords(damaged));
  if (newer.length > 0) lines.push(`${newerInWords(newer)}: what they tell may be incomplete`);
  return lines;
}

function left(what: string, places: readonly Unseen[]): readonly string[] {
  const lines = places
    .slice(0, mostLines)
    .map(({ path, why }) => `${what} ${cut(visible(path), 100)}: ${visible(why)}`);
  return places.length > mostLines ? [...lines, `… and ${places.length - mostLines} more`] : lines;
}

export function importJson(report: ImportReport): string {
  const { isDry, versions, files, validated, since, sources, transcripts, git, skipped, unreadable } = report;
  const imported = { versions, files, validated, since: since === null ? null : iso(since), sources };
  return `${jsonText({ format: 1, dryRun: isDry, imported, transcripts, git, skipped, unreadable }, 2)}\n`;
}
