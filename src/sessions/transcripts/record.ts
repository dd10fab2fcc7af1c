/** Reading what a stranger wrote: a parsed line of a transcript, of which nothing is believed before it is looked at. */
import type { Time } from '../../model.ts';
import type { Hunk } from '../act.ts';

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object, or one without fields. */
export function fields(value: unknown): Fields {
  return isFields(value) ? value : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Milliseconds of an ISO time; undefined for what is none. */
export function time(value: unknown): Time | undefined {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

/** LF line ends, as the client itself reads text. */
export function lf(value: string): string {
  return value.includes('\r') ? value.replaceAll('\r\n', '\n') : value;
}

/** The hunks of a `structuredPatch`; undefined when one of them is none. */
export function hunks(value: unknown): readonly Hunk[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const read = value.map(fields).map(({ oldStart, oldLines, newStart, newLines, lines }) => ({
    oldStart: number(oldStart),
    oldLines: number(oldLines),
    newStart: number(newStart),
    newLines: number(newLines),
    lines,
  }));
  const isHunk = (hunk: object): hunk is Hunk =>
    Object.values(hunk).every(field => field !== undefined) &&
    list((hunk as Hunk).lines).every(line => typeof line === 'string') &&
    Array.isArray((hunk as Hunk).lines);
  return read.every(isHunk) ? read : undefined;
}
