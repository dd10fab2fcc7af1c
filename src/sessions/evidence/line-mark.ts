/** The fingerprint of a line, by which lines are told apart without keeping what they say. */
import { createHash } from 'node:crypto';

/** The first 12 hex of the SHA-1 of the line without blanks at its ends. */
export function lineMark(line: string): string {
  return createHash('sha1').update(line.trim()).digest('hex').slice(0, 12);
}

/** Of each line of a text that is not blank. */
export function lineMarks(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .filter(line => line.trim() !== '')
    .map(lineMark);
}
