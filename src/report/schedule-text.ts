/** What was scheduled, or is: for a person, and for a program. */
import type { Time } from '../model.ts';
import { jsonText } from './json-text.ts';
import type { Style } from './style.ts';
import { clock, iso } from './times.ts';
import { visible, visibleBlock } from './visible.ts';
import { wrap } from './width.ts';

export interface ScheduleReport {
  readonly action: 'install' | 'remove' | 'print';
  readonly by: string;
  /** `03:15`; null when it is removed. */
  readonly at: string | null;
  readonly pieces: readonly {
    readonly place: string;
    readonly text: string;
    readonly did: 'planned' | 'written' | 'unchanged' | 'removed';
  }[];
  readonly commands: readonly {
    readonly line: string;
    readonly did: 'planned' | 'ran' | 'failed' | 'left';
    readonly said: string;
  }[];
  readonly hints: readonly string[];
}

export interface ScheduleStatus {
  readonly installed: readonly {
    readonly by: string;
    readonly places: readonly string[];
    readonly at: string | null;
    readonly command: string;
    /** What the command names and is not there any more. */
    readonly missing: readonly string[];
    readonly isActive: boolean | null;
    readonly next: Time | string | null;
    readonly last: string | null;
    readonly output: string;
  }[];
}

export function scheduleText(report: ScheduleReport, style: Style): string {
  const { action, by, at, pieces, commands, hints } = report;
  const isSame = pieces.every(({ did }) => did === 'unchanged') && commands.length === 0;
  if (action === 'remove' && pieces.length === 0) return 'nothing was installed, nothing was removed';
  if (isSame) return `installed already (${by}, every day at ${at}); nothing was changed`;
  return [
    ...pieces.flatMap(piece => pieceLines(piece, action)),
    ...(pieces.length === 0 ? ['nothing was changed'] : []),
    ...commands.flatMap(command => commandLines(command, style)),
    ...hints.flatMap(hint => wrap(`note: ${visible(hint)}`, style.width)),
    ...(action === 'install'
      ? [
          `it runs every day at ${at}; when, and whether it did:`,
          style.command('undertext schedule status'),
          'to take it away:',
          style.command('undertext schedule remove'),
        ]
      : []),
  ].join('\n');
}

/** What was taken away need not be read again. */
function pieceLines({ place, text, did }: ScheduleReport['pieces'][number], action: string): readonly string[] {
  const head = `${verb[did]} ${visible(place)}`;
  return action === 'remove' ? [head] : [head, '', ...indented(text), ''];
}

const verb = { planned: 'would write', written: 'wrote', unchanged: 'left as it was:', removed: 'removed' } as const;

function commandLines({ line, did, said }: ScheduleReport['commands'][number], style: Style): readonly string[] {
  const command = visible(line);
  if (did === 'planned') return [`would run ${command}`];
  if (did === 'ran') return [`ran ${command}`];
  if (did === 'failed') return [`${style.bad('failed')}: ${command}: ${visible(said)}`];
  return [`${style.warn('left to you')}, as ${visible(said)}:`, style.command(command)];
}

function indented(text: string): readonly string[] {
  return text
    .trimEnd()
    .split('\n')
    .map(line => `  ${visibleBlock(line)}`);
}

export function scheduleStatusText({ installed }: ScheduleStatus, style: Style, now: Time): string {
  if (installed.length === 0) return 'not installed\n\nto have an audit every night:\nundertext schedule install';
  return installed
    .map(({ by, places, at, command, missing, isActive, next, last, output }) =>
      [
        `${by}: every day${at === null ? '' : ` at ${at}`}`,
        ...places.map(place => `  written in  ${visible(place)}`),
        ...(isActive === false ? [`  ${style.bad('not active')}: the system does not know it; install it again`] : []),
        ...missing.map(path => `  ${style.bad('is gone')}     ${visible(path)}: install it again`),
        `  next        ${next === null ? 'nobody can tell' : typeof next === 'string' ? visible(next) : clock(next, now)}`,
        `  last        ${last === null ? 'nobody can tell' : visible(last)}`,
        `  output      ${visible(output)}`,
        `  runs        ${visible(command)}`,
      ].join('\n'),
    )
    .join('\n\n');
}

export function scheduleJson({ action, by, at, pieces, commands, hints }: ScheduleReport): string {
  return `${jsonText({ format: 1, action, by, at, pieces, commands, hints }, 2)}\n`;
}

export function scheduleStatusJson({ installed }: ScheduleStatus): string {
  const each = installed.map(({ isActive, next, ...rest }) => ({
    ...rest,
    active: isActive,
    next: typeof next === 'number' ? iso(next) : next,
  }));
  return `${jsonText({ format: 1, action: 'status', installed: each }, 2)}\n`;
}
