/** When a session was prompted: a client may put changed files before it then. */
import { type Fields, fields, isFields, list, text, time } from '../transcripts/record.ts';

const user = Buffer.from('"type":"user"');
const result = Buffer.from('"type":"tool_result"');
/** A line above this holds a pasted file or an image: it is a prompt, whatever else is in it (bytes). */
const longest = 1_000_000;

/** True when a prompt later than `since` stands in the lines, each a piece of the bytes; results of tools are none. */
export async function promptedIn(lines: AsyncIterable<Uint8Array>, since: number): Promise<boolean> {
  for await (const piece of lines) {
    const line = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    if (!line.includes(user) || line.includes(result)) continue;
    if (line.length > longest) return true;
    const record = parsed(line);
    if (record !== null && isPrompt(record) && (time(record.timestamp) ?? 0) > since) return true;
  }
  return false;
}

function isPrompt(record: Fields): boolean {
  if (record.type !== 'user') return false;
  const { content } = fields(record.message);
  return typeof content === 'string' || list(content).some(block => text(fields(block).type) !== 'tool_result');
}

function parsed(line: Buffer): Fields | null {
  try {
    const record: unknown = JSON.parse(line.toString());
    return isFields(record) ? record : null;
  } catch {
    return null;
  }
}
