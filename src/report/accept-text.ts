/** `accept` and `reopen`: what was closed or is open again, and what is left. */
import type { Incident } from '../model.ts';
import { plainIncident } from './audit-json.ts';
import { jsonText } from './json-text.ts';
import { count } from './sizes.ts';
import type { Style } from './style.ts';
import { visible } from './visible.ts';
import { wrap } from './width.ts';

export interface AcceptReport {
  readonly accepted: readonly Incident[];
  /** Of which the acceptance was taken back. */
  readonly reopened?: readonly Incident[];
  /** That were asked for, and are as they were: resolved ones, or of `reopen` those that were not accepted. */
  readonly stayed?: readonly Incident[];
  readonly reason: string;
  /** Incidents that `audit` still lists. */
  readonly left: number;
}

export function acceptText({ accepted, reopened = [], stayed = [], reason, left }: AcceptReport, style: Style): string {
  const ids = (those: readonly Incident[]) => those.map(({ id }) => id).join(', ');
  const is = left === 1 ? 'is' : 'are';
  const next =
    left === 0
      ? 'nothing else is open'
      : `${count(left, 'incident')} ${is} still open: ${style.sentence('undertext audit')}`;
  const lines = [
    ...(accepted.length === 0 ? [] : [`accepted ${ids(accepted)}: ${visible(reason)}`]),
    ...reopened.map(each => `${each.id} is ${inState(each, ' again')}`),
    ...stayed.map(each => `${each.id} is ${inState(each, '')}, and stays so`),
  ];
  return `${[...lines.flatMap(line => wrap(line, style.width)), ...wrap(next, style.width).map(style.dim)].join('\n')}\n`;
}

function inState({ state, closed }: Incident, again: string): string {
  return state === 'open' ? `open${again}` : `${state}${closed === null ? '' : ` (${visible(closed)})`}`;
}

/** `--json` of both; `incident` is there when it is one. */
export function acceptJson({ accepted, reopened = [], stayed = [] }: AcceptReport): string {
  const all = [...accepted, ...reopened, ...stayed];
  const [first, ...others] = all.map(plainIncident);
  return `${jsonText({ format: 1, ...(others.length === 0 ? { incident: first } : {}), incidents: all.map(plainIncident) }, 2)}\n`;
}
