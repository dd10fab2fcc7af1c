/** What a client puts before a session without its asking: instructions, memories, notes of changed files. */

const attachment = Buffer.from('"attachment":{"type":"');
const unasked = [
  'instructions',
  'nested_memory',
  'relevant_memories',
  'edited_text_file',
  'plan_file_reference',
  'prompt_snapshot',
].map(type => Buffer.from(`${type}"`));
/** Requests to the model, which newer clients keep: they repeat what stands in other records. */
const request = Buffer.from('{"type":"api-request');

/** The lines without these. A line above 64 MB comes in pieces, of which none is left out. */
export async function* askedFor(lines: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  for await (const piece of lines) {
    const line = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    if (!line.subarray(0, request.length).equals(request) && !isUnasked(line)) yield piece;
  }
}

function isUnasked(line: Buffer): boolean {
  const at = line.indexOf(attachment);
  if (at === -1) return false;
  const type = line.subarray(at + attachment.length, at + attachment.length + 32);
  return unasked.some(name => type.subarray(0, name.length).equals(name));
}
