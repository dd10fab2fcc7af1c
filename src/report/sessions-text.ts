/** `sessions`: who holds a stale copy of what, and who is alive, what they read and wrote. */
import type { Time, Unit, Writer } from '../model.ts';
import { plainUnit } from './audit-json.ts';
import { damageInWords } from './evidence-text.ts';
import { jsonText } from './json-text.ts';
import { count } from './sizes.ts';
import type { Style } from './style.ts';
import { branchOf, folder } from './timeline.ts';
import { clock, clockFor, iso } from './times.ts';
import { inWords } from './units.ts';
import { visible } from './visible.ts';
import { columns, cut, wrap } from './width.ts';
import { nameInWords, shortId, writerInWords } from './writers.ts';

/** What somebody has a copy of: the version, null when that content is not kept; when and how it came by it. */
export interface Copy {
  readonly version: string | null;
  readonly at: Time;
  readonly how: 'read' | 'given' | 'wrote' | 'part';
}

export interface PathRow {
  readonly root: string;
  readonly path: string;
  readonly read: Time | null;
  readonly wrote: Time | null;
  readonly knows: Copy | null;
}

export interface SessionRow {
  readonly id: string;
  readonly agent: string | null;
  readonly label: string | null;
  readonly branch: string | null;
  readonly cwd: string | null;
  /** Of the client. */
  readonly version: string | null;
  readonly pid: number | null;
  /** Null when nobody can say. */
  readonly alive: boolean | null;
  readonly first: Time | null;
  readonly last: Time | null;
  /** Newest first. */
  readonly paths: readonly PathRow[];
}

export interface StaleRow {
  readonly session: string;
  readonly agent: string | null;
  readonly root: string;
  readonly path: string;
  readonly knows: Copy;
  readonly now: { readonly version: string; readonly at: Time; readonly writer: Writer | null };
  /** What came since: gone if it saved its copy now. */
  readonly units: readonly Unit[];
  /** What was taken out since: back if it saved its copy now. */
  readonly back: readonly Unit[];
  /** False when its copy is not kept, so that nobody can say what came since. */
  readonly isCompared: boolean;
}

export interface SessionsReport {
  /** Listed are those who live, and who was active since; null: everybody who is known. */
  readonly since: Time | null;
  readonly sessions: readonly SessionRow[];
  /** The gravest first. */
  readonly stale: readonly StaleRow[];
  readonly coverage: {
    /** Transcripts that are there, and their damaged lines. */
    readonly transcripts: number;
    readonly damaged: number;
    readonly unreadable: readonly { readonly path: string; readonly why: string }[];
    readonly live: {
      readonly files: number;
      readonly alive: number;
      readonly elsewhere: number;
      readonly dead: number;
      readonly taken: number;
      readonly broken: number;
      readonly left: number;
    };
  };
}

/** What one looks over; JSON has them all. */
const mostSessions = 40;
const mostPaths = 5;
const mostStale = 40;
const longestLabel = 50;
const longestName = 70;

export function sessionsText(report: SessionsReport, style: Style, now: Time, home = ''): string {
  const { sessions, stale } = report;
  const names = namesOf(sessions);
  const isStale = new Set(stale.map(({ session, agent, root, path }) => `${session} ${agent} ${root}/${path}`));
  const shown = sessions.slice(0, mostSessions);
  const parts = [
    danger(stale, names, style, now),
    wrap(heading(report, now), style.width).map(style.bold).join('\n'),
    ...shown.map(session => sessionBlock(session, names, isStale, style, now, home)),
    shown.length < sessions.length
      ? style.dim(`… ${count(sessions.length - shown.length, 'session')} more: --json`)
      : '',
    unseen(report, style),
  ];
  return `${parts.filter(part => part !== '').join('\n\n')}\n`;
}

/** What would be lost, and what to do about it: before anything else. */
function danger(stale: readonly StaleRow[], names: Names, style: Style, now: Time): string {
  if (stale.length === 0) return '';
  const copies = stale.length === 1 ? '1 stale copy' : `${stale.length} stale copies`;
  const rows = stale.slice(0, mostStale).map(row => staleBlock(row, names, style, now));
  const more = stale.length > mostStale ? [style.dim(`… ${stale.length - mostStale} more: --json`)] : [];
  return [style.bad(style.bold(copies)), ...rows, ...more].join('\n\n');
}

