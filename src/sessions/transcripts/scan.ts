/** One transcript → the acts on files of the roots: one pass, in which only lines that may tell something are parsed. */
import { join } from 'node:path';
import type { RawAct, SessionFacts } from '../act.ts';
import { edgeBytes, type Facts, factsOf, recordsIn } from './facts.ts';
import type { Transcript } from './find.ts';
import { type OpenFile, openTranscript, readLines } from './lines.ts';
import { checksum, headBytes, isContinued, isUnchanged, jointOf, type Mark, needsAnotherLook } from './mark.ts';
import { nearOf } from './near.ts';
import { parseLine } from './parse.ts';
import { longestWait, passOf } from './pass.ts';
import type { Places } from './places.ts';
import { time } from './record.ts';
import { unnamed } from './records.ts';
import { type Sidechains, sidechains } from './sidechains.ts';

export interface ScanDeps {
  readonly places: Places;
  /** Name of the root that the transcripts lie in. */
  readonly home: string;
}

export interface Scanned {
  readonly transcript: string;
  /** In the order of their results. After a scan that went on, some may have been told before: the same ids. */
  readonly acts: readonly RawAct[];
  /** The actor whose file it is; null when no act was ever found in it. */
  readonly session: SessionFacts | null;
  readonly mark: Mark;
  /** The client's, of the newest record that was looked at, else of the first ones. Null where none names it. */
  readonly version: string | null;
  /** Lines that had to be read and are no JSON, of the whole file so far. What stands whole in them is read. */
  readonly damaged: number;
  /** `unchanged`: nothing was read. `gone`: it could not be opened. `again`: read anew, as a former root was learned. `rewritten`: what was known of it no longer holds. */
  readonly what: 'new' | 'again' | 'unchanged' | 'continued' | 'rewritten' | 'gone';
}

/** Never throws for what stands in the file, or for a file that vanishes or shrinks while it is read. */
export async function scanTranscript(file: Transcript, mark: Mark | null, deps: ScanDeps): Promise<Scanned> {
  if (mark !== null) deps.places.believe(deps.home, mark.formers);
  const isLookedAtAnew = mark !== null && needsAnotherLook(mark, deps.places);
  if (mark !== null && !isLookedAtAnew && isUnchanged(file, mark)) {
    const { session, damaged } = mark;
    const version = session?.version ?? mark.version;
    return { transcript: file.path, acts: [], session, version, damaged, mark, what: 'unchanged' };
  }
  const open = openTranscript(join(file.home, file.path));
  if (open === null) return gone(file, mark);
  try {
    const goesOn = mark !== null && !isLookedAtAnew && isContinued(file, mark, open.read);
    const what = mark === null ? 'new' : isLookedAtAnew ? 'again' : goesOn ? 'continued' : 'rewritten';
    return await scan(file, open, goesOn ? mark : null, what, deps);
  } finally {
    open.close();
  }
}

async function scan(
  file: Transcript,
  open: OpenFile,
  mark: Mark | null,
  what: Scanned['what'],
  deps: ScanDeps,
): Promise<Scanned> {
  const from = mark?.offset ?? 0;
  // What was appended since the stat is news for the next scan.
  const { size } = file;
  const near = nearOf(deps.places);
  let first: number | undefined;
  const pass = passOf(near, {
    places: deps.places,
    home: deps.home,
    transcript: file.path,
    session: file.session ?? mark?.session?.session ?? file.path,
    agent: file.agent,
    first: () => (first ??= mark?.session?.first ?? firstTime(open)),
  });
  const rest = await readLines(open, from, size, piece => pass.take(piece));
  const end = rest.offset;
  const pending = [...pass.records.waiting.values()].filter(call => end - call.offset <= longestWait);
  const offset = Math.min(end, ...pending.map(call => call.offset));
  // A last line without its end is read when it is whole already, and again when it has grown.
  if (rest.bytes !== null && rest.bytes.at(-1) === 125)
    pass.take({ bytes: rest.bytes, offset: rest.offset, isRest: true });
  const acts = await named(pass.acts, open, size);
  const damagedBefore = mark?.damaged ?? 0;
  const facts = factsAt(file, open, size, mark, acts.length > 0);
  const head = headOf(open, size);
  return {
    transcript: file.path,
    acts,
    session: facts?.session ?? null,
    version: facts?.session.version ?? pass.records.version ?? head.version,
    damaged: damagedBefore + pass.damaged.length + rest.skipped,
    what,
    mark: {
      ino: file.ino,
      size,
      mtime: file.mtime,
      ...head,
      joint: jointOf(offset, open.read),
      offset,
      session: facts?.session ?? null,
      labelRank: facts?.labelRank ?? 0,
      damaged: damagedBefore + rest.skipped + pass.damaged.filter(at => at < offset).length,
      unplaced: [...new Set([...(mark?.unplaced ?? []), ...near.unplaced])],
      formers: deps.places.formers(deps.home),
    },
  };
}

