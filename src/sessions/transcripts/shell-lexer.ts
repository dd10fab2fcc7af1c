/** A shell script → its simple commands, with words, redirections and here-documents. Bash and zsh; nothing is run. */

export interface Word {
  /** After quotes and known variables; null when it depends on what only the shell knows. `$HOME` and `~` stay as they are. */
  readonly value: string | null;
  readonly isQuoted: boolean;
  /** As it stands in the script. */
  readonly raw: string;
}

export interface Redirect {
  readonly operator: '>' | '>>' | '<' | '<<' | '<<<';
  /** File descriptor in front of it; null for the usual one. */
  readonly fd: string | null;
  readonly target: Word;
  /** Of a here-document: its text, and whether the shell leaves it as it is. */
  readonly body?: string;
  readonly isExact?: boolean;
}

export interface Command {
  readonly words: readonly Word[];
  readonly redirects: readonly Redirect[];
  /** What stands in front of it: nothing or `;`, `&&`, `||`, or a pipe from the command before. */
  readonly joint: ';' | '&&' | '||' | '|';
  /** How many brackets, loops, branches and substitutions it stands in. */
  readonly depth: number;
  /** True where it may be run several times or not at all: in a branch, a loop, a function. */
  readonly isConditional: boolean;
  /** True where its output is taken by the script itself: `$( … )`. */
  readonly isSubstituted: boolean;
  /** True for the redirections behind a bracket, a loop or a branch: they are for all that stands in it. */
  readonly isGroup: boolean;
}

/** Signs that mean nothing to a shell. */
const plain = /[\w./,:=@%+^-]+/y;
/** Deeper nesting than anybody writes. */
const deepest = 20;
const openers = new Set(['if', 'while', 'until', 'for', 'case', 'select', 'function']);
const closers = new Set(['fi', 'done', 'esac']);
const fillers = new Set(['then', 'else', 'elif', 'do', '!', 'time']);

