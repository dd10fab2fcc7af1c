/** `snapshot`: what one scan kept. */
import type { Version } from '../model.ts';
import type { Unseen } from './audit-json.ts';
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
}

export function snapshotText({ versions, files, folders, skipped, unreadable }: SnapshotReport): string {
  const seen = `${count(files, 'file')} in ${count(folders, 'folder')}`;
  const left = skipped.length > 0 ? `, ${skipped.length} skipped` : '';
  const lines = unreadable.map(({ path, why }) => `could not read ${visible(path)}: ${visible(why)}`);
  return [`${seen}: ${count(versions.length, 'new version')}${left}`, ...lines, ''].join('\n');
}

export function snapshotJson({ versions, files, folders, skipped, unreadable }: SnapshotReport): string {
  const kept = versions.map(({ id, root, path, kind, at }) => ({ version: id, root, path, kind, at: iso(at) }));
  return `${jsonText({ format: 1, files, folders, versions: kept, skipped, unreadable }, 2)}\n`;
}
