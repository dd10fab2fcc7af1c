/** A systemd user timer and what it starts: systemd.timer(5), systemd.service(5). */
import { inDigits, type Job, type Moment, mark } from './job.ts';

export const unit = 'undertext-audit';

export function serviceText({ words, env, isFailure }: Job): string {
  return [
    `# ${mark}`,
    '[Unit]',
    'Description=undertext: what was silently overwritten',
    '',
    '[Service]',
    'Type=oneshot',
    ...Object.entries(env).map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}`),
    `ExecStart=${words.map(word => quoted(word).replaceAll('$', '$$$$')).join(' ')}`,
    ...(isFailure ? [] : ['# 1: incidents are open, which is no failure of this job', 'SuccessExitStatus=1']),
    'Nice=10',
    'IOSchedulingClass=idle',
    '',
  ].join('\n');
}

export function timerText({ at }: Job): string {
  return [
    `# ${mark}`,
    '[Unit]',
    'Description=undertext: an audit every night',
    '',
    '[Timer]',
    `OnCalendar=*-*-* ${inDigits(at)}:00`,
    '# A night that was slept through is made up for.',
    'Persistent=true',
    '',
    '[Install]',
    'WantedBy=timers.target',
    '',
  ].join('\n');
}

/** The command that a service starts; null when there is none. */
export function wordsIn(service: string): readonly string[] | null {
  const [, line] = /^ExecStart=([^\n]*)/m.exec(service) ?? [];
  if (line === undefined) return null;
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, inQuotes, bare]) =>
    (inQuotes ?? bare!).replaceAll(/\\(.)/g, '$1').replaceAll('$$', '$').replaceAll('%%', '%'),
  );
}

export function momentIn(timer: string): Moment | null {
  const [, hour, minute] = /^OnCalendar=\*-\*-\* (\d\d):(\d\d)/m.exec(timer) ?? [];
  return hour === undefined ? null : { hour: Number(hour), minute: Number(minute) };
}

/** In quotes, with `%` doubled, which would begin a specifier. */
function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&').replaceAll('%', '%%')}"`;
}