function staleBlock(
  { session, agent, path, knows, now: present, ...row }: StaleRow,
  names: Names,
  style: Style,
  now: Time,
) {
  const [who, writer] = [names.of(session, agent), present.writer];
  const by = writer === null || writer.kind === 'unknown' ? 'somebody' : writerInWords(writer, names.all);
  const clockOf = clockFor([...new Set([knows.at, present.at])], now);
  const lines = (text: string) => wrap(text, style.width - 2).map(line => `  ${line}`);
  return [
    ...wrap(visible(path), style.width).map(style.bold),
    ...lines(`${who} ${how[knows.how]} ${clockOf(knows.at)}; ${by} wrote it ${clockOf(present.at)}`),
    ...lines(outcome(row)).map(style.bad),
    ...lines(`have ${who} read the file again`),
  ].join('\n');
}

const how: Readonly<Record<Copy['how'], string>> = {
  read: 'read it',
  given: 'was given it',
  wrote: 'wrote it',
  part: 'read a part of it',
};

function outcome({ units, back, isCompared }: Pick<StaleRow, 'units' | 'back' | 'isCompared'>): string {
  if (!isCompared) return 'if it saved its copy now, what came since would be lost';
  const lost = units.length === 0 ? '' : `lost if it saved its copy now: ${inWords(units)}`;
  const undone = back.length === 0 ? '' : `back if it saved its copy now: ${inWords(back)}`;
  return [lost, undone].filter(text => text !== '').join('; ');
}

/** `3 sessions alive, 5 more active since 2026-11-19 22:00` */
function heading({ sessions, since }: SessionsReport, now: Time): string {
  const living = sessions.filter(({ alive, agent }) => alive !== false && agent === null).length;
  const others = sessions.filter(({ agent }) => agent === null).length - living;
  const when = since === null ? '' : ` since ${clock(since, now)}`;
  if (living + others === 0)
    return since === null ? 'no session is known' : `no session is alive, none was active${when}`;
  const parts = [
    ...(living === 0 ? [] : [`${count(living, 'session')} alive`]),
    ...(others === 0 ? [] : [`${count(others, 'session')} ended${since === null ? '' : `, active${when}`}`]),
  ];
  return parts.join('; ');
}

