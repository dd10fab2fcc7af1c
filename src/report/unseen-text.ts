/** What an audit did not look at, or was asked not to tell: an empty list of incidents means nothing without it. */
import type { Time } from '../model.ts';
import type { AuditReport } from './audit-json.ts';
import { evidenceLines } from './evidence-text.ts';
import { alikeFailures } from './failed-rules.ts';
import { count } from './sizes.ts';
import { gapInWords } from './status-text.ts';
import type { Style } from './style.ts';
import { visible } from './visible.ts';
import { wrap } from './width.ts';

const mostPlaces = 3;

export function unseenText({ coverage, failedRules }: AuditReport, style: Style, now: Time): string {
  const { gaps, skipped, unreadable, limited, suppressed } = coverage;
  const records = evidenceLines(coverage.evidence, now);
  const places = unreadable.slice(0, mostPlaces).map(({ path, why }) => `${visible(path)} (${visible(why)})`);
  const parts = limited.slice(0, mostPlaces).map(({ path, why }) => `${visible(path)} (${visible(why)})`);
  const failed = alikeFailures(failedRules).map(({ rule, path, more, message }) => {
    const where = `${visible(path)}${more === 0 ? '' : ` and ${more} more`}`;
    return `rule ${visible(rule)} failed on ${where}: ${visible(message)}`;
  });
  const unread = unreadable.length === 0 ? [] : [`could not be read: ${places.join(', ')}${andMore(unreadable)}`];
  const partly = limited.length === 0 ? [] : [`limited: ${parts.join(', ')}${andMore(limited)}`];
  const unwatched = newestGaps(gaps).map(gap => `not watched: ${gapInWords(gap, now)}`);
  const earlier = gaps.length > mostPlaces ? [`not watched: ${count(gaps.length - mostPlaces, 'earlier gap')}`] : [];
  const unkept = skipped.length === 0 ? [] : [`not kept: ${reasons(skipped.map(({ why }) => why))}`];
  const alone = suppressed.length === 0 ? [] : [`left alone: ${leftAlone(suppressed)}`];
  const lines = (texts: readonly string[]) => texts.flatMap(text => wrap(text, style.width));
  return [
    ...lines([...failed, ...unread, ...records.warnings]).map(style.bad),
    ...lines([...records.gave, ...partly, ...unwatched, ...earlier, ...alone, ...unkept]).map(style.dim),
  ].join('\n');
}

function newestGaps<Gap extends { readonly from: Time }>(gaps: readonly Gap[]): readonly Gap[] {
  return gaps.toSorted((a, b) => b.from - a.from).slice(0, mostPlaces);
}

/** `3 × index-drift (hub files), 1 × lost-update (generated)` */
function leftAlone(suppressed: AuditReport['coverage']['suppressed']): string {
  const counts = new Map<string, number>();
  for (const { rule, reason, how, findings } of suppressed) {
    const why = `${visible(rule)} (${visible(reason ?? (how === 'marker' ? 'marked in the file' : 'configured'))})`;
    counts.set(why, (counts.get(why) ?? 0) + findings);
  }
  const all = [...counts].map(([why, number]) => `${number} × ${why}`);
  return `${all.slice(0, mostPlaces).join(', ')}${andMore(all)}`;
}

/** `1 secret, 12 links` — how often each reason was given. */
function reasons(whys: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const why of whys) counts.set(why, (counts.get(why) ?? 0) + 1);
  const all = [...counts].map(([why, number]) => `${number} × ${visible(why)}`);
  return `${all.slice(0, mostPlaces).join(', ')}${andMore(all)}`;
}

function andMore(places: readonly unknown[]): string {
  return places.length > mostPlaces ? ` and ${places.length - mostPlaces} more` : '';
}