/** Commands come in their order, whole; what is known of a name is taken from `variables`, and assignments are put there. */
export function readCommands(
  script: string,
  variables: Map<string, string | null>,
  onCommand: (command: Command) => void,
): void {
  const queue: Command[] = [];
  const flush = (): void => {
    for (const command of queue.splice(0)) onCommand(command);
  };
  let at = 0;
  let branches = 0;
  /** The open `{`: true for those of a function. */
  const braces: boolean[] = [];
  let isFunction = false;
  let isGroup = false;
  const waiting: { redirect: { -readonly [K in keyof Redirect]: Redirect[K] }; word: string; stripsTabs: boolean }[] =
    [];

  const bodies = (): void => {
    for (const { redirect, word, stripsTabs } of waiting.splice(0)) {
      const lines: string[] = [];
      let isEnded = false;
      for (;;) {
        if (at >= script.length) break;
        const end = script.indexOf('\n', at);
        const line = script.slice(at, end === -1 ? script.length : end);
        at = end === -1 ? script.length : end + 1;
        const bare = stripsTabs ? line.replace(/^\t+/, '') : line;
        isEnded = bare === word;
        if (isEnded) break;
        lines.push(`${bare}\n`);
      }
      redirect.body = lines.join('');
      redirect.isExact = isEnded && (redirect.isExact === true || !/[$`\\]/.test(redirect.body));
    }
    flush();
  };

  const substitution = (depth: number): void => {
    if (depth >= deepest) {
      at = script.length;
      return;
    }
    list(true, depth + 1, true);
    isGroup = false;
  };

  /** Reads until `)` when it is asked to end there. */
  const list = (endsAtBracket: boolean, depth: number, isSubstituted: boolean): void => {
    let joint: Command['joint'] = ';';
    let words: Word[] = [];
    let redirects: Redirect[] = [];
    const finish = (next: Command['joint']): void => {
      if (words.length > 0 || redirects.length > 0) {
        const isConditional = branches > 0 || joint === '||';
        assignAll(words, variables);
        queue.push({ words, redirects, joint, depth, isConditional, isSubstituted, isGroup });
        joint = next;
      } else if (next !== ';') joint = next;
      words = [];
      redirects = [];
      isGroup = false;
    };
    while (at < script.length) {
      const sign = script[at]!;
      if (sign === '\n') {
        at++;
        finish(';');
        bodies();
      } else if (sign === ' ' || sign === '\t' || sign === '\r') at++;
      else if (sign === '\\' && script[at + 1] === '\n') at += 2;
      else if (sign === '#') {
        while (at < script.length && script[at] !== '\n') at++;
      } else if (sign === ')') {
        at++;
        finish(';');
        if (endsAtBracket) {
          isGroup = true;
          return;
        }
      } else if (sign === '(') {
        at++;
        // A subshell, or the brackets of a function.
        if (script[at] === ')') {
          at++;
          words = [];
          isFunction = true;
          continue;
        }
        finish(';');
        if (depth < deepest) list(true, depth + 1, isSubstituted);
      } else if (sign === ';' || sign === '&' || sign === '|') {
        const two = script.slice(at, at + 2);
        if (two === '&>') redirects.push(...redirection());
        else if (two === '&&' || two === '||') {
          at += 2;
          finish(two);
        } else if (sign === '|') {
          at += two === '|&' ? 2 : 1;
          finish('|');
        } else {
          at++;
          finish(';');
        }
      } else if (
        sign === '>' ||
        sign === '<' ||
        (sign >= '0' && sign <= '9' && /^\d+[<>]/.test(script.slice(at, at + 4)))
      ) {
        if (/^[<>]\(/.test(script.slice(at, at + 2))) {
          at += 2;
          substitution(depth);
          words.push({ value: null, isQuoted: false, raw: '' });
        } else redirects.push(...redirection());
      } else {
        const before = at;
        const read = word(depth);
        if (at === before) at++;
        if (words.length === 0 && !read.isQuoted && keyword(read.raw)) continue;
        words.push(read);
      }
    }
    finish(';');
  };

  /** True for a word of the shell's own in front of a command. */
  const keyword = (raw: string): boolean => {
    if (openers.has(raw)) {
      branches++;
      return raw !== 'for' && raw !== 'case' && raw !== 'select' && raw !== 'function';
    }
    if (closers.has(raw)) {
      branches = Math.max(0, branches - 1);
      isGroup = true;
      return true;
    }
    if (raw === '{') {
      braces.push(isFunction);
      if (isFunction) branches++;
      isFunction = false;
      return true;
    }
    if (raw === '}') {
      if (braces.pop() === true) branches = Math.max(0, branches - 1);
      isGroup = true;
      return true;
    }
    return fillers.has(raw);
  };

  const redirection = (): Redirect[] => {
    const [text = '', fd = '', operator = ''] =
      /^(\d*|&)(<<<|<<-|<<|<>|<&|>>|>&|>\||>|<)/.exec(script.slice(at, at + 12)) ?? [];
    at += Math.max(1, text.length);
    while (script[at] === ' ' || script[at] === '\t') at++;
    const target = word(0);
    if (operator === '<<' || operator === '<<-') {
      const redirect = { operator: '<<' as const, fd: fd || null, target, isExact: target.isQuoted, body: '' };
      waiting.push({ redirect, word: target.value ?? target.raw, stripsTabs: operator === '<<-' });
      return [redirect];
    }
    // `2>&1` and the like join two streams and touch no file.
    if ((operator === '>&' || operator === '<&') && /^(?:\d+|-)$/.test(target.raw)) return [];
    const kind = operator === '<<<' ? '<<<' : operator === '>>' ? '>>' : operator.startsWith('<') ? '<' : '>';
    return [{ operator: kind, fd: fd === '' || fd === '&' ? null : fd, target }];
  };

  const word = (depth: number): Word => {
    const start = at;
    let value = '';
    let isKnown = true;
    let isQuoted = false;
    const unknown = (): void => {
      isKnown = false;
    };
    const dollar = (): void => {
      const rest = script.slice(at, at + 200);
      const [name, bare, braced] = /^\$(?:(\w+)|\{(\w+)\})/.exec(rest) ?? [];
      if (name !== undefined) {
        const key = bare ?? braced!;
        const known = variables.get(key) ?? (key === 'HOME' ? '$HOME' : null);
        if (known === null) unknown();
        else value += known;
        at += name.length;
      } else if (rest.startsWith('$((')) {
        unknown();
        skipTo('))');
      } else if (rest.startsWith('$(')) {
        const from = at + 2;
        at = from;
        substitution(depth);
        const folder = dirname(script.slice(from, at - 1));
        if (folder === null) unknown();
        else value += folder;
      } else if (rest.startsWith('${')) {
        unknown();
        skipTo('}');
      } else if (rest.startsWith("$'")) {
        isQuoted = true;
        at += 2;
        while (at < script.length && script[at] !== "'") {
          if (script[at] === '\\') {
            unknown();
            at++;
          } else value += script[at];
          at++;
        }
        at++;
      } else {
        value += '$';
        at++;
      }
    };
    const skipTo = (end: string): void => {
      const found = script.indexOf(end, at);
      at = found === -1 ? script.length : found + end.length;
    };
    while (at < script.length) {
      plain.lastIndex = at;
      const run = plain.exec(script)?.[0];
      if (run !== undefined) {
        value += run;
        at += run.length;
        continue;
      }
      const sign = script[at]!;
      if (' \t\n\r\v\f;&|<>()'.includes(sign)) break;
      if (sign === "'") {
        isQuoted = true;
        const end = script.indexOf("'", at + 1);
        value += script.slice(at + 1, end === -1 ? script.length : end);
        at = end === -1 ? script.length : end + 1;
      } else if (sign === '"') {
        isQuoted = true;
        at++;
        while (at < script.length && script[at] !== '"') {
          if (script[at] === '\\') {
            const next = script[at + 1] ?? '';
            if (next !== '\n') value += '"\\$`'.includes(next) ? next : `\\${next}`;
            at += 2;
          } else if (script[at] === '$') dollar();
          else if (script[at] === '`') {
            unknown();
            at++;
            skipTo('`');
          } else {
            value += script[at];
            at++;
          }
        }
        at++;
      } else if (sign === '\\') {
        isQuoted = true;
        if (script[at + 1] !== '\n') value += script[at + 1] ?? '';
        at += 2;
      } else if (sign === '$') dollar();
      else if (sign === '`') {
        unknown();
        at++;
        skipTo('`');
      } else {
        if (
          /[*?]/.test(sign) ||
          (sign === '[' && at > start) ||
          (sign === '{' && /^\{[^\s{}]*,/.test(script.slice(at, at + 200)))
        )
          unknown();
        value += sign;
        at++;
      }
    }
    return { value: isKnown ? value : null, isQuoted, raw: script.slice(start, at) };
  };

  while (at < script.length) list(false, 0, false);
  bodies();
}

