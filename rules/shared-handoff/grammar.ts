/** What a file name says of its writer, and what it could. */
import type { Time, Writer } from '../../src/rule.ts';

const parts: Readonly<Record<string, string>> = {
  branch: '[\\p{L}\\d][\\p{L}\\d._-]*',
  session: '[\\da-z][\\da-z-]{3,35}',
  date: '\\d{4}-?\\d\\d-?\\d\\d',
  time: '\\d{4,14}(?:[-T_.]\\d{2,6})*',
};

/** Fits names that follow `handoff-{branch}-{time}.md`; `{…}` of another name fits any text. */
export function nameForm(grammar: string): RegExp {
  const source = grammar
    .split(/\{(\w+)\}/)
    .map((piece, i) => (i % 2 === 0 ? piece.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&') : (parts[piece] ?? '.+')))
    .join('');
  return new RegExp(`^${source}$`, 'iu');
}

/** True when two sessions would hardly give this name: a time, an id, or the branch of its writer is in it. */
export function isOnesOwn(name: string, writers: readonly (Writer | null)[]): boolean {
  const stem = stemOf(name).toLowerCase();
  if (/\d{4,}|\d\d[-_.:]\d\d/.test(stem)) return true;
  if (stem.split(/[-_. ]/).some(word => /^(?=.*\d)[0-9a-f]{6,}$/.test(word))) return true;
  return writers.some(writer => {
    const branch = slug(writer?.branch ?? '');
    return branch.length > 2 && !/^(main|master|trunk|head|develop)$/.test(branch) && stem.includes(branch);
  });
}

/** `handoff-feat-x-20261120-1402.md`: a name that is its writer's own, after the grammar where one is given. */
export function ownName(name: string, grammar: string, writer: Writer | null, at: Time): string {
  const branch = slug(writer?.branch ?? '');
  const session = (writer?.id ?? '').slice(0, 8).toLowerCase();
  const day = new Date(at);
  const two = (n: number) => String(n).padStart(2, '0');
  const date = `${day.getFullYear()}${two(day.getMonth() + 1)}${two(day.getDate())}`;
  const time = `${date}-${two(day.getHours())}${two(day.getMinutes())}`;
  if (grammar === '') {
    return `${[stemOf(name), branch || session, time].filter(part => part !== '').join('-')}${name.slice(stemOf(name).length)}`;
  }
  const known: Readonly<Record<string, string>> = { branch, session, date, time };
  return grammar.replace(/\{(\w+)\}/g, (_, part: string) => known[part] || part);
}

function stemOf(name: string): string {
  return name.replace(/\.[^.]+$/, '');
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\d]+/gu, '-')
    .replace(/^-+|-+$/g, '');
}
