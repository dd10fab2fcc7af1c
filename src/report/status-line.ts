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

/** Shortest name of a file that still says which one it is. */
const shortestName = 12;

/** Never wider than `width`: the file of the last change is cut first, then parts are left out, the open incidents last. */
export function statusLine(state: StatusLine, style: Style, width: number): string {
  const { now, files, versions, alive, last } = state;
  const open = state.open === 0 ? 'nothing open' : `${state.open} open`;
  const change = last === null ? null : `last change ${clock(last.at, now)}`;
  const name = last === null ? '' : visible(last.path);
  const sessions = alive === 0 ? null : `${count(alive, 'session')} alive`;
  const ways = [
    [clock(now, now), open, count(files, 'file'), `${count(versions, 'version')} kept`, sessions, change],
    [clock(now, now), open, `${count(versions, 'version')} kept`, sessions, change],
    [clock(now, now), open, `${count(versions, 'version')} kept`, change],
    [clock(now, now), open, change],
    [clock(now, now), open],
  ].map(parts => parts.filter(part => part !== null).join(' · '));
  const fitting = ways.find(text => columns(text) <= width) ?? cut(ways.at(-1)!, width);
  const room = width - columns(fitting) - 1;
  const isNamed = change !== null && fitting.endsWith(change) && room >= Math.min(shortestName, columns(name));
  const text = isNamed ? `${fitting} ${fromItsEnd(name, room)}` : fitting;
  return state.open === 0 ? style.dim(text) : text.replace(open, () => style.bad(open));
}

/** The end of a path says more than its beginning. */
function fromItsEnd(path: string, room: number): string {
  if (columns(path) <= room) return path;
  const rest = [...path];
  while (columns(rest.join('')) > room - 1) rest.shift();
  return `…${rest.join('')}`;
}
