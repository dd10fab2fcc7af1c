/** An error as a person reads it, and as a program does. */
import { visible, visibleBlock } from './visible.ts';

export interface Trouble {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** What happened, then what to do. */
export function errorText({ message, hint }: Trouble): string {
  return `error: ${visibleBlock(message)}\nhint: ${visible(hint)}\n`;
}

export function errorJson({ code, message, hint }: Trouble): string {
  return `${JSON.stringify({ error: { code, message, hint } })}\n`;
}
