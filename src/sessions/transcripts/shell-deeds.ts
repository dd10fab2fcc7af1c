/** What the usual commands do to the files that they name. */
import type { ShellDeed } from '../act.ts';
import type { Word } from './shell-lexer.ts';

export interface FileDeed {
  readonly word: Word;
  readonly deed: ShellDeed | 'show';
  /** `input`: what it writes is what it is given. `alone`: it shows this file whole and nothing else. */
  readonly needs?: 'input' | 'alone';
}

const wrappers = new Set(['sudo', 'command', 'builtin', 'nohup', 'exec', 'env', 'time', 'nice', 'stdbuf', 'doas']);
const showing = new Set(
  'bat cat head tail less more nl sed awk gawk grep egrep fgrep rg ag ack diff cmp comm jq yq cut sort uniq od xxd hexdump strings fold column tac rev'.split(
    ' ',
  ),
);
/** They name files and neither change them nor show what is in them. */
const harmless = new Set(
  'ls ll stat file wc du df find fd tree test [ [[ basename dirname realpath readlink which type whereis md5sum sha1sum sha256sum shasum cksum echo printf pwd mkdir rmdir chmod chown chgrp touch sleep date set unset return exit wait kill true false : alias history code open xdg-open claude case esac tee-help man help trap local'.split(
    ' ',
  ),
);
const interpreters = /^(?:python[\d.]*|node|deno|bun|ruby|perl|php|osascript|Rscript|lua|tsx|ts-node|npx|uv|uvx)$/;

