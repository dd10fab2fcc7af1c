/** What `demo` found out, for a program. */
import { jsonText } from './json-text.ts';

/** `incidents`: the ids of the two that were found, '' for one that was not. @see schemas/demo.schema.json */
export function demoJson(incidents: readonly string[], isWhole: boolean): string {
  return `${jsonText({ format: 1, incidents, isWhole }, 2)}\n`;
}
