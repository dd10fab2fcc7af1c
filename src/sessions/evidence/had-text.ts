/** Does a text stand in the bytes of a transcript? Looked for as JSON writes it, piece by piece, without parsing. */

/** Letters and digits that a text needs to be told from any other. */
const significant = 8;
/** Bytes of one piece that is looked for: longer ones say no more. */
const longestPiece = 200;

/**
 * For each text whether all of its lines stand in the bytes, up to `limit` of them. Of a line the longest piece that JSON
 * writes as it is counts, so it is found in a text within a text, too; a line without such a piece is left out.
 */
export async function textsIn(
  bytes: AsyncIterable<Uint8Array>,
  limit: number,
  texts: readonly string[],
): Promise<readonly boolean[]> {
  const wanted = texts.map(piecesOf);
  const missing = new Map(wanted.flat().map(piece => [piece, Buffer.from(piece)]));
  const longest = Math.max(0, ...[...missing.values()].map(({ length }) => length));
  let rest = Buffer.alloc(0);
  let left = limit;
  for await (const chunk of bytes) {
    if (left <= 0 || missing.size === 0) break;
    const taken = chunk.length > left ? chunk.subarray(0, left) : chunk;
    left -= taken.length;
    const window = Buffer.concat([rest, taken]);
    for (const [piece, needle] of missing) if (window.indexOf(needle) !== -1) missing.delete(piece);
    rest = Buffer.from(window.subarray(Math.max(0, window.length - longest + 1)));
  }
  return wanted.map(pieces => pieces.length > 0 && pieces.every(piece => !missing.has(piece)));
}

/** What is looked for of a text; nothing where it says too little. */
export function piecesOf(text: string): readonly string[] {
  const pieces = text
    .split(/\r?\n/)
    .map(line => longestRun(bare(line)))
    .filter(piece => weight(piece) > 0);
  const total = pieces.reduce((sum, piece) => sum + weight(piece), 0);
  if (total < significant) return [];
  // A short line alone stands anywhere; where there are longer ones, they speak for the text.
  const telling = pieces.filter(piece => weight(piece) >= significant);
  return [...new Set(telling.length > 0 ? telling : pieces)];
}

/** A line as it may be told elsewhere: without the mark of its list, heading or quote, and without what ends it. */
function bare(line: string): string {
  return line.replace(/^[\s>]*(?:\d+[.)]\s+)?[^\p{L}\p{N}]*/u, '').replace(/[^\p{L}\p{N}]+$/u, '');
}

function longestRun(line: string): string {
  let longest = '';
  // What JSON may escape: quotes, backslashes, control characters, halves of a pair.
  for (const run of line.split(
    /["\\\x00-\x1f\x7f\u2028\u2029]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/,
  )) {
    if (weight(run) > weight(longest)) longest = run;
  }
  return longest.slice(0, longestPiece).replace(/[\ud800-\udbff]$/, '');
}

function weight(text: string): number {
  return text.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
}
