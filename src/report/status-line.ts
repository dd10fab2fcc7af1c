/** The one line below `watch` that is rewritten: how things stand. */
import type { Time, Version } from '../model.ts';
import { count } from './sizes.ts';
import type { Style } from './style.ts';
import { clock } from './times.ts';
import { visible } from './visible.ts';
import { columns, cut } from './width.ts';

export interface StatusLine {
  readonly now: Time;
  readonly files: number;
  /** That were kept since the watch began. */
  readonly versions: number;
  /** Sessions of the client that are alive. */
  readonly alive: number;
  /** The newest version; null until something changed. */
  readonly last: Version | null;
  /** Open incidents that are told. */
  readonly open: number;
}

/** Shortest end of a path that still says which file it is. */
const shortestName = 12;

/** Never wider than `width`: the path is cut at its beginning first, then parts are left out, the open incidents last. */
export function statusLine(state: StatusLine, style: Style, width: number): string {
  const { now, files, versions, alive, last } = state;
  const open = state.open === 0 ? 'nothing open' : `${state.open} open`;
  const changed = last === null ? null : clock(last.at, now);
  const change = changed && `last change ${changed}`;
  const short = changed && `last ${changed}`;
  const name = last === null ? '' : visible(last.path);
  const least = Math.min(shortestName, columns(name)) + 1;
  const [kept, sessions] = [count(versions, 'version'), alive === 0 ? null : count(alive, 'session')];
  const ways = [
    [clock(now, now), open, count(files, 'file'), `${kept} kept`, sessions && `${sessions} alive`, change],
    [clock(now, now), open, count(files, 'file'), kept, sessions, short],
    [clock(now, now), open, kept, sessions, short],
    [clock(now, now), open, sessions, short],
    [clock(now, now), open, short],
  ].map(parts => parts.filter(part => part !== null).join(' · '));
  const named = last === null ? undefined : ways.find(text => columns(text) + least <= width);
  const bare = ways.find(text => columns(text) <= width) ?? cut(`${clock(now, now)} · ${open}`, width);
  const text = named === undefined ? bare : `${named} ${fromItsEnd(name, width - columns(named) - 1)}`;
  return state.open === 0 ? style.dim(text) : text.replace(open, () => style.bad(open));
}

/** The end of a path says more than its beginning. */
function fromItsEnd(path: string, room: number): string {
  if (columns(path) <= room) return path;
  const rest = [...path];
  while (columns(rest.join('')) > room - 1) rest.shift();
  return `…${rest.join('')}`;
}
