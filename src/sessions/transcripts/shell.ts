/** Which files a shell command changes or shows, and how; with the exact new content where the command itself holds it. */
import { powershellTouches } from './powershell.ts';
import { argumentsOf, deedsOf, type FileDeed, pathsIn, readsScript } from './shell-deeds.ts';
import { type Command, type Redirect, readCommands, type Word, withoutAssignments } from './shell-lexer.ts';
import type { ShellTouch } from './touch.ts';

/** More than a person writes; what is longer holds data. */
const longest = 4_000_000;
/** `bash -c "bash -c …"`. */
const deepest = 4;

export function shellTouches(command: string, cwd: string | null, isPowerShell: boolean): readonly ShellTouch[] {
  if (command.length > longest) return [];
  if (isPowerShell) return powershellTouches(command, cwd);
  return touchesOf(command, cwd, new Map(), 0);
}

function touchesOf(
  script: string,
  cwd: string | null,
  outer: ReadonlyMap<string, string | null>,
  level: number,
): readonly ShellTouch[] {
  const touches: ShellTouch[] = [];
  const variables = new Map(outer);
  /** Words of loops, whose variable stands for each of them in turn. */
  const looped: { word: Word; cwd: string | null }[] = [];
  const folders: (string | null)[] = [cwd];
  let commands = 0;
  let hasLostTarget = false;
  let piped: string | undefined;
  /** True behind a question: `[ -f x ] && …` may not have come to its second half, and ended well. */
  let isDoubtful = false;
  let asked = '';

  const onCommand = (read: Command): void => {
    commands++;
    if (read.joint === ';') isDoubtful = false;
    if (read.joint === '||' || (read.joint === '&&' && questions.has(asked))) isDoubtful = true;
    const command = isDoubtful ? { ...read, isConditional: true } : read;
    folders.length = Math.min(folders.length, command.depth + 1);
    while (folders.length <= command.depth) folders.push(folders.at(-1)!);
    const here = folders[command.depth]!;
    const input = command.joint === '|' ? piped : undefined;
    piped = undefined;

    const { name, rest } = argumentsOf(withoutAssignments(command.words));
    asked = name;
    if (name === 'for' || name === 'select') {
      const values = rest.slice(rest.findIndex(word => word.raw === 'in') + 1);
      looped.push(...values.map(word => ({ word, cwd: here })));
      return;
    }
    if (name === 'cd' || name === 'pushd') {
      const target = rest.find(word => !word.raw.startsWith('-'));
      folders[command.depth] = target === undefined ? (rest.length === 0 ? '~' : null) : joined(here, target.value);
      return;
    }
    const inner = scriptIn(name, rest, command);
    if (inner !== null && level < deepest) {
      touches.push(...touchesOf(inner, here, variables, level + 1).map(withoutAlone));
      if (name !== 'eval') return;
    }
    if (inner === null && readsScript(name)) {
      // A script that is handed over as a text: whatever it names, it may change.
      const bodies = command.redirects.filter(({ operator }) => operator === '<<' || operator === '<<<');
      const paths = bodies.flatMap(({ body, target }) => pathsIn(body ?? target.value ?? ''));
      touches.push(...paths.map(path => ({ ...spelled(here, path), deed: 'run' as const })));
    }
    const text = command.isConditional || command.isGroup ? undefined : outputOf(name, rest, command, input);
    const touch = (word: Word, what: Omit<ShellTouch, 'spelled' | 'cwd'>): void => {
      if (word.value === null) {
        if (what.deed !== null) hasLostTarget = true;
      } else if (word.value !== '' && word.value !== '/dev/null')
        touches.push({ ...spelled(here, word.value), ...what });
    };
    for (const { word, deed, needs } of deedsOf(name, rest)) {
      if (deed === 'show') {
        if (!command.isSubstituted && !goesElsewhere(command)) touch(word, { deed: null, isAlone: needs === 'alone' });
      } else if (needs === 'input') {
        touch(word, write(deed, text ?? inputOf(command, input)));
      } else
        touch(
          word,
          deed === 'write' && !command.isConditional
            ? { deed, after: '' }
            : { deed: deed === 'write' ? 'replace' : deed },
        );
    }
    for (const { operator, target, fd } of command.redirects) {
      if (operator !== '>' && operator !== '>>') continue;
      const own = fd === null || fd === '1' ? text : undefined;
      touch(target, write(operator === '>>' ? 'append' : 'write', own));
    }
    piped = text?.after;
    if (text?.heredoc !== undefined && piped !== undefined) pipedWord = text.heredoc;
  };

  let pipedWord: string | undefined;
  const inputOf = (command: Command, input: string | undefined): Text | undefined => {
    if (command.isConditional) return undefined;
    const own = stdin(command.redirects);
    if (own !== undefined) return own;
    return input === undefined
      ? undefined
      : { after: input, ...(pipedWord === undefined ? {} : { heredoc: pipedWord }) };
  };

  readCommands(script, variables, onCommand);
  if (hasLostTarget) {
    for (const { word, cwd } of looped)
      if (word.value !== null) touches.push({ ...spelled(cwd, word.value), deed: 'run' });
  }
  const isOne = commands === 1;
  return isOne ? touches : touches.map(withoutAlone);
}

