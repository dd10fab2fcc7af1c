/** What is told on the desktop: a title and a few words. Many at once are one. */
import type { Incident } from '../model.ts';
import { lossInWords } from './loss.ts';
import { visible } from './visible.ts';
import { cut } from './width.ts';

export interface Notice {
  readonly title: string;
  readonly body: string;
}

/** Above this many, a screen full of them would hide what they tell. */
const mostAtOnce = 3;

export function noticesOf(told: readonly Incident[]): readonly Notice[] {
  if (told.length <= mostAtOnce) return told.map(noticeOf);
  const named = told.slice(0, mostAtOnce).map(({ path }) => cut(visible(path), 60));
  const body = [...named, `and ${told.length - mostAtOnce} more`, 'undertext audit'].join('\n');
  return [{ title: `undertext: ${told.length} incidents`, body }];
}

function noticeOf(incident: Incident): Notice {
  const { id, path, lost, message, restore } = incident;
  const what = lost === null ? `wrong: ${visible(message)}` : lossInWords(incident);
  return {
    title: `undertext: ${cut(visible(path), 80)}`,
    body: `${cut(what, 160)}\n${restore ?? `undertext show ${id}`}`,
  };
}
