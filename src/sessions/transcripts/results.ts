/** A call and its result → acts. The result object is believed before the text, and the text before what was asked. */
import type { Time } from '../../model.ts';
import type { RawAct } from '../act.ts';
import { type Call, editsOf, type FileTarget } from './calls.ts';
import { type Fields, fields, hunks, lf, list, number, text } from './record.ts';
import { wasNotRun, whyRefused } from './refusals.ts';
import type { ShellTarget } from './shell-targets.ts';
import { isEmptyFileNotice, shownText } from './shown.ts';

/** What a record says about one `tool_use_id`. */
export interface Result {
  readonly at: Time;
  readonly isError: boolean;
  /** What the model was told. */
  readonly words: string;
  /** `toolUseResult`; undefined where there is none. */
  readonly object: unknown;
  readonly version: string | null;
}

/** A memory file's front matter may be changed by the client as it is written, from this version on. */
const stampedName = /(?:^|\/)memory\/[^/]+\.md$/;

export function actsOf(call: Call, result: Result, transcript: string): readonly RawAct[] {
  return call.targets.flatMap(target => {
    const facts = {
      id: call.id,
      ...call.actor,
      tool: call.tool,
      ...target.place,
      asked: call.asked,
      at: Math.max(call.asked, result.at),
      transcript,
      offset: call.offset,
      ...(call.isLate ? { isLate: true } : {}),
      ...(result.object === undefined ? { isCopy: true } : {}),
    };
    if (target.kind === 'shell') {
      const id = target.deed === null ? `${call.id}#shown` : call.id;
      return shellAct(target, call, result, { ...facts, id });
    }
    if (isRefused(result)) {
      return target.kind === 'read'
        ? []
        : [{ ...facts, kind: 'refused', why: whyRefused(errorWords(result)) } as const];
    }
    const act = fileAct(target, call, result, facts);
    return act === null ? [] : [act];
  });
}

type Facts = Omit<RawAct, 'kind'>;

function isRefused(result: Result): boolean {
  if (result.isError || typeof result.object === 'string') return true;
  const object = fields(result.object);
  // Kept for a person to look at, and not written.
  return object.staged === true || (typeof object.error === 'string' && object.error !== '');
}

function errorWords({ object, words }: Result): string {
  return typeof object === 'string' ? object : words;
}

function fileAct(target: FileTarget, call: Call, result: Result, facts: Facts): RawAct | null {
  const object = fields(result.object);
  if (target.kind === 'read') return readAct(call.input, result, facts);
  if (call.tool === 'NotebookEdit') return notebookAct(object, facts);
  if (target.kind === 'write') return writeAct(call.input, result, facts);
  return editAct(call.input, object, facts);
}

/** A `file` of a result object, also of attachments. */
export function seenFile(file: Fields): Pick<RawAct, 'kind' | 'after' | 'firstLine'> | null {
  const content = text(file.content);
  if (content === undefined) return null;
  const firstLine = number(file.startLine) ?? 1;
  const lines = number(file.numLines);
  const all = number(file.totalLines);
  const isWhole =
    firstLine <= 1 && lines !== undefined && all !== undefined && lines >= all && file.truncatedByTokenCap !== true;
  return isWhole ? { kind: 'read', after: lf(content) } : { kind: 'part', after: lf(content), firstLine };
}

function readAct(input: Fields, result: Result, facts: Facts): RawAct | null {
  const object = fields(result.object);
  if (object.type === 'file_unchanged' || (result.object === undefined && isUnchangedNotice(result.words))) {
    return { ...facts, kind: 'read', isUnchanged: true };
  }
  if (result.object !== undefined) {
    if (object.type === 'notebook') return notebookSeen(fields(object.file), facts);
    const seen = object.type === 'text' || object.type === undefined ? seenFile(fields(object.file)) : null;
    return seen === null ? null : { ...facts, ...seen };
  }
  if (isEmptyFileNotice(result.words)) return { ...facts, kind: 'read', after: '' };
  const shown = shownText(result.words);
  if (shown === null) return null;
  const isWhole = shown.isWhole && input.limit === undefined && (number(input.offset) ?? 1) <= 1;
  if (isWhole) return { ...facts, kind: 'read', after: shown.text };
  return { ...facts, kind: 'part', after: shown.text, firstLine: shown.firstLine };
}

function isUnchangedNotice(words: string): boolean {
  return /^\s*(?:<system-reminder>)?\s*File (?:is )?unchanged since (?:the )?last read/i.test(words);
}

function notebookSeen(file: Fields, facts: Facts): RawAct {
  const sources = list(file.cells).map(cell => fields(cell).source);
  const after = sources.map(source => (Array.isArray(source) ? source.join('') : String(source ?? ''))).join('\n');
  return { ...facts, kind: 'part', after: lf(after) };
}

