/** Text for a terminal that has no UTF-8: our own signs become ASCII, anything else an escape. */
import { escaped } from './visible.ts';

const signs: Readonly<Record<string, string>> = {
  '·': '-',
  '…': '...',
  '−': '-',
  '–': '-',
  '—': '--',
  '“': '"',
  '”': '"',
  '‘': "'",
  '’': "'",
  '×': 'x',
  '→': '->',
  '≤': '<=',
  '≥': '>=',
};

const beyond = /[^\x00-\x7f]/gu;

export function ascii(text: string): string {
  return text.replace(beyond, sign => signs[sign] ?? escaped(sign));
}

/**
 * Whether the locale says UTF-8 (POSIX: `LC_ALL` before `LC_CTYPE` before `LANG`). Where none is set, as in most containers
 * and under cron, UTF-8 is what terminals have; so is it on Windows and macOS.
 */
export function hasUtf8(env: Readonly<Record<string, string | undefined>>, platform: string): boolean {
  if (platform === 'win32') return true;
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find(value => value !== undefined && value !== '');
  return locale === undefined || /utf-?8/i.test(locale);
}