/** `dirname '/a/b.md'` is the one substitution whose value everybody knows. */
function dirname(inner: string): string | null {
  const [, , path] =
    /^\s*dirname (?:-- )?(["']?)((?:\/|~\/|\$HOME\/)[^"'`;|&<>()\n]*[^"'`;|&<>()\s])\1\s*$/.exec(inner) ?? [];
  if (path === undefined || /[$*?]/.test(path.replace(/^\$HOME/, ''))) return null;
  return path.replace(/\/+$/, '').replace(/\/[^/]*$/, '') || '/';
}

const declaring = new Set(['export', 'local', 'declare', 'readonly', 'typeset']);

function assignAll(words: readonly Word[], variables: Map<string, string | null>): void {
  const [first, second] = words;
  if (first === undefined) return;
  if (first.raw === 'for' || first.raw === 'select' || first.raw === 'read') {
    for (const word of first.raw === 'read' ? words.slice(1) : [second]) variables.set(word?.raw ?? '', null);
    return;
  }
  const isDeclared = declaring.has(first.raw);
  for (const word of isDeclared ? words.slice(1) : words) {
    const [text, name, add] = assignment.exec(word.raw) ?? [];
    if (text !== undefined)
      variables.set(name!, add === '+' || word.value === null ? null : word.value.slice(word.value.indexOf('=') + 1));
    else if (!isDeclared) break;
  }
}

const assignment = /^([A-Za-z_]\w*)(\+?)=/;

/** The words of a command behind the assignments in front of it. */
export function withoutAssignments(words: readonly Word[]): readonly Word[] {
  const first = words.findIndex(word => !assignment.test(word.raw));
  return first === -1 ? [] : words.slice(first);
}
