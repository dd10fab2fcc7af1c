/** Whether one version still says all that another one said, without making a unit where that can be told without. */
import type { Document } from './document.ts';
import type { Part } from './markdown.ts';

/** True when each fingerprint of the one stands in the other at least as often. */
export function isContained(before: Document, after: Document): boolean {
  if (before.parts && after.parts) return arePartsContained(before.parts, after.parts);
  return isWithin(printsOf(before), printsOf(after));
}

/** How often each fingerprint stands among the units of a document. */
export function printCounts(document: Document): Map<string, number> {
  const counts = new Map<string, number>();
  for (const print of printsOf(document)) counts.set(print, (counts.get(print) ?? 0) + 1);
  return counts;
}

function* printsOf(document: Document): Iterable<string> {
  if (document.parts) for (const { prints } of document.parts) yield* prints;
  else for (const { fingerprint } of document.units) yield fingerprint;
}

/** What both begin and end with cancels out: most versions differ in one place. */
function arePartsContained(before: readonly Part[], after: readonly Part[]): boolean {
  const [a, b] = [before.length, after.length];
  let start = 0;
  while (start < a && start < b && before[start] === after[start]) start++;
  let end = 0;
  while (end < a - start && end < b - start && before[a - 1 - end] === after[b - 1 - end]) end++;
  if (start + end === a) return true;
  return isWithin(between(before, start, a - end), between(after, start, b - end));
}

function* between(parts: readonly Part[], start: number, end: number): Iterable<string> {
  for (let at = start; at < end; at++) yield* parts[at]!.prints;
}

function isWithin(prints: Iterable<string>, others: Iterable<string>): boolean {
  const left = new Map<string, number>();
  for (const print of others) left.set(print, (left.get(print) ?? 0) + 1);
  for (const print of prints) {
    const count = left.get(print) ?? 0;
    if (count === 0) return false;
    left.set(print, count - 1);
  }
  return true;
}
