/** What a person asked an audit to look at, and what makes it end with 1. */
import picomatch from 'picomatch';
import { UndertextError } from '../errors.ts';
import { parseTime } from '../history/times.ts';
import type { Incident, Time } from '../model.ts';
import { nearest } from '../nearest.ts';
import { isAtLeast, isWeak, thresholds } from '../report/weight.ts';
import type { Call } from './command.ts';
import type { Setup } from './setup.ts';

/** Which incidents make the exit code 1: open ones that were hardly meant, or those that weigh what was asked for. */
export function failsOn(call: Call): (incident: Incident) => boolean {
  const asked = call.text('fail-on');
  if (asked === undefined) return isTold;
  const threshold = thresholds.find(name => name === asked);
  if (threshold) return incident => incident.state === 'open' && isAtLeast(incident, threshold);
  const near = nearest(asked, thresholds);
  const hint = near ? `did you mean ${near}?` : `use one of ${thresholds.join(', ')}`;
  throw new UndertextError('usage', `"${asked}" is neither a certainty nor a severity`, hint);
}

export function isTold(incident: Incident): boolean {
  return incident.state === 'open' && !isWeak(incident);
}

export interface Filter {
  shows(incident: Incident): boolean;
  /** The same, whatever its state. */
  fits(incident: Incident): boolean;
  /** The same, of what a rule sees in a path and no incident tells yet. */
  isAbout(seen: { readonly path: string; readonly rule: string }): boolean;
  /** Globs that no file that was ever kept fits: a typing error looks like a clean home. */
  unmatched(): readonly string[];
}

export function filterOf(call: Call, setup: Setup): Filter {
  const since = sinceOf(call, setup.world.now());
  const ruleIds = call.texts('rule');
  for (const id of ruleIds) {
    if (setup.rules.some(rule => rule.id === id)) continue;
    const near = nearest(
      id,
      setup.rules.map(rule => rule.id),
    );
    const hint = near === null ? '`undertext rules` lists them' : `did you mean ${near}?`;
    throw new UndertextError('usage', `there is no rule "${id}"`, hint);
  }
  const globs = call.texts('path').map(typed => ({ typed, fits: picomatch(withinRoot(typed, setup), { dot: true }) }));
  const fits = (incident: Incident) =>
    (ruleIds.length === 0 || incident.findings.some(finding => ruleIds.includes(finding.rule))) &&
    (incident.cause === null || incident.cause.at >= since) &&
    (globs.length === 0 || globs.some(({ fits }) => fits(incident.path)));
  return {
    fits,
    shows: incident => (call.has('all') || incident.state === 'open') && fits(incident),
    isAbout: ({ path, rule }) =>
      (ruleIds.length === 0 || ruleIds.includes(rule)) && (globs.length === 0 || globs.some(({ fits }) => fits(path))),
    unmatched: () => {
      const paths = [...setup.store.paths()].map(version => version.path);
      return globs.filter(({ fits }) => !paths.some(path => fits(path))).map(({ typed }) => typed);
    },
  };
}

/** A glob may be absolute or relative to a root, as every path argument. */
function withinRoot(glob: string, { roots }: Setup): string {
  const root = roots.find(({ path }) => glob.startsWith(`${path}/`));
  return root ? glob.slice(root.path.length + 1) : glob.replace(/^\.\//, '');
}

function sinceOf(call: Call, now: Time): Time {
  const text = call.text('since');
  if (text === undefined) return 0;
  const time = parseTime(text, now);
  if (time !== null) return time;
  throw new UndertextError('usage', `"${text}" is no time`, 'write 2h, 3d, 14:00, yesterday, or 2026-11-20T14:00');
}
