/** What a reader of the commits decided about an edit of a real history, and which label belongs to an incident. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * - `loss`: its author would want the text back
 * - `none`: it was meant, or nothing is gone
 * - `unknown`: the commits do not say
 * - `fact`: right, but no loss of text (an index line that names no file)
 */
export type RealVerdict = 'loss' | 'none' | 'unknown' | 'fact';

export interface RealHome {
  /** `owner/name` of the public repository. */
  readonly home: string;
  /** The commit that the history ends with. */
  readonly until: string;
  /** Name of the folder that is audited: `.claude` makes it a home of Claude Code. */
  readonly root: string;
  /** Only this folder of the repository. */
  readonly sub?: string;
  /** Only these paths of it: the rest is bigger than a bench can wait for. */
  readonly glob?: string;
}

export interface RealLabel {
  readonly home: string;
  readonly path: string;
  /** The commit of the edit, 12 digits. */
  readonly commit: string;
  /** Git's name of what the edit left, 12 digits; `gone` for a deletion, and where the edit is before the history. */
  readonly blob: string;
  /** When it was committed; null where the edit is before the history. */
  readonly at: string | null;
  readonly verdict: RealVerdict;
  readonly kind: string;
  readonly why: string;
}

export interface RealLabels {
  readonly homes: readonly RealHome[];
  readonly labels: readonly RealLabel[];
}

/** As much of an incident of `audit --json` as this bench asks for. */
export interface RealIncident {
  readonly state: string;
  readonly certainty: string;
  readonly severity: string;
  readonly weak: boolean;
  readonly path: string;
  readonly cause: { readonly at: string; readonly blob: string | null } | null;
  readonly findings: readonly { readonly rule: string }[];
  readonly root?: string;
  readonly lost?: object | null;
  readonly restore?: string | null;
  readonly stroke?: { readonly id: string; readonly kind: string } | null;
}

export function readLabels(): RealLabels {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../../../bench/detection/real-labels.json'), 'utf8'));
}

/** One label for each edit: of several with the same path and content, the nearest in time. */
export function labelOf(incident: RealIncident, labels: readonly RealLabel[]): RealLabel | null {
  const blob = incident.cause?.blob?.slice(0, 12) ?? 'gone';
  const apart = ({ at }: RealLabel) =>
    at === null || incident.cause === null
      ? Number(at !== incident.cause) * Number.MAX_SAFE_INTEGER
      : Math.abs(Date.parse(at) - Date.parse(incident.cause.at));
  return (
    labels
      .filter(label => label.path === incident.path && label.blob === blob)
      .toSorted((a, b) => apart(a) - apart(b))[0] ?? null
  );
}
