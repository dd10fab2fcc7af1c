/** How to go on after an audit: the reasons of the first incident, what to do, and the commands that bring text back. */
import type { Alike } from './alike.ts';
import { wayBack } from './listed.ts';
import type { Style } from './style.ts';
import { visible } from './visible.ts';
import { cut, wrap } from './width.ts';

/** Up to so many commands are written out; beyond that the first one stands for all. */
const mostCommands = 10;
const mostAdvice = 5;
const mostIds = 3;

export function waysText(groups: readonly Alike[], style: Style): string {
  const open = groups.filter(([incident]) => incident.state === 'open');
  const back = open.map(wayBack).filter(command => command !== null);
  const [first] = open[0] ?? [];
  if (first === undefined) return '';
  const shown = back.length > mostCommands ? back.slice(0, 1) : back;
  const isText = open.some(group => wayBack(group) !== null && group[0].lost !== null);
  const whole = isText ? 'to bring the text back:' : 'to put it in order:';
  const heading = back.length > mostCommands ? 'to bring one back:' : whole;
  const parts = [
    `${style.dim('why:')} ${style.command(`undertext show ${first.id}`)}`,
    advice(open, style),
    back.length === 0 ? '' : [style.dim(heading), ...shown.map(style.command)].join('\n'),
  ];
  return parts.filter(part => part !== '').join('\n\n');
}

/** What to do where no text can be put back; the same advice once, `show` has the whole of it. */
function advice(open: readonly Alike[], style: Style): string {
  const byText = new Map<string, string[]>();
  for (const [incident] of open) {
    if (incident.restore !== null || incident.advice === undefined) continue;
    byText.set(incident.advice, [...(byText.get(incident.advice) ?? []), incident.id]);
  }
  if (byText.size === 0) return '';
  const lines = [...byText].slice(0, mostAdvice).flatMap(([text, ids]) => {
    const more = ids.length > mostIds ? ` and ${ids.length - mostIds} more` : '';
    const [start = '', second, ...rest] = wrap(
      `${ids.slice(0, mostIds).join(', ')}${more}: ${visible(text)}`,
      style.width - 2,
    );
    return [
      start,
      ...(second === undefined ? [] : [`  ${rest.length === 0 ? second : cut(`${second} …`, style.width - 4)}`]),
    ];
  });
  const left =
    byText.size > mostAdvice
      ? [style.dim(`… ${byText.size - mostAdvice} more: ${style.sentence('undertext show')} ID`)]
      : [];
  return [style.dim('what to do:'), ...lines, ...left].join('\n');
}
