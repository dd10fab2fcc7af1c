/** Of a transcript in which several write, the lines of one of them: each knows only what it was told itself. */
import { basename } from 'node:path/posix';
import type { Act } from '../act.ts';
import { sidechains } from '../transcripts/sidechains.ts';
import { shownIn } from './unshown.ts';

const newline = 0x0a;
const sidechain = Buffer.from('"isSidechain":true');
const wrapped = Buffer.from('"agent_progress"');
/** A line above this is passed on in pieces, as it comes: what it says is taken for known. */
const longest = 64 * 1024 * 1024;

/**
 * The first `act.offset` bytes of the act's transcript without what was told to others: sub-agents that stand inline in it
 * (1.0.x), and what a client repeats there of their work (2.1.12 to 2.1.50). A transcript of a sub-agent's own is all its own.
 * What a result keeps for the client alone nobody was told.
 */
export async function* linesOfActor(
  bytes: AsyncIterable<Uint8Array>,
  { agent, transcript, offset }: Act,
): AsyncIterable<Uint8Array> {
  const hasOwn = agent !== null && basename(transcript).startsWith('agent-');
  const name = Buffer.from(`"agentId":"${agent}"`);
  const chains = sidechains();
  let rest: Uint8Array[] = [];
  let held = 0;
  let left = offset;
  for await (const chunk of bytes) {
    if (left <= 0) break;
    const taken = chunk.subarray(0, left);
    left -= taken.length;
    let from = 0;
    for (let to = taken.indexOf(newline); to !== -1; to = taken.indexOf(newline, from)) {
      const line = Buffer.concat([...rest, taken.subarray(from, to + 1)]);
      if (hasOwn || isOwn(line)) yield shownIn(line);
      [rest, held, from] = [[], 0, to + 1];
    }
    rest.push(taken.subarray(from));
    held += taken.length - from;
    if (held > longest) {
      yield* rest;
      [rest, held] = [[], 0];
    }
  }
  const tail = Buffer.concat(rest);
  if (tail.length > 0 && (hasOwn || isOwn(tail))) yield shownIn(tail);

  function isOwn(line: Buffer): boolean {
    if (line.includes(wrapped)) return agent !== null && line.includes(name);
    if (!line.includes(sidechain)) return agent === null;
    return agent !== null && (line.includes(name) || rootOf(line) === agent);
  }

  function rootOf(line: Buffer): string | null {
    try {
      const record: { readonly uuid?: string } = JSON.parse(line.toString());
      chains.add(record);
      return record.uuid === undefined ? null : chains.rootOf(record.uuid);
    } catch {
      return null;
    }
  }
}
