/** A warning as a person reads it: what is so, and what to do about it. */
import type { Style } from './style.ts';
import { visible } from './visible.ts';
import { wrap } from './width.ts';

/** `width`: columns of the terminal; infinite where warnings go to a file, so that each stays on one line. */
export function warningText(message: string, hint: string | null, style: Style, width: number): string {
  const mark = 'warning';
  const lines = (text: string) => (Number.isFinite(width) ? wrap(text, width) : [text]);
  const [first = '', ...more] = lines(`${mark}: ${visible(message)}`);
  const told = [style.warn(mark) + first.slice(mark.length), ...more];
  return [...told, ...(hint === null ? [] : lines(`hint: ${style.sentence(visible(hint))}`))].join('\n');
}
