/** `accept`: what was closed, and what is left. */
import type { Incident } from '../model.ts';
import { plainIncident } from './audit-json.ts';
import { jsonText } from './json-text.ts';
import { count } from './sizes.ts';
import type { Style } from './style.ts';
import { visible } from './visible.ts';
import { wrap } from './width.ts';

export interface AcceptReport {
  readonly accepted: readonly Incident[];
  readonly reason: string;
  /** Incidents that `audit` still lists. */
  readonly left: number;
}

export function acceptText({ accepted, reason, left }: AcceptReport, style: Style): string {
  const ids = accepted.map(({ id }) => id).join(', ');
  const is = left === 1 ? 'is' : 'are';
  const next = left === 0 ? 'nothing else is open' : `${count(left, 'incident')} ${is} still open: undertext audit`;
  return `${[...wrap(`accepted ${ids}: ${visible(reason)}`, style.width), ...wrap(next, style.width).map(style.dim)].join('\n')}\n`;
}

/** `accept --json`; `incident` is there when it is one. */
export function acceptJson({ accepted }: AcceptReport): string {
  const [first, ...others] = accepted.map(plainIncident);
  return `${jsonText({ format: 1, ...(others.length === 0 ? { incident: first } : {}), incidents: accepted.map(plainIncident) }, 2)}\n`;
}
