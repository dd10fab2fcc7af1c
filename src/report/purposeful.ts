/** Commands beside what they are for. */
import type { Style } from './style.ts';
import { columns } from './width.ts';

/** A command behind what it is for; on a line of its own where both do not fit, so that it can still be copied whole. */
export function purposeful(purpose: string, command: string, style: Style): readonly string[] {
  const text = style.command(command);
  return columns(`${purpose}: ${text}`) <= style.width ? [`${purpose}: ${text}`] : [`${purpose}:`, `  ${text}`];
}
