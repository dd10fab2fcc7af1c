/**
 * The past of a folder that was kept in git, read by the `git` program itself: no configuration but the repository's own,
 * no hooks, no network. Only the line of first parents counts: what stood in the folder, commit by commit.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { errno, UndertextError } from '../../errors.ts';
import type { Time } from '../../model.ts';
import type { Commit } from './commits.ts';

export interface GitChange {
  /** Relative to the folder. */
  readonly path: string;
  /** When it was committed. */
  readonly at: Time;
  readonly kind: 'file' | 'link' | 'gone';
  /** Permission bits. */
  readonly mode: number;
  /** Git's name of the content; null for what is gone. */
  readonly blob: string | null;
  /** What its commit says; its message may be '', and is no longer than `mostSaid`. */
  readonly commit: Commit;
}

export interface GitHistory {
  /** Oldest first. */
  changes(): AsyncIterable<GitChange>;
  /** Null for what is bigger than `limit`, or is not there (a partial clone). */
  read(blob: string, limit: number): Promise<Buffer | null>;
  close(): void;
}

export interface GitOptions {
  readonly folder: string;
  /** Where programs are found. */
  readonly path: string;
  readonly program?: string;
}

const settings = ['core.fsmonitor=false', 'core.hooksPath=/dev/null', 'core.pager=cat', 'log.showSignature=false'];
const none = /^0+$/;
/** Longer messages list what everybody can see (characters). */
const mostSaid = 2_000;
/** As git words it itself (`Revert "…"`), and as people do, after the kind of change (`fix(hooks): restore …`) too. */
const revert =
  /^[^\p{L}]*(\p{L}+(\([^)]*\))?!?:[^\p{L}]*)?(revert|reapply|undo|back ?out|roll(ed|ing)?[ -]?back|restore)(s|d|ed|ing)?\b/iu;

/** @throws UndertextError `not-found` when git is not there, or the folder lies in no repository */
export async function openGitHistory(options: GitOptions): Promise<GitHistory> {
  const prefix = await prefixOf(options);
  let reader: BlobReader | null = null;
  return {
    async *changes() {
      if ((await run(options, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'])).code !== 0) return;
      const flags = ['--first-parent', '-m', '--root', '--reverse', '--raw', '-z', '--no-renames', '--no-abbrev'];
      const more = ['--no-ext-diff', '--no-textconv', '--no-show-signature', '--format=%x01%ct %B'];
      const inside = prefix === '' ? [] : ['--relative'];
      yield* changesIn(start(options, ['log', ...flags, ...more, ...inside, 'HEAD']));
    },
    read(blob, limit) {
      reader ??= new BlobReader(start(options, ['cat-file', '--batch']));
      return reader.read(blob, limit);
    },
    close() {
      reader?.close();
    },
  };
}

async function prefixOf(options: GitOptions): Promise<string> {
  const { code, out, err } = await run(options, ['rev-parse', '--show-prefix']);
  if (code === 0) return out.replace(/\n$/, '');
  if (/dubious ownership/.test(err)) {
    const what = `git does not read the repository of ${options.folder}: it belongs to another user`;
    throw new UndertextError('not-found', what, 'copy it, or run this as the user it belongs to');
  }
  const hint = 'name a folder that is kept in git, or a bare repository';
  throw new UndertextError('not-found', `${options.folder} lies in no git repository`, hint);
}

/** A process of git that knows nothing of the person's settings. */
function start(
  { folder, path, program = 'git' }: GitOptions,
  words: readonly string[],
): ChildProcessWithoutNullStreams {
  const set = settings.flatMap(setting => ['-c', setting]);
  return spawn(program, ['--no-pager', '--no-replace-objects', ...set, ...words], {
    cwd: folder,
    env: {
      PATH: path,
      LC_ALL: 'C',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_SYSTEM: '/dev/null',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_TERMINAL_PROMPT: '0',
      GIT_OPTIONAL_LOCKS: '0',
      GIT_NO_LAZY_FETCH: '1',
      GIT_ALLOW_PROTOCOL: 'none',
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

async function run(options: GitOptions, words: readonly string[]): Promise<Ended> {
  const child = start(options, words);
  child.stdin.end();
  const [out, err, code] = await Promise.all([textOf(child.stdout), textOf(child.stderr), ended(child, options)]);
  return { code, out, err };
}

function ended(child: ChildProcessWithoutNullStreams, { folder }: GitOptions): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', error => {
      const isMissing = errno(error) === 'ENOENT';
      const what = isMissing
        ? `git is not there, or ${folder} is no folder`
        : `git could not be started: ${error.message}`;
      reject(new UndertextError('not-found', what, 'install git, and check the path of the repository', error));
    });
  });
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function* changesIn(child: ChildProcessWithoutNullStreams): AsyncIterable<GitChange> {
  child.stdin.end();
  const whatWentWrong = textOf(child.stderr);
  const over = new Promise<number | null>(resolve => {
    child.once('close', resolve);
    child.once('error', () => resolve(null));
  });
  let at: Time = 0;
  let commit: Commit = { message: '', isRevert: false };
  let head: string | null = null;
  try {
    for await (const token of tokens(child.stdout)) {
      if (head !== null) {
        const change = changeOf(head, token, at, commit);
        head = null;
        if (change) yield change;
        continue;
      }
      const word = token.replace(/^\n+/, '');
      if (word.startsWith('\x01')) {
        const [seconds = ''] = word.slice(1).split(' ', 1);
        at = Number(seconds) * 1000;
        const message = withoutTrailers(word.slice(1 + seconds.length)).slice(0, mostSaid);
        commit = { message, isRevert: revert.test(message) };
      } else if (word.startsWith(':')) head = word;
    }
  } finally {
    child.kill();
  }
  if ((await over) === 0) return;
  const what = `git could not read all of the history: ${(await whatWentWrong).trim().split('\n')[0]}`;
  throw new UndertextError('damaged', what, 'run `git fsck` there');
}

/** `Co-Authored-By: …` and the like name who, and not what. */
function withoutTrailers(message: string): string {
  return message.replace(/^[\p{L}-]+-by: .*$/gimu, '').trim();
}

/** `:<mode> <mode> <blob> <blob> <letter>` and a path. */
function changeOf(head: string, path: string, at: Time, commit: Commit): GitChange | null {
  const [, mode = '', , blob = '', letter = ''] = head.split(' ');
  const type = mode.slice(0, 3);
  if (!Number.isFinite(at)) return null;
  if (letter.startsWith('D') || none.test(blob)) return { path, at, kind: 'gone', mode: 0, blob: null, commit };
  if (type !== '100' && type !== '120') return null;
  const bits = Number.parseInt(mode.slice(3), 8);
  return { path, at, kind: type === '120' ? 'link' : 'file', mode: type === '120' ? 0o777 : bits, blob, commit };
}

/** The pieces between NULs; names that are no UTF-8 are left out. */
async function* tokens(stream: AsyncIterable<Buffer>): AsyncIterable<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let to = bytes.indexOf(0); to !== -1; to = bytes.indexOf(0, from)) {
      yield bytes.toString('utf8', from, to);
      from = to + 1;
    }
    rest = bytes.subarray(from);
  }
  if (rest.length > 0) yield rest.toString('utf8');
}

