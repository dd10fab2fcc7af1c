/** What is known of a session besides its acts, from the first and the last bytes of its transcript. */
import type { SessionFacts } from '../act.ts';
import type { Transcript } from './find.ts';
import { type Fields, fields, isFields, list, text, time } from './record.ts';

/** Clients write titles anew at the end, and look for them there in so many bytes, too. */
export const edgeBytes = 65_536;
const longestLabel = 60;
/** Characters of a prompt that are looked at for it. */
const mostRead = 4_000;

export interface Facts {
  readonly session: SessionFacts;
  /** A title that a person gave (5), the name of the session (4), a title that was made (3), the first prompt (1); 0 for none. */
  readonly labelRank: number;
}

/** `before` is what an earlier look at the same file found: its start stays, its end moves. Null without any time. */
export function factsOf(file: Transcript, head: Buffer, tail: Buffer, before: Facts | null): Facts | null {
  const start = before === null ? startOf(head) : null;
  const end = endOf(tail);
  const first = before?.session.first ?? start?.first ?? end.last;
  if (first === undefined) return before;
  const session = file.session ?? before?.session.session ?? start?.session ?? end.session ?? file.path;
  const label = bestLabel([...(start?.prompt ?? []), ...titlesIn(head), ...titlesIn(tail)], session, before);
  return {
    labelRank: label.rank,
    session: {
      session,
      agent: file.agent,
      label: label.text,
      branch: end.branch ?? before?.session.branch ?? null,
      cwd: before?.session.cwd ?? start?.cwd ?? null,
      version: end.version ?? before?.session.version ?? null,
      first,
      last: Math.max(first, before?.session.last ?? first, end.last ?? first),
      transcript: file.path,
    },
  };
}

interface Start {
  readonly first?: number;
  readonly session?: string;
  readonly cwd?: string;
  readonly prompt?: readonly Fields[];
}

/** The first record that has each; no line is parsed behind the last of them. */
function startOf(head: Buffer): Start {
  let found: Start = {};
  for (const record of recordsIn(head)) {
    const [first, session, cwd] = [time(record.timestamp), text(record.sessionId), text(record.cwd)];
    found = {
      ...(first === undefined ? {} : { first }),
      ...(session === undefined ? {} : { session }),
      ...(cwd === undefined ? {} : { cwd }),
      ...(labelOf(record, '')[1] === 1 && labelOf(record, '')[0] !== '' ? { prompt: [record] } : {}),
      ...found,
    };
    if (
      found.first !== undefined &&
      found.session !== undefined &&
      found.cwd !== undefined &&
      found.prompt !== undefined
    )
      break;
  }
  return found;
}

interface End {
  readonly last?: number;
  readonly session?: string;
  readonly branch?: string;
  readonly version?: string;
}

/** The last record that has each, looked for from the end; not every record has them all. */
function endOf(tail: Buffer): End {
  let found: End = {};
  let looked = 0;
  for (const record of parsed(backward(tail))) {
    const [last, session] = [time(record.timestamp), text(record.sessionId)];
    const [branch, version] = [text(record.gitBranch), text(record.version)];
    found = {
      ...(last === undefined ? {} : { last }),
      ...(session === undefined ? {} : { session }),
      ...(branch === undefined || branch === '' ? {} : { branch }),
      ...(version === undefined ? {} : { version }),
      ...found,
    };
    if (found.last !== undefined && found.version !== undefined && (found.branch !== undefined || ++looked > 5)) break;
  }
  return found;
}

/**
 * What looks like a key or a token: a known beginning, or twenty signs and more of letters with digits among them in one word.
 * The evidence outlives the transcript, and a label is all of a prompt that is in it.
 */
const token =
  /\b(?:sk|pk|rk|ghp|gho|ghs|github_pat|glpat|xox[a-z]|AKIA|ASIA|AIza|eyJ|npm|hf|key|token)[-_A-Za-z0-9]{12,}[^\s]*|(?<![\w/.])(?=[\w+=-]*\d)(?=[\w+=-]*[A-Za-z])[\w+=-]{20,}(?![\w/.])/g;

