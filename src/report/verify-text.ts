/** `verify`: whether every version can be restored; and what a repair has done. */
import type { Time, Version } from '../model.ts';
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
  /** What a repair could not bring back. */
  readonly lost?: readonly { readonly at: Time; readonly versions: readonly Version[] }[];
  /** When not everything was read. */
  readonly sampled?: { readonly share: number; readonly seed: number; readonly objects: number } | null;
}

export interface RepairReport {
  readonly rebuilt: readonly string[];
  readonly fetched: readonly Version[];
  readonly setAside: readonly string[];
  readonly lost: readonly Version[];
  /** What was mended when the store was opened. */
  readonly opened: readonly string[];
  readonly left: VerifyReport;
}

const mostPaths = 10;

export function verifyText(report: VerifyReport, style: Style): string {
  const { versions, objects, damage } = report;
  const read = report.sampled
    ? `${report.sampled.objects} of ${count(objects, 'object')} read back, a sample`
    : `${count(versions, 'version')} in ${count(objects, 'object')} read back`;
  const known = knownLosses(report, style);
  if (damage.length === 0) return `${style.good('sound')}: ${read}; ${promise(report)}\n${known}`;
  const lines = damage.flatMap(({ where, what, versions }) => {
    return [...wrap(`${visible(where)}: ${visible(what)}`, style.width), ...listed(versions)];
  });
  const hurt = new Set(damage.flatMap(({ versions }) => versions.map(version => version.id))).size;
  return `${style.bad('damaged')}: ${read}; ${hurt} cannot be restored\n\n${lines.join('\n')}\n${known}`;
}

/** What a clean answer means. */
function promise({ sampled, lost = [] }: VerifyReport): string {
  if (sampled) return `${sampled.share * 100}% with seed ${sampled.seed}; the others were not read`;
  return lost.length === 0 ? 'every version can be restored' : 'every other version can be restored';
}

function knownLosses({ lost = [] }: VerifyReport, style: Style): string {
  const lines = lost.flatMap(({ at, versions }) => {
    const said = `${count(versions.length, 'version')} were lost for good, as was found on ${iso(at).slice(0, 10)}`;
    return [...wrap(said.replace(/^1 version were/, '1 version was'), style.width), ...listed(versions)];
  });
  return lines.length === 0 ? '' : `\n${lines.join('\n')}\n`;
}

function listed(versions: readonly Version[]): readonly string[] {
  const paths = versions.slice(0, mostPaths).map(version => `  ${visible(version.path)}@${version.id}`);
  return versions.length > mostPaths ? [...paths, `  and ${versions.length - mostPaths} more`] : paths;
}

export function repairText({ rebuilt, fetched, setAside, lost, opened, left }: RepairReport, style: Style): string {
  const lines: string[] = [];
  const say = (title: string, items: readonly string[]): void => {
    if (items.length > 0) lines.push(title, ...items.map(item => `  ${visible(item)}`), '');
  };
  say('mended when the store was opened', opened);
  say('made anew', rebuilt);
  if (fetched.length > 0) lines.push(`whole again: ${count(fetched.length, 'version')}`, ...listed(fetched), '');
  say('set aside, in `quarantine` in the store', setAside);
  if (lost.length > 0) {
    lines.push(`${style.bad('lost')}: ${count(lost.length, 'version')}; they stay in the history`, ...listed(lost), '');
  }
  if (lines.length === 0) lines.push('nothing was to be mended', '');
  return `${lines.join('\n')}${verifyText(left, style)}`;
}

export function verifyJson(report: VerifyReport): string {
  return `${jsonText({ ...toJson(report), repair: null }, 2)}\n`;
}

export function repairJson({ left, rebuilt, fetched, setAside, lost, opened }: RepairReport): string {
  const repair = { opened, rebuilt, fetched: named(fetched), setAside, lost: named(lost) };
  return `${jsonText({ ...toJson(left), repair }, 2)}\n`;
}

function toJson({ versions, objects, damage, lost = [], sampled = null }: VerifyReport) {
  return {
    format: 1,
    sound: damage.length === 0,
    versions,
    objects,
    damage: damage.map(({ where, what, versions }) => ({ where, what, versions: named(versions) })),
    lost: lost.map(({ at, versions }) => ({ at: iso(at), versions: named(versions) })),
    sampled,
  };
}

function named(versions: readonly Version[]) {
  return versions.map(({ id, root, path, at }) => ({ version: id, root, path, at: iso(at) }));
}