interface Text {
  readonly after: string;
  readonly heredoc?: string;
}

function write(deed: FileDeed['deed'], text: Text | undefined): Omit<ShellTouch, 'spelled' | 'cwd'> {
  if (deed === 'append') return text === undefined ? { deed } : { deed, ...text };
  return text === undefined ? { deed: 'replace' } : { deed: 'write', ...text };
}

/** What a command prints, where its words say it. */
function outputOf(name: string, rest: readonly Word[], command: Command, input: string | undefined): Text | undefined {
  if (withoutAssignments(command.words).length === 0 || name === ':' || name === 'true') return { after: '' };
  if (name === 'cat' && rest.every(word => word.raw === '-')) {
    return stdin(command.redirects) ?? (input === undefined ? undefined : { after: input });
  }
  if (name === 'tee') return stdin(command.redirects) ?? (input === undefined ? undefined : { after: input });
  const words = rest.map(word => word.value);
  if (
    !words.every(word => word !== null) ||
    rest.some(word => word.value!.startsWith('$HOME') || word.raw.startsWith('~'))
  ) {
    return undefined;
  }
  if (name === 'echo') return echoed(words);
  return name === 'printf' ? printed(words) : undefined;
}

function stdin(redirects: readonly Redirect[]): Text | undefined {
  const last = redirects.findLast(({ operator, fd }) => operator.startsWith('<') && (fd === null || fd === '0'));
  if (last?.operator === '<<' && last.isExact === true) return { after: last.body!, heredoc: last.target.value ?? '' };
  if (last?.operator === '<<<' && last.target.value !== null) return { after: `${last.target.value}\n` };
  return undefined;
}

/** Shells differ in what `echo` does with a backslash. */
function echoed(words: readonly string[]): Text | undefined {
  const isBare = words[0] === '-n';
  const shown = isBare ? words.slice(1) : words;
  if (/^-[neE]+$/.test(shown[0] ?? '') || shown.some(word => word.includes('\\'))) return undefined;
  return { after: shown.join(' ') + (isBare ? '' : '\n') };
}

/** `%s`, `%%` and the plain escapes; the format is used again while words are left. */
function printed([format = '', ...words]: readonly string[]): Text | undefined {
  const odd = format.replace(/%[s%]|\\[nt\\"']/g, '');
  if (format.startsWith('-') || /[%\\]/.test(odd)) return undefined;
  const slots = [...format.matchAll(/%[s%]/g)].filter(([slot]) => slot === '%s').length;
  const rounds = slots === 0 ? 1 : Math.max(1, Math.ceil(words.length / slots));
  let next = 0;
  const after = Array.from({ length: rounds }, () =>
    format.replace(/%s|%%|\\[nt\\"']/g, part => {
      if (part === '%s') return words[next++] ?? '';
      if (part === '%%') return '%';
      return { n: '\n', t: '\t' }[part[1]!] ?? part[1]!;
    }),
  ).join('');
  return { after };
}

/** Commands that are asked, rather than run. */
const questions = new Set([
  'test',
  '[',
  '[[',
  'grep',
  'egrep',
  'rg',
  'diff',
  'cmp',
  'command',
  'which',
  'type',
  'pgrep',
  'false',
  '!',
]);

const shells = new Set(['bash', 'sh', 'zsh', 'dash']);

/** A script inside a command: `bash -c '…'`, `bash <<'EOF'`, `eval '…'`. */
function scriptIn(name: string, rest: readonly Word[], command: Command): string | null {
  if (name === 'eval') return rest.map(word => word.value ?? word.raw).join(' ');
  if (!shells.has(name)) return null;
  const flag = rest.findIndex(word => /^-\w*c$/.test(word.raw));
  if (flag !== -1) return rest[flag + 1]?.value ?? null;
  const document = command.redirects.findLast(({ operator }) => operator === '<<');
  return rest.every(word => word.raw.startsWith('-')) ? (document?.body ?? null) : null;
}

function goesElsewhere({ redirects }: Command): boolean {
  return redirects.some(({ operator, fd }) => operator.startsWith('>') && (fd === null || fd === '1'));
}

function withoutAlone(touch: ShellTouch): ShellTouch {
  const { isAlone: _, ...rest } = touch;
  return rest;
}

/** A path below a folder that starts with a word for the home folder keeps that word: the places know what it means. */
function spelled(cwd: string | null, path: string): Pick<ShellTouch, 'spelled' | 'cwd'> {
  if (cwd !== null && /^(?:~|\$HOME)(?:\/|$)/.test(cwd) && !/^(?:\/|~|\$HOME)/.test(path))
    return { spelled: `${cwd}/${path}`, cwd: null };
  return { spelled: path, cwd };
}

function joined(cwd: string | null, path: string | null): string | null {
  if (path === null || path === '-') return null;
  if (/^(?:\/|~|\$HOME|[A-Za-z]:[\\/])/.test(path)) return path;
  return cwd === null ? null : `${cwd}/${path}`;
}
