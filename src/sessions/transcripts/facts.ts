/** What is known of a session besides its acts, from the first and the last bytes of its transcript. */
import type { SessionFacts } from '../act.ts';
import type { Transcript } from './find.ts';
import { type Fields, fields, isFields, list, text, time } from './record.ts';

/** Clients write titles anew at the end, and look for them there in so many bytes, too. */
export const edgeBytes = 65_536;
const longestLabel = 60;

export interface Facts {
  readonly session: SessionFacts;
  /** A title that a person gave, then one that was made, then a summary, then the first prompt; 0 for none. */
  readonly labelRank: number;
}

/** `before` is what an earlier look at the same file found: its start stays, its end moves. Null without any time. */
export function factsOf(file: Transcript, head: string, tail: string, before: Facts | null): Facts | null {
  const first = before === null ? parsed(head) : [];
  const last = parsed(tail);
  const firsts = first.flatMap(record => time(record.timestamp) ?? []);
  const lasts = last.flatMap(record => time(record.timestamp) ?? []);
  const start = before?.session.first ?? firsts[0] ?? lasts[0];
  if (start === undefined) return before;
  const newest = (key: string): string | null =>
    (last.findLast(record => typeof record[key] === 'string' && record[key] !== '')?.[key] as string | null) ?? null;
  const earliest = (key: string): string | null =>
    text(first.find(record => typeof record[key] === 'string')?.[key]) ?? null;
  const named = file.session ?? before?.session.session ?? earliest('sessionId') ?? newest('sessionId') ?? file.path;
  const label = bestLabel([...first, ...last], named, before);
  return {
    labelRank: label.rank,
    session: {
      session: named,
      agent: file.agent,
      label: label.text,
      branch: newest('gitBranch') ?? before?.session.branch ?? earliest('gitBranch'),
      cwd: before?.session.cwd ?? earliest('cwd') ?? newest('cwd'),
      version: newest('version') ?? before?.session.version ?? earliest('version'),
      first: start,
      last: Math.max(start, before?.session.last ?? start, lasts.at(-1) ?? start),
      transcript: file.path,
    },
  };
}

/** Control characters and line ends become blanks; a label is what a person reads in a table. */
export function shortLabel(words: string): string | null {
  const line = words
    .replace(/<command-(?:message|args|contents)>[\s\S]*?<\/command-\w+>|<\/?command-name>/g, ' ')
    .replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
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
      return isOther ? ['', 0] : [text(record.customTitle) ?? '', 4];
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

function parsed(edge: string): readonly Fields[] {
  return edge.split('\n').flatMap(line => {
    if (!/"(?:timestamp|customTitle|aiTitle)":"/.test(line)) return [];
    try {
      const record: unknown = JSON.parse(line);
      return isFields(record) ? [record] : [];
    } catch {
      return [];
    }
  });
}
