/** What the transcripts gave to an audit, and what of them could not be read. */
import type { Time } from '../model.ts';
import type { EvidenceReport } from './audit-json.ts';
import { count } from './sizes.ts';
import { clock } from './times.ts';
import { visible } from './visible.ts';

export interface EvidenceLines {
  readonly gave: readonly string[];
  readonly warnings: readonly string[];
}

const mostPlaces = 3;

export function evidenceLines(
  { imported, damaged, newer, skipped, unreadable }: EvidenceReport,
  now: Time,
): EvidenceLines {
  const [first] = skipped;
  const more = skipped.length > 1 ? ` and ${skipped.length - 1} more` : '';
  return {
    gave: [
      ...(imported.versions > 0 ? [rebuiltInWords(imported, now)] : []),
      ...(damaged > 0 ? [damageInWords(damaged)] : []),
      ...(first ? [`left out: ${visible(first.path)} (${visible(first.why)})${more}`] : []),
    ],
    warnings: [
      ...unreadable
        .slice(0, mostPlaces)
        .map(({ path, why }) => `could not be read: ${visible(path)} (${visible(why)})`),
      ...(newer.length > 0 ? [`${newerInWords(newer)}: what they tell may be incomplete`] : []),
    ],
  };
}

/** `rebuilt from transcripts: 2 earlier versions of 1 file, since 13:58:02` */
export function rebuiltInWords({ versions, files, since }: EvidenceReport['imported'], now: Time): string {
  const from = since === null ? '' : `, since ${clock(since, now)}`;
  return `rebuilt from transcripts: ${count(versions, 'earlier version')} of ${count(files, 'file')}${from}`;
}

export function damageInWords(lines: number): string {
  return `${count(lines, 'damaged line')} of transcripts: only what stands whole there was read`;
}

/** Of versions of the client. */
export function newerInWords(versions: readonly string[]): string {
  const names = versions.map(visible).join(', ');
  return `transcripts of Claude Code ${names} are newer than any this was tested with`;
}