/** One question, one answer, in turn: `<name> blob <size>`, the bytes, a line end; or `<name> missing`. */
class BlobReader {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);
  #last: Promise<unknown> = Promise.resolve();

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    this.#chunks = child.stdout[Symbol.asyncIterator]();
    child.stderr.resume();
    child.on('error', () => {});
    child.stdin.on('error', () => {});
  }

  read(blob: string, limit: number): Promise<Buffer | null> {
    const answer = this.#last.then(() => this.#ask(blob, limit));
    this.#last = answer.catch(() => {});
    return answer;
  }

  close(): void {
    this.#child.stdin.end();
    this.#child.kill();
  }

  async #ask(blob: string, limit: number): Promise<Buffer | null> {
    this.#child.stdin.write(`${blob}\n`);
    while (!this.#rest.includes(10)) if (!(await this.#more())) return null;
    const end = this.#rest.indexOf(10);
    const [, type, size] = this.#rest.toString('latin1', 0, end).split(' ');
    this.#rest = this.#rest.subarray(end + 1);
    if (type !== 'blob') return null;
    return await this.#take(Number(size), limit);
  }

  /** What is too big is read, too, and let go of piece by piece. */
  async #take(size: number, limit: number): Promise<Buffer | null> {
    const chunks: Buffer[] = [];
    for (let left = size + 1; left > 0; ) {
      if (this.#rest.length === 0 && !(await this.#more())) return null;
      const taken = this.#rest.subarray(0, left);
      if (size <= limit) chunks.push(taken);
      left -= taken.length;
      this.#rest = this.#rest.subarray(taken.length);
    }
    return size <= limit ? Buffer.concat(chunks).subarray(0, size) : null;
  }

  async #more(): Promise<boolean> {
    const { value, done } = await this.#chunks.next();
    if (done) return false;
    this.#rest = this.#rest.length === 0 ? value : Buffer.concat([this.#rest, value]);
    return true;
  }
}
