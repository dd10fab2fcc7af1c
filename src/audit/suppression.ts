/** How somebody says that a rule shall leave a path alone: in the configuration, or in the file itself. */
import { glob } from '../rule.ts';

/** One entry of the configuration: a rule (left out: every rule) that leaves paths (left out: all) alone. */
export interface Suppression {
  readonly rule?: string;
  readonly path?: string;
  readonly reason: string;
}

/**
 * In the first line, or the first one behind the frontmatter or `#!`; a comment of Markdown, JSON, or a script. Ids of rules
 * with blanks or commas between them, then a reason in brackets.
 */
const marker =
  /^\s*(?:<!--|\/\/|#|\/\*)[ \t]*undertext:[ \t]*ignore[ \t]+([a-z][a-z0-9]*(?:-[a-z0-9]+)*(?:[ \t,]+[a-z][a-z0-9]*(?:-[a-z0-9]+)*)*)[ \t]*(?:\(([^)\n]*)\))?/;
/** A marker stands near the start of a file: within so many bytes. */
export const MARKER_WITHIN = 8_000;

/** An entry with its glob made once. */
export interface ReadySuppression extends Suppression {
  fits(path: string): boolean;
}

export function readySuppressions(given: readonly Suppression[]): readonly ReadySuppression[] {
  return given.map(each => ({ ...each, fits: each.path === undefined ? () => true : glob(each.path) }));
}

export interface Mark {
  readonly rule: string;
  readonly reason: string | null;
}

/** The rules that a text wants to be left alone by, and why. */
export function marksIn(text: string): readonly Mark[] {
  const start = text.slice(0, MARKER_WITHIN).replace(/^\uFEFF/, '');
  const body = start.replace(/^---\r?\n[\s\S]*?\n---[ \t]*\r?\n\s*/, '').replace(/^#![^\n]*\n/, '');
  for (const part of [start, body]) {
    const [, rules, reason] = marker.exec(part) ?? [];
    if (rules !== undefined) {
      return rules.split(/[\s,]+/).map(rule => ({ rule, reason: reason?.trim() || null }));
    }
  }
  return [];
}