function sessionBlock(
  session: SessionRow,
  names: Names,
  isStale: ReadonlySet<string>,
  style: Style,
  now: Time,
  home: string,
): string {
  const { id, agent, alive, first, last, pid, branch, cwd, version, paths } = session;
  const state =
    alive === false
      ? `ended${at(', last seen', last, now)}`
      : `${alive === null ? 'perhaps alive' : 'alive'}${at(', since', first, now)}`;
  const name = cut(names.of(id, agent).replace(/^session (?=")/, ''), Math.min(longestName, style.width));
  const isOneLine = columns(name) + 2 + columns(state) <= style.width;
  const facts = [
    shortId(id, names.ids),
    pid === null ? '' : `pid ${pid}`,
    branchOf(branch),
    folder(cwd ?? '', home),
    visible(version ?? ''),
  ].filter(text => text !== '');
  const shown = paths.slice(0, mostPaths);
  const more = paths.length - shown.length;
  return [
    `${style.bold(name)}${isOneLine ? '  ' : '\n  '}${alive === false ? style.dim(state) : style.good(state)}`,
    ...wrap(facts.join(' · '), style.width - 2).map(line => style.dim(`  ${line}`)),
    ...shown.map(row => pathLine(row, isStale.has(`${id} ${agent} ${row.root}/${row.path}`), style, now)),
    ...(more > 0 ? [style.dim(`  … ${count(more, 'path')} more: --json`)] : []),
  ].join('\n');
}

function at(words: string, time: Time | null, now: Time): string {
  return time === null ? '' : `${words} ${clock(time, now)}`;
}

/** `wrote 14:02:50  memory/architecture.md`; the newest of both comes first. */
function pathLine({ path, read, wrote }: PathRow, isStale: boolean, style: Style, now: Time): string {
  const isRead = wrote === null || (read !== null && read > wrote);
  const when = isRead ? read : wrote;
  const start = `  ${isRead ? 'read ' : 'wrote'} ${when === null ? '' : clock(when, now)}  `;
  const end = isStale ? '  stale' : '';
  const room = Math.max(8, style.width - columns(start) - columns(end));
  return `${start}${ending(visible(path), room)}${style.bad(end)}`;
}

/** The end of a path says more than its beginning. */
function ending(path: string, width: number): string {
  if (columns(path) <= width) return path;
  const letters = [...path];
  while (columns(letters.join('')) > width - 1) letters.shift();
  return `…${letters.join('')}`;
}

/** Whatever could not be looked at. */
function unseen({ coverage }: SessionsReport, style: Style): string {
  const { unreadable, damaged, live } = coverage;
  const [first] = unreadable;
  const bad = first
    ? [
        `${count(unreadable.length, 'transcript')} could not be read: ${visible(first.path)} (${visible(first.why)})${unreadable.length > 1 ? ' …' : ''}`,
      ]
    : [];
  const some = (number: number, one: string, more = one) =>
    number > 0 ? [`${number} ${number === 1 ? one : more}`] : [];
  const strays = [
    ...some(live.dead, 'of a dead process', 'of dead processes'),
    ...some(live.taken, 'whose pid another process has now'),
    ...some(live.broken, 'that is no record', 'that are no records'),
    ...some(live.elsewhere, 'of another machine or container: nobody can say whether they live'),
    ...some(live.left, 'too many'),
  ];
  const notes = [
    ...(damaged > 0 ? [damageInWords(damaged)] : []),
    ...(strays.length > 0 ? [`files of sessions: ${strays.join(', ')}`] : []),
    ...(live.files === 0 ? ['no client says that it runs: who is alive is guessed from what was written last'] : []),
  ];
  const lines = (texts: readonly string[]) => texts.flatMap(text => wrap(text, style.width));
  return [...lines(bad).map(style.bad), ...lines(notes).map(style.dim)].join('\n');
}

interface Names {
  readonly all: readonly Writer[];
  readonly ids: readonly string[];
  of(session: string, agent: string | null): string;
}

/** Each by its label; with the beginning of its id where two have one label. */
function namesOf(sessions: readonly SessionRow[]): Names {
  const byId = new Map<string, Writer>();
  for (const { id, label } of sessions) {
    if (byId.get(id)?.label) continue;
    byId.set(id, { kind: 'session', id, label: cut(label ?? '', longestLabel), certainty: 'proven' });
  }
  const all = [...byId.values()];
  const ids = all.map(({ id }) => id);
  return {
    all,
    ids,
    of: (session, agent) => {
      const writer: Writer = byId.get(session) ?? { kind: 'session', id: session, label: '', certainty: 'proven' };
      return nameInWords(agent === null ? writer : { ...writer, agent }, all);
    },
  };
}

/** `sessions --json` */
export function sessionsJson({ since, sessions, stale, coverage }: SessionsReport): string {
  const time = (at: Time | null) => (at === null ? null : iso(at));
  const copy = (knows: Copy) => ({ version: knows.version, at: iso(knows.at), how: knows.how });
  return `${jsonText(
    {
      format: 1,
      since: time(since),
      sessions: sessions.map(({ first, last, paths, ...session }) => ({
        ...session,
        first: time(first),
        last: time(last),
        paths: paths.map(({ root, path, read, wrote, knows }) => {
          return { root, path, read: time(read), wrote: time(wrote), knows: knows && copy(knows) };
        }),
      })),
      stale: stale.map(({ session, agent, root, path, knows, now, units, back, isCompared }) => ({
        session,
        agent,
        root,
        path,
        knows: copy(knows),
        now: { version: now.version, at: iso(now.at), writer: now.writer },
        units: units.map(plainUnit),
        back: back.map(plainUnit),
        compared: isCompared,
      })),
      coverage,
    },
    2,
  )}\n`;
}