/** Sub-agents without a name get the uuid of their first record, which takes a look at the whole file: only 1.0.x has them. */
async function named(acts: readonly RawAct[], open: OpenFile, size: number): Promise<readonly RawAct[]> {
  if (!acts.some(act => act.agent?.startsWith(unnamed))) return acts;
  const chains: Sidechains = sidechains();
  await readLines(open, 0, size, ({ bytes }) => {
    for (const line of bytes.toString().split('\n')) {
      if (line.includes('"isSidechain":true')) for (const record of parseLine(line).records) chains.add(record);
    }
  });
  return acts.map(act =>
    act.agent?.startsWith(unnamed) ? { ...act, agent: chains.rootOf(act.agent.slice(unnamed.length)) } : act,
  );
}

/** Written anew for each file: what is read from them is done with before the next one. */
const edges = { none: Buffer.alloc(0), head: Buffer.alloc(edgeBytes), tail: Buffer.alloc(edgeBytes) };

function factsAt(file: Transcript, open: OpenFile, size: number, mark: Mark | null, hasActs: boolean): Facts | null {
  const before = mark?.session == null ? null : { session: mark.session, labelRank: mark.labelRank };
  if (before === null && !hasActs) return null;
  const head = before === null ? edges.head.subarray(0, open.fill(edges.head, 0, edgeBytes, 0)) : edges.none;
  const tail = edges.tail.subarray(0, open.fill(edges.tail, 0, edgeBytes, Math.max(0, size - edgeBytes)));
  return factsOf(file, head, tail, before);
}

function firstTime(open: OpenFile): number {
  for (const record of recordsIn(edges.head.subarray(0, open.fill(edges.head, 0, edgeBytes, 0)))) {
    const at = time(record.timestamp);
    if (at !== undefined) return at;
  }
  return 0;
}

const versionKey = Buffer.from('"version":"');

function headOf(open: OpenFile, size: number): Pick<Mark, 'head' | 'headBytes' | 'version'> {
  const head = open.read(0, Math.min(size, headBytes));
  const at = head.indexOf(versionKey);
  const version =
    at === -1
      ? null
      : (/"(\d[^"]{0,40})"/.exec(head.toString('latin1', at + versionKey.length - 1, at + 60))?.[1] ?? null);
  return { head: checksum(head), headBytes: head.length, version };
}

function gone(file: Transcript, mark: Mark | null): Scanned {
  const { ino, mtime } = file;
  const nothing = {
    size: 0,
    head: '',
    headBytes: 0,
    version: null,
    joint: '',
    offset: 0,
    session: null,
    labelRank: 0,
    damaged: 0,
    unplaced: [],
    formers: [],
  };
  return {
    transcript: file.path,
    acts: [],
    session: mark?.session ?? null,
    version: mark?.session?.version ?? mark?.version ?? null,
    damaged: mark?.damaged ?? 0,
    what: 'gone',
    mark: mark ?? { ino, mtime, ...nothing },
  };
}
