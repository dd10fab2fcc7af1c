/** The way to a loss, step by step: who read what, who wrote over it from which copy. */
import type { Time, TimelineStep, Writer } from '../model.ts';
import { count } from './sizes.ts';
import type { Style } from './style.ts';
import { clock, clockFor } from './times.ts';
import { visible } from './visible.ts';
import { columns, cut, wrap } from './width.ts';
import { isSameWriter, nameInWords, shortId } from './writers.ts';

/** More steps than this are not read; those in the middle are left to `--json`. */
const mostSteps = 12;
/** Of what came and went, so many words are said; the diff below has the rest. */
const mostWords = 3;
/** A label may be a whole sentence. */
const longestLabel = 40;

/** A heading, the steps, and who the letters are. Nothing for no steps. */
export function timelineText(steps: readonly TimelineStep[], style: Style, now: Time, home = ''): readonly string[] {
  if (steps.length === 0) return [];
  const shown = shownOf(steps);
  const moments = [...new Set(shown.flatMap(({ at, of, from }) => [at, of, from].filter(each => each != null)))];
  const day = dayOf(moments, now);
  const clockOf = clockFor(moments, day === null ? now : moments[0]!);
  const cast = castOf(shown.map(({ who }) => who));
  const letters = cast.map((_, i) => letter(i));
  const nameOf = (who: Writer | null) =>
    isKnown(who) ? letters[cast.findIndex(each => isSameWriter(each, who))]! : '?';
  const width = Math.max(1, ...letters.map(columns));
  const lines = shown.flatMap((step, i) => {
    const start = `${clockOf(step.at)}  ${nameOf(step.who).padEnd(width)}  `;
    const hidden = i === firsts - 1 ? steps.length - shown.length : 0;
    const room = Math.max(16, style.width - columns(start));
    const told = wrap(stepInWords(step, clockOf), room).map((line, at) =>
      at === 0 ? start + line : ' '.repeat(columns(start)) + line,
    );
    const loss = step.minus.length > 0 ? told.map(style.bad) : told;
    return hidden > 0 ? [...loss, style.dim(`… ${count(hidden, 'step')} more: --json`)] : loss;
  });
  const legend = cast.flatMap((who, i) => legendLine(`${letters[i]!.padEnd(width)} = `, who, cast, style, home));
  const isUnknown = shown.some(({ who }) => !isKnown(who));
  const heading = style.dim(`who knew what${day === null ? '' : `, on ${day}`}`);
  return [heading, '', ...lines, '', ...legend, ...(isUnknown ? [`${'?'.padEnd(width)} = nobody we know`] : []), ''];
}

const firsts = 3;

/** The day of all moments, where that is another one than today: it need not be said at every step. */
function dayOf(moments: readonly Time[], now: Time): string | null {
  const days = new Set(moments.map(at => clock(at, now).split(' ')[0]!));
  const [day = ''] = days;
  return days.size === 1 && day.includes('-') ? day : null;
}

/** The beginning, and the end with the loss. */
function shownOf(steps: readonly TimelineStep[]): readonly TimelineStep[] {
  if (steps.length <= mostSteps) return steps;
  return [...steps.slice(0, firsts), ...steps.slice(firsts - mostSteps)];
}

/** `wrote it from its copy of 13:58:10 (−1 section)`, `was given it, with what is lost` */
function stepInWords(
  { did, of, from, holdsLost, plus, minus, who }: TimelineStep,
  clockOf: (at: Time) => string,
): string {
  const doubt =
    isKnown(who) && who.certainty !== 'proven' ? `${who.certainty === 'likely' ? 'likely' : 'possibly'} ` : '';
  const copy = of === null ? '' : ` from its copy of ${clockOf(of)}`;
  const going = from === undefined ? '' : `, going on from the version of ${clockOf(from)}`;
  const shown = holdsLost ? ', with what is lost' : '';
  const changes = [...inShort('+', plus), ...inShort('−', minus)].join(' ');
  return `${doubt}${deeds[did]}${copy}${going}${shown}${changes === '' ? '' : ` (${changes})`}`;
}

const deeds: Readonly<Record<TimelineStep['did'], string>> = {
  read: 'read it',
  'was given': 'was given it',
  'read a part of': 'read a part of it',
  wrote: 'wrote it',
  edited: 'edited it',
  'appended to': 'appended to it',
  overwrote: 'overwrote it by a shell command',
  removed: 'removed it',
  'was refused': 'was refused a write: not the content it knew',
  restored: 'restored it',
};

function inShort(sign: string, words: readonly string[]): readonly string[] {
  const told = words.slice(0, mostWords).map(word => sign + visible(word));
  return words.length > mostWords ? [...told, `${sign}…`] : told;
}

function isKnown(who: Writer | null): who is Writer {
  return who !== null && who.kind !== 'unknown';
}

/** Everybody once, in order of appearance. */
function castOf(writers: readonly (Writer | null)[]): readonly Writer[] {
  const cast: Writer[] = [];
  for (const who of writers) if (isKnown(who) && !cast.some(each => isSameWriter(each, who))) cast.push(who);
  return cast;
}

/** A to Z, then A2 … */
function letter(index: number): string {
  const round = Math.floor(index / 26);
  return String.fromCharCode(65 + (index % 26)) + (round === 0 ? '' : String(round + 1));
}

/** `A = feat/citation-tracker · session 1b7c… · main · ~/code/x` */
function legendLine(
  start: string,
  who: Writer,
  cast: readonly Writer[],
  style: Style,
  home: string,
): readonly string[] {
  const ids = cast.filter(each => each.kind === 'session').map(({ id }) => id);
  const agents = cast.flatMap(each => each.agent ?? []);
  const agent = who.agent === undefined ? '' : `sub-agent ${shortId(who.agent, agents)} of `;
  const session = `${agent}session ${shortId(who.id, ids)}`;
  const parts =
    who.kind === 'session'
      ? [cut(visible(who.label.trim()), longestLabel), session, branchOf(who.branch), folder(who.cwd ?? '', home)]
      : [nameInWords(who)];
  const text = parts.filter(part => part !== '').join(' · ');
  return wrap(text, Math.max(16, style.width - columns(start))).map((line, at) =>
    at === 0 ? start + line : ' '.repeat(columns(start)) + line,
  );
}

/** A branch, where there is one: `HEAD` is what the client says where none is checked out. */
export function branchOf(branch: string | null | undefined): string {
  return branch === 'HEAD' ? '' : visible(branch ?? '');
}

/** A folder below the home of whoever looks: `~/code/x`. */
export function folder(path: string, home: string): string {
  const isBelow = home !== '' && (path === home || path.startsWith(`${home}/`) || path.startsWith(`${home}\\`));
  return visible(isBelow ? `~${path.slice(home.length)}` : path);
}