/** Control characters and line ends become blanks, and tokens dots; a label is what a person reads in a table. */
export function shortLabel(words: string): string | null {
  const line = words
    .slice(0, mostRead)
    .replace(/<command-(?:message|args|contents)>[\s\S]*?<\/command-\w+>|<\/?command-name>/g, ' ')
    .replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
    .replace(token, '…')
    .trim();
  const signs = [...line];
  if (line === '') return null;
  return signs.length <= longestLabel
    ? line
    : `${signs
        .slice(0, longestLabel - 1)
        .join('')
        .trimEnd()}…`;
}

interface Label {
  readonly text: string | null;
  readonly rank: number;
}

function bestLabel(records: readonly Fields[], session: string, before: Facts | null): Label {
  let best: Label = { text: before?.session.label ?? null, rank: before?.labelRank ?? 0 };
  for (const record of records) {
    const [words, rank] = labelOf(record, session);
    // Of titles the last one counts, of prompts the first.
    if (rank < best.rank || rank === 0 || (rank === 1 && best.rank === 1)) continue;
    const short = shortLabel(words);
    if (short !== null) best = { text: short, rank };
  }
  return best;
}

function labelOf(record: Fields, session: string): readonly [string, number] {
  const isOther = typeof record.sessionId === 'string' && record.sessionId !== session;
  switch (record.type) {
    case 'custom-title':
      return isOther ? ['', 0] : [text(record.customTitle) ?? '', 5];
    case 'agent-name':
      return isOther ? ['', 0] : [text(record.agentName) ?? '', 4];
    case 'ai-title':
      return isOther ? ['', 0] : [text(record.aiTitle) ?? '', 3];
    case 'user':
      return record.isMeta === true || record.isCompactSummary === true ? ['', 0] : [promptOf(record), 1];
    default:
      // A `summary` names a record, often of another session's: it is no title of this one.
      return ['', 0];
  }
}

/** '' for what is no prompt of a person: results of tools, reminders, what a command printed. */
function promptOf(record: Fields): string {
  const { content } = fields(record.message);
  const texts = typeof content === 'string' ? [content] : list(content).map(block => text(fields(block).text) ?? '');
  return (
    texts.find(
      words => words.trim() !== '' && !/^\s*<(?!command-name)[a-z-]+>|^\s*Caveat: |^\[Request interrupted/.test(words),
    ) ?? ''
  );
}

/** Of `customTitle` and `aiTitle`, and of `agentName`: `claude -n` writes a title and a name. */
const titleKeys = ['Title":', '"agentName":'].map(key => Buffer.from(key));

function titlesIn(edge: Buffer): readonly Fields[] {
  const lines: Buffer[] = [];
  for (const key of titleKeys) {
    for (let at = edge.indexOf(key); at !== -1; at = edge.indexOf(key, at)) {
      const end = edge.indexOf(10, at);
      lines.push(edge.subarray(edge.lastIndexOf(10, at) + 1, end === -1 ? edge.length : end));
      at = end === -1 ? edge.length : end;
    }
  }
  return [...parsed(lines)];
}

/** The records at the start of a file, one by one. */
export function recordsIn(head: Buffer): Generator<Fields> {
  return parsed(forward(head));
}

function* forward(edge: Buffer): Generator<Buffer> {
  for (let start = 0; start < edge.length; ) {
    const end = edge.indexOf(10, start);
    yield edge.subarray(start, end === -1 ? edge.length : end);
    start = end === -1 ? edge.length : end + 1;
  }
}

function* backward(edge: Buffer): Generator<Buffer> {
  for (let end = edge.length; end > 0; ) {
    const start = edge.lastIndexOf(10, end - 1) + 1;
    yield edge.subarray(start, end);
    end = start - 1;
  }
}

function* parsed(lines: Iterable<Buffer>): Generator<Fields> {
  for (const line of lines) {
    if (line[0] !== 123) continue;
    try {
      const record: unknown = JSON.parse(line.toString());
      if (isFields(record)) yield record;
    } catch {
      // Half of a line, or a damaged one: the next.
    }
  }
}
