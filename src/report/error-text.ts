/** An error as a person reads it, and as a program does. */

import { jsonText } from './json-text.ts';
import { visible, visibleBlock } from './visible.ts';

export interface Trouble {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** What happened, then what to do. Only a conflict shows texts of several lines, and none of them begins like ours. */
export function errorText({ code, message, hint }: Trouble): string {
  const told = code === 'conflict' ? visibleBlock(message).replace(/\n(?=\S)/g, '\n  ') : visible(message);
  return `error: ${told}\nhint: ${visible(hint)}\n`;
}

/** Where it happened, for a report of a defect. */
export function traceText(stack: string): string {
  return `${visibleBlock(stack)}\n`;
}

export function errorJson({ code, message, hint }: Trouble): string {
  return `${jsonText({ error: { code, message, hint } })}\n`;
}
