/** A rule that fails fails often in the same way: that is told once, with how often. */
import type { AuditReport } from './audit-json.ts';

export interface Failures {
  readonly rule: string;
  readonly message: string;
  /** The first of them, and how many more there are. */
  readonly path: string;
  readonly more: number;
}

export function alikeFailures(failed: AuditReport['failedRules']): readonly Failures[] {
  const alike = new Map<string, Failures>();
  for (const { rule, path, message } of failed) {
    const key = JSON.stringify([rule, message]);
    const known = alike.get(key);
    alike.set(key, known ? { ...known, more: known.more + 1 } : { rule, message, path, more: 0 });
  }
  return [...alike.values()];
}