/** The command without what only wraps it, and its arguments. '' for redirections without a command. */
export function argumentsOf(words: readonly Word[]): { readonly name: string; readonly rest: readonly Word[] } {
  let rest = [...words];
  for (;;) {
    const [first, ...others] = rest;
    if (first === undefined) return { name: '', rest: [] };
    const name = (first.value ?? first.raw).replace(/^.*\//, '');
    if (!wrappers.has(name)) return { name, rest: others };
    rest = others;
    while (rest.length > 0 && (rest[0]!.raw.startsWith('-') || /^[A-Za-z_]\w*=/.test(rest[0]!.raw))) rest.shift();
  }
}

export function deedsOf(name: string, rest: readonly Word[]): readonly FileDeed[] {
  const flags = rest.filter(word => word.raw.startsWith('-') && word.raw !== '-').map(word => word.value ?? word.raw);
  const files = rest.filter(word => !word.raw.startsWith('-'));
  const has = (...names: readonly string[]): boolean =>
    flags.some(flag => names.some(name => flag === name || flag.startsWith(`${name}=`)));
  const each = (words: readonly Word[], deed: FileDeed['deed']): readonly FileDeed[] =>
    words.map(word => ({ word, deed }));

  switch (name) {
    case '':
      return [];
    case 'tee':
      return files.map(word => ({ word, deed: has('-a', '--append') ? 'append' : 'write', needs: 'input' }));
    case 'sponge':
      return each(files, 'replace');
    case 'sed':
    case 'gsed':
      if (flags.some(flag => /^-[a-zA-Z]*i|^--in-place/.test(flag))) return each(behindScript(rest), 'edit');
      return each(behindScript(rest), 'show');
    case 'perl':
    case 'ruby':
      if (flags.some(flag => /^-[a-zA-Z0-9]*i/.test(flag))) return each(behindScript(rest), 'edit');
      break;
    case 'awk':
    case 'gawk':
      if (files.some(word => word.value === 'inplace'))
        return each(behindScript(rest.filter(word => word.value !== 'inplace' && word.raw !== '-i')), 'edit');
      return each(behindScript(rest), 'show');
    case 'grep':
    case 'egrep':
    case 'fgrep':
    case 'rg':
    case 'ag':
    case 'ack':
    case 'jq':
    case 'yq':
      return each(behindScript(rest), 'show');
    case 'ed':
    case 'ex':
    case 'vi':
    case 'vim':
    case 'nvim':
    case 'nano':
    case 'patch':
      return each(files, 'edit');
    case 'rm':
    case 'unlink':
    case 'shred':
    case 'trash':
      return each(files, 'remove');
    case 'mv':
      return moved(files, rest, true);
    case 'cp':
    case 'install':
    case 'rsync':
    case 'ln':
    case 'ditto':
      return has('-d', '--directory') && name === 'install' ? [] : moved(files, rest, false);
    case 'truncate': {
      const isEmpty = rest.some(
        (word, i) => /^(?:-s0|--size=0)$/.test(word.raw) || (word.raw === '-s' && rest[i + 1]?.raw === '0'),
      );
      return each(
        files.filter(word => !/^[+-]?\d+\w*$/.test(word.raw)),
        isEmpty ? 'write' : 'edit',
      );
    }
    case 'dd':
      return rest
        .filter(word => word.raw.startsWith('of='))
        .map(word => ({ word: { ...word, value: word.value?.slice(3) ?? null }, deed: 'replace' }));
    case 'sort': {
      const output = rest.findIndex(word => word.raw === '-o' || word.raw === '--output');
      if (output !== -1) return each(rest.slice(output + 1, output + 2), 'replace');
      break;
    }
    case 'git':
      return gitDeeds(rest);
    case 'find':
      return has('-delete', '-exec', '-execdir') ? each(files.slice(0, 1), 'run') : [];
  }
  if (showing.has(name)) {
    const isWhole = name === 'cat' && files.length === 1 && flags.length === 0;
    return files.map(word => ({ word, deed: 'show', ...(isWhole ? { needs: 'alone' as const } : {}) }));
  }
  if (harmless.has(name)) return [];
  return ran(name, rest);
}

/** True for a command that may run what stands on its input. */
export function readsScript(name: string): boolean {
  return name !== '' && name !== 'tee' && name !== 'sponge' && !showing.has(name) && !harmless.has(name);
}

/** A script that names a path may do anything to it; running a script does nothing to the script. */
function ran(name: string, rest: readonly Word[]): readonly FileDeed[] {
  const isScript = interpreters.test(name) || /^(?:bash|sh|zsh|dash|source|\.)$/.test(name);
  const words = isScript
    ? rest.filter((word, i) => i !== rest.findIndex(word => !word.raw.startsWith('-')) || word.isQuoted)
    : rest;
  return words.flatMap(word => {
    if (word.value !== null && looksLikePath(word.value)) return [{ word, deed: 'run' as const }];
    return pathsIn(word.value ?? word.raw).map(path => ({ word: { ...word, value: path }, deed: 'run' as const }));
  });
}

/** Of longer ones, the rest is data. */
const longestScript = 100_000;

/** What reads like a path in a piece of code: the texts in quotes, and words with a slash. */
export function pathsIn(script: string): readonly string[] {
  const code = script.slice(0, longestScript);
  const quoted = [...code.matchAll(/(["'`])((?:(?!\1)[^\\\n]|\\.)*)\1/g)].map(([, , text]) => text!);
  const bare = [...code.matchAll(/(?:~|\$HOME|[A-Za-z]:)?[/\\][^\s"'`()<>|;,]+/g)].map(([text]) => text);
  return [...new Set([...quoted, ...bare])].filter(looksLikePath).slice(0, 200);
}

function looksLikePath(word: string): boolean {
  return (
    word.length < 4096 &&
    !/[\n"'<>|*?]/.test(word) &&
    /[/\\]|^\.?[\w-]+\.\w{1,8}$/.test(word) &&
    !/^[a-z]+:\/\//.test(word)
  );
}

function moved(files: readonly Word[], rest: readonly Word[], takesAway: boolean): readonly FileDeed[] {
  const into = rest.findIndex(word => word.raw === '-t' || word.raw === '--target-directory');
  const folder = into === -1 ? undefined : rest[into + 1];
  const values = rest.filter((_, i) => /^-[mogS]$/.test(rest[i - 1]?.raw ?? ''));
  const sources = files
    .filter(word => word !== folder && !values.includes(word))
    .slice(0, folder === undefined ? -1 : undefined);
  const target = folder ?? files.at(-1);
  if (target === undefined || sources.length === 0) return [];
  const isFolder = folder !== undefined || sources.length > 1 || isFolderName(target, sources[0]!);
  const gone: readonly FileDeed[] = takesAway ? sources.map(word => ({ word, deed: 'remove' })) : [];
  if (!isFolder) return [...gone, { word: target, deed: 'replace' }];
  const there = sources.map((source): FileDeed => {
    const base = source.value?.replace(/\/+$/, '').replace(/^.*\//, '');
    const value = target.value === null || base === undefined ? null : `${target.value.replace(/\/+$/, '')}/${base}`;
    return { word: { ...target, value }, deed: 'replace' };
  });
  return [...gone, ...there];
}

/** `notes.md` goes into `skills`, but takes the place of `skills.md`. */
function isFolderName(target: Word, source: Word): boolean {
  const last = (word: Word): string => (word.value ?? word.raw).replace(/^.*\/(?=.)/, '');
  if (/\/$|^\.{1,2}$/.test(last(target))) return true;
  return /[^.]\.\w+$/.test(last(source)) && !/\./.test(last(target));
}

function gitDeeds(rest: readonly Word[]): readonly FileDeed[] {
  const at = rest.findIndex(word =>
    /^(?:rm|mv|checkout|restore|reset|stash|apply|clean|diff|show|log|blame)$/.test(word.raw),
  );
  const verb = rest[at]?.raw;
  const folder = rest[rest.findIndex(word => word.raw === '-C') + 1]?.value;
  const isElsewhere = rest.slice(0, at).some(word => word.raw === '-C');
  const files = rest
    .slice(at + 1)
    .filter(word => !word.raw.startsWith('-') && looksLikePath(word.value ?? ''))
    .map(word =>
      isElsewhere && !/^[/~$]/.test(word.value!)
        ? { ...word, value: folder == null ? null : `${folder}/${word.value}` }
        : word,
    );
  if (verb === 'rm') return files.map(word => ({ word, deed: 'remove' }));
  if (verb === 'mv') return moved(files, files, true);
  if (verb === 'checkout' || verb === 'restore') return files.map(word => ({ word, deed: 'replace' }));
  return verb === 'diff' || verb === 'show' || verb === 'log' || verb === 'blame'
    ? files.map(word => ({ word, deed: 'show' }))
    : [];
}

/** The files behind the script or the pattern that some commands take first, or behind `-e`. */
function behindScript(rest: readonly Word[]): readonly Word[] {
  const isScript = (i: number): boolean => /^(?:-\w*[ef]|--(?:expression|file|regexp))$/.test(rest[i - 1]?.raw ?? '');
  const hasFlag = rest.some((_, i) => isScript(i));
  const words = rest.filter((word, i) => !word.raw.startsWith('-') && !isScript(i) && word.value !== '');
  return hasFlag ? words : words.slice(1);
}
