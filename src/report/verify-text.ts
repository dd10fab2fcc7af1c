/** `verify`: whether every version can be restored. */
import type { Version } from '../model.ts';
import { jsonText } from './json-text.ts';
import { count } from './sizes.ts';
import type { Style } from './style.ts';
import { iso } from './times.ts';
import { visible } from './visible.ts';
import { wrap } from './width.ts';

export interface VerifyReport {
  readonly versions: number;
  readonly objects: number;
  readonly damage: readonly { readonly where: string; readonly what: string; readonly versions: readonly Version[] }[];
}

const mostPaths = 10;

export function verifyText({ versions, objects, damage }: VerifyReport, style: Style): string {
  const read = `${count(versions, 'version')} in ${count(objects, 'object')} read back`;
  if (damage.length === 0) return `${style.good('sound')}: ${read}; every version can be restored\n`;
  const lines = damage.flatMap(({ where, what, versions }) => {
    const paths = versions.slice(0, mostPaths).map(version => `  ${visible(version.path)}@${version.id}`);
    const more = versions.length > mostPaths ? [`  and ${versions.length - mostPaths} more`] : [];
    return [...wrap(`${visible(where)}: ${visible(what)}`, style.width), ...paths, ...more];
  });
  const hurt = new Set(damage.flatMap(({ versions }) => versions.map(version => version.id))).size;
  return `${style.bad('damaged')}: ${read}; ${hurt} cannot be restored\n\n${lines.join('\n')}\n`;
}

export function verifyJson({ versions, objects, damage }: VerifyReport): string {
  const report = {
    format: 1,
    sound: damage.length === 0,
    versions,
    objects,
    damage: damage.map(({ where, what, versions }) => ({
      where,
      what,
      versions: versions.map(({ id, root, path, at }) => ({ version: id, root, path, at: iso(at) })),
    })),
  };
  return `${jsonText(report, 2)}\n`;
}
