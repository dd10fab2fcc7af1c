/** Which incidents a person is shown, and how: worst first, alike ones as one, and weak ones only counted. */
import type { Incident } from '../model.ts';
import { type Alike, alike } from './alike.ts';
import type { AuditReport } from './audit-json.ts';
import { isWeak, worstFirst } from './weight.ts';

export interface Listed {
  readonly groups: readonly Alike[];
  /** Open, and not listed: they may have been meant. */
  readonly weak: number;
}

export function listed({ incidents, shows }: Pick<AuditReport, 'incidents' | 'shows'>): Listed {
  const told = incidents.filter(incident => shows.all || shows.weak || !isWeak(incident)).toSorted(worstFirst);
  const isOpen = ({ state }: Incident) => state === 'open';
  return {
    groups: shows.all ? told.map(incident => [incident] as const) : alike(told),
    weak: incidents.filter(isOpen).length - told.filter(isOpen).length,
  };
}

/** The command that brings all of a group back; null when nothing can be. */
export function wayBack([first, ...others]: Alike): string | null {
  if (first.restore === null || first.state !== 'open') return null;
  return others.length === 0 ? first.restore : `${first.restore} --alike`;
}

/** `7 more may have been meant` */
export function weakInWords(weak: number, others: number): string {
  return `${weak}${others > 0 ? ' more' : ''} may have been meant`;
}