function writeAct(input: Fields, result: Result, facts: Facts): RawAct | null {
  const object = fields(result.object);
  const asked = text(input.content);
  if (result.object === undefined) {
    // Only the answer's words: that it was written, whether it was new, and that it was written as it was asked.
    const before = /^File created successfully/.test(result.words) ? { before: null } : {};
    const isStamped =
      stampedName.test(facts.path) && asked?.startsWith('---') && !result.words.includes('is current in your context');
    const isSure = asked !== undefined && !isStamped;
    return { ...facts, kind: 'write', ...before, ...(isSure ? { after: lf(asked) } : {}) };
  }
  const after = text(object.content) ?? asked;
  return {
    ...facts,
    kind: 'write',
    ...beforeOf(object, object.type === 'create'),
    ...(after === undefined ? {} : { after: lf(after) }),
    ...patchOf(object),
  };
}

function editAct(input: Fields, object: Fields, facts: Facts): RawAct {
  const edits = editsOf(input, object);
  const before = beforeOf(object, false);
  const [only] = edits;
  // An empty old text is how a new file is made.
  if (edits.length === 1 && only!.old === '' && (before.before ?? '') === '') {
    return { ...facts, kind: 'write', before: null, after: only!.new, ...patchOf(object) };
  }
  return {
    ...facts,
    kind: 'edit',
    ...before,
    edits,
    ...patchOf(object),
    ...(object.staleRecovered === true ? { why: 'stale-recovered' as const } : {}),
  };
}

function notebookAct(object: Fields, facts: Facts): RawAct {
  const [before, after] = [text(object.original_file), text(object.updated_file)];
  if (before === undefined || after === undefined) return { ...facts, kind: 'edit', edits: [] };
  return { ...facts, kind: 'write', before: lf(before), after: lf(after) };
}

/** Null in a result means "too long to keep" unless the file is new; a missing key means that this version keeps none. */
function beforeOf(object: Fields, isNew: boolean): Pick<RawAct, 'before'> {
  if (isNew) return { before: null };
  const before = text(object.originalFile) ?? text(object.originalFileContents);
  return before === undefined ? {} : { before: lf(before) };
}

function patchOf(object: Fields): Pick<RawAct, 'patch'> {
  const patch = hunks(object.structuredPatch);
  return patch === undefined || patch.length === 0 ? {} : { patch };
}

/** Clients up to 1.0.x put this behind a command, so that a here-document at its end never saw its last word. */
const stdinTail = ' < /dev/null';

function shellAct(target: ShellTarget, call: Call, result: Result, facts: Facts): readonly RawAct[] {
  const object = fields(result.object);
  const failed = result.isError || typeof result.object === 'string';
  const words = failed ? errorWords(result) : result.words;
  if (failed && wasNotRun(words)) return target.deed === null ? [] : [{ ...facts, kind: 'refused', why: 'other' }];
  if (target.deed === null) return shownByShell(target, object, failed ? words : null, result, facts);
  const isWhole = !failed && object.interrupted !== true && object.backgroundTaskId === undefined;
  const deed = object.backgroundTaskId === undefined ? target.deed : 'run';
  const output = `${text(object.stdout) ?? ''}\n${text(object.stderr) ?? ''}\n${words}`;
  const after = isWhole ? afterOf(target, String(call.input.command ?? ''), output) : undefined;
  const told =
    after === undefined
      ? {}
      : deed === 'append'
        ? { edits: [{ old: '', new: lf(after), all: false }] }
        : { after: lf(after) };
  return [{ ...facts, kind: 'shell', shell: deed, ...told }];
}

function afterOf({ after, heredoc }: ShellTarget, command: string, output: string): string | undefined {
  if (after === undefined || !/here-document at line \d+ delimited by end-of-file/.test(output)) return after;
  if (heredoc === undefined) return undefined;
  // It is the last one whose end was not seen; the others are as they stand.
  if (command.trimEnd().endsWith(`\n${after}${heredoc}`)) return `${after}${heredoc}${stdinTail}\n`;
  return command.includes(`\n${after}${heredoc}\n`) ? after : undefined;
}

/** `failure` is what a command said that ended with a number: a `diff` that found something, a `grep` that did not. */
function shownByShell(
  target: ShellTarget,
  object: Fields,
  failure: string | null,
  result: Result,
  facts: Facts,
): readonly RawAct[] {
  if (failure !== null) {
    const shown = failure.replace(/^(?:Error: )?(?:Exit code \d+\s*)?/, '');
    return shown.trim() === '' ? [] : [{ ...facts, kind: 'part', after: lf(shown) }];
  }
  const output = text(object.stdout) ?? (result.object === undefined ? result.words : undefined);
  if (output === undefined || output === '') return [];
  const isCut = object.persistedOutputPath !== undefined || object.interrupted === true || output.includes('] ...');
  // A client trims what a command prints at both ends.
  const isWhole = target.isAlone === true && !isCut && (text(object.stderr) ?? '') === '' && output.length < 25_000;
  if (isWhole) return [{ ...facts, kind: 'read', after: lf(output), isTrimmed: true }];
  return [{ ...facts, kind: 'part', after: lf(output) }];
}
