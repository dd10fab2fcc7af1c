/** What `watch` says of an incident that it has told before: one line, for the block stands above. */
import type { Incident, Time } from '../model.ts';
import { copyOf } from './incident-block.ts';
import { lossInWords } from './loss.ts';
import type { Style } from './style.ts';
import { clock } from './times.ts';
import { visible } from './visible.ts';
import { wrap } from './width.ts';
import { writerInWords } from './writers.ts';

/** `14:03:25  k7f3qz is proven now: session "…" wrote it, from its copy of 13:58:10` */
export function revisedText(incident: Incident, style: Style, now: Time): string {
  const { id, certainty, cause, base, lost } = incident;
  const copy = copyOf(incident);
  const isOlder = base !== null && base.how === 'known' && base.version !== lost?.version;
  const from =
    copy !== null
      ? `, from its copy of ${clock(copy, now)}`
      : isOlder
        ? `, from what stood there at ${clock(base.at, now)}`
        : '';
  const who = cause?.writer ?? null;
  const known = who !== null && who.kind !== 'unknown';
  const by = known ? `: ${writerInWords(who, [lost?.writer ?? null])} wrote it${from}` : '';
  const [first = '', ...more] = wrap(`${clock(now, now)}  ${id} is ${certainty} now${by}`, style.width);
  return [first.replace(id, style.command(id)), ...more].join('\n');
}

/** `14:03:25  k7f3qz is open again: lost: section "Buffer" in ~/.claude/CLAUDE.md` */
export function openAgainText(incident: Incident, style: Style, now: Time): string {
  const { id, lost, message } = incident;
  const what = lost === null ? message : `${lossInWords(incident)} in ${style.place(incident)}`;
  const [first = '', ...more] = wrap(`${clock(now, now)}  ${id} is open again: ${visible(what)}`, style.width);
  return [first.replace(id, style.command(id)), ...more].join('\n');
}
