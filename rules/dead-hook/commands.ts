/** Which commands settings name, and which scripts a command runs: read roughly, and nothing said where it is not clear. */

/** Every command of the settings; none where they cannot be read. */
export function commandsIn(text: string): readonly string[] {
  let settings: unknown;
  try {
    settings = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return [];
  }
  const top = objectOf(settings);
  const single = ['apiKeyHelper', 'awsAuthRefresh', 'awsCredentialExport', 'otelHeadersHelper'].map(key => top[key]);
  const nested = ['statusLine', 'subagentStatusLine', 'fileSuggestion'].map(key => objectOf(top[key]).command);
  const hooks = top.disableAllHooks === true ? [] : Object.values(objectOf(top.hooks)).flatMap(listOf);
  const commands = hooks
    .flatMap(entry => listOf(objectOf(entry).hooks))
    .map(objectOf)
    .filter(({ type }) => type === undefined || type === 'command')
    .map(({ command }) => command);
  return [...new Set([...commands, ...nested, ...single].filter(each => typeof each === 'string'))];
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Longer ones are programs of their own. */
const MOST = 4_000;
const interpreters =
  /^(?:.*\/)?(?:node(?:js)?|bun|deno|tsx|ts-node|(?:ba|z|da|k|fi)?sh|python[\d.]*|py|uv|ruby|perl|php|pwsh|powershell|osascript|source|\.)(?:\.exe)?$/i;
const shells = /^(?:.*\/)?(?:ba|z|da|k|fi)?sh$/;
const wrappers = /^(?:.*\/)?(?:env|exec|nohup|nice|time|sudo|command|setsid|timeout|caffeinate|npx|bunx)$/;
const keywords = /^(?:if|then|else|elif|do|while|until|!|\{|\()$/;
/** Options that are followed by what is no script. */
const taking = /^(?:-r|--require|--import|--loader|--with|--project|--directory|-W|-X|-O|--python|-ExecutionPolicy)$/;
/** What comes behind these is a program, not a path. */
const inline = /^(?:-[a-z]*c|-e|-p|-m|--eval|--print|-Command)$/;

/** The scripts a command must find to do anything, as written; none of a command that asks first whether they are there. */
export function scriptsOf(command: string, depth = 0): readonly string[] {
  if (command.length > MOST || depth > 2) return [];
  if (/(?:^|[\s;&|(])(?:\[\[?|test)\s+(?:!\s+)?-[efrsxd]\s/.test(command)) return [];
  return wordsOf(command).flatMap(words => scriptOf(words, depth));
}

function scriptOf(words: readonly string[], depth: number): readonly string[] {
  let at = 0;
  const skipOptions = () => {
    while (at < words.length && (/^-/.test(words[at]!) || /^[\d.]+[smhd]?$/.test(words[at]!))) at++;
  };
  for (; at < words.length; at++) {
    const word = words[at]!;
    if (keywords.test(word) || /^[A-Za-z_]\w*=/.test(word)) continue;
    if (!wrappers.test(word)) break;
    at++;
    skipOptions();
    at--;
  }
  const first = words[at];
  if (first === undefined) return [];
  if (!interpreters.test(first)) return isWhole(first) ? [first] : [];
  for (at++; at < words.length; at++) {
    const word = words[at]!;
    if (inline.test(word)) return shells.test(first) ? scriptsOf(words[at + 1] ?? '', depth + 1) : [];
    if (taking.test(word)) at++;
    else if (!/^-/.test(word) && !/^(?:run|x|exec)$/.test(word) && !interpreters.test(word)) {
      return isWhole(word) ? [word] : [];
    }
  }
  return [];
}

/** True for a path that does not depend on where the command is run. */
function isWhole(word: string): boolean {
  return /^(?:~|\$\{?(?:HOME|USERPROFILE|CLAUDE_CONFIG_DIR)\}?)?\/./.test(word) || /^[A-Za-z]:\//.test(word);
}

/** The words of each command in a line, without quotes and redirections. */
function wordsOf(line: string): readonly (readonly string[])[] {
  const isWindows = /%USERPROFILE%|(?:^|[\s"'])[A-Za-z]:\\/i.test(line);
  const text = isWindows ? line.replace(/%USERPROFILE%/gi, '$USERPROFILE').replaceAll('\\', '/') : line;
  const commands: string[][] = [[]];
  const token =
    /\s*(?:(&&|\|\||[;&|\n()])|(\d*(?:>>?|<<?)&?\s*)|((?:\\.|"(?:[^"\\]|\\.)*"|'[^']*'|[^\s;&|<>()"'\\])+)|(.))/gsy;
  for (let isRedirected = false, match = token.exec(text); match !== null; match = token.exec(text)) {
    const [, end, redirection, word] = match;
    if (end !== undefined) commands.push([]);
    else if (redirection === undefined && word !== undefined && !isRedirected) commands.at(-1)!.push(bare(word));
    isRedirected = redirection !== undefined && !/&\s*$/.test(redirection);
  }
  return commands;
}

function bare(word: string): string {
  return word.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/gs, (_, double, single, escaped) =>
    double === undefined ? (single ?? escaped) : double.replace(/\\(["\\$`])/g, '$1'),
  );
}
