/** An error as a person reads it, and as a program does. */

import { inMoments } from '../moments.ts';
import { jsonText } from './json-text.ts';
import { type Here, installed, runnableIn } from './runnable.ts';
import { visible, visibleBlock } from './visible.ts';
import { wrap } from './width.ts';

export interface Trouble {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly choices?: readonly string[];
}

export interface ErrorLook {
  /** Columns of the terminal; infinite where the error goes to a file, so that it stays on one line. */
  readonly width: number;
  readonly here: Here;
}

const unwrapped: ErrorLook = { width: Number.POSITIVE_INFINITY, here: installed };

/** What happened, what could be meant, then what to do. Only a conflict shows texts of several lines, and none of them begins like ours. */
export function errorText(trouble: Trouble, { width, here } = unwrapped): string {
  const { code, message, hint, choices } = inMomentsOf(trouble, 'local');
  const isConflict = code === 'conflict';
  const told = isConflict ? visibleBlock(message).replace(/\n(?=\S)/g, '\n  ') : visible(runnableIn(message, here));
  const lines = [
    ...(isConflict ? [`error: ${told}`] : wrapped(`error: ${told}`, width)),
    ...choices.map(line => `  ${visible(runnableIn(line, here))}`),
    ...wrapped(`hint: ${visible(runnableIn(hint, here))}`, width),
  ];
  return `${lines.join('\n')}\n`;
}

function wrapped(text: string, width: number): readonly string[] {
  return Number.isFinite(width) ? wrap(text, width) : [text];
}

/** A conflict shows texts of files, and those stay as they are. */
function inMomentsOf({ code, message, hint, choices = [] }: Trouble, as: 'local' | 'iso') {
  const said = (sentence: string) => (code === 'conflict' ? sentence : inMoments(sentence, as));
  return { code, message: said(message), hint: said(hint), choices: choices.map(said) };
}

/** Where it happened, for a report of a defect. */
export function traceText(stack: string): string {
  return `${visibleBlock(stack)}\n`;
}

/** @see schemas/error.schema.json */
export function errorJson(trouble: Trouble): string {
  const { code, message, hint, choices } = inMomentsOf(trouble, 'iso');
  return `${jsonText({ error: { code, message, hint, ...(choices.length > 0 ? { choices } : {}) } })}\n`;
}
