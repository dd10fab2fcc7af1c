/** `snapshot`: what one scan kept. */
import type { Time, Version } from '../model.ts';
import type { EvidenceReport, Unseen } from './audit-json.ts';
import { rebuiltInWords } from './evidence-text.ts';
import { jsonText } from './json-text.ts';
import { count } from './sizes.ts';
import { iso } from './times.ts';
import { visible } from './visible.ts';

export interface SnapshotReport {
  readonly versions: readonly Version[];
  readonly files: number;
  readonly folders: number;
  readonly skipped: readonly Unseen[];
  readonly unreadable: readonly Unseen[];
  /** Versions of before that were rebuilt, out of transcripts and copies that the client made. */
  readonly imported: EvidenceReport['imported'];
}

export function snapshotText(
  { versions, files, folders, skipped, unreadable, imported }: SnapshotReport,
  now: Time,
): string {
  const seen = `${count(files, 'file')} in ${count(folders, 'folder')}`;
  const left = skipped.length > 0 ? `, ${skipped.length} skipped` : '';
  const lines = unreadable.map(({ path, why }) => `could not read ${visible(path)}: ${visible(why)}`);
  const rebuilt = imported.versions > 0 ? [rebuiltInWords(imported, now)] : [];
  return [`${seen}: ${count(versions.length, 'new version')}${left}`, ...rebuilt, ...lines, ''].join('\n');
}

export function snapshotJson({ versions, files, folders, skipped, unreadable, imported }: SnapshotReport): string {
  const kept = versions.map(({ id, root, path, kind, at }) => ({ version: id, root, path, kind, at: iso(at) }));
  const rebuilt = { ...imported, since: imported.since === null ? null : iso(imported.since) };
  return `${jsonText({ format: 1, files, folders, versions: kept, skipped, unreadable, imported: rebuilt }, 2)}\n`;
}
