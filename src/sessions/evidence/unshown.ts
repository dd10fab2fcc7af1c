/** What a record of a call keeps for the client alone: its session was never shown it. */

/** What stood in the file before, and what went: in the result object, not in the message. */
const fields = ['originalFile', 'originalFileContents', 'original_file', 'structuredPatch'].map(name =>
  Buffer.from(`"${name}":`),
);
const result = Buffer.from('"toolUseResult":{');
const [quote, backslash] = [0x22, 0x5c];

/** The line of a transcript without it. In a text within a text the names are escaped, and stay. */
export function shownIn(line: Buffer): Buffer {
  if (!line.includes(result)) return line;
  const kept: Buffer[] = [];
  let from = 0;
  for (let at = nextField(line, from); at; at = nextField(line, from)) {
    kept.push(line.subarray(from, at.value));
    from = endOfValue(line, at.value);
  }
  return from === 0 ? line : Buffer.concat([...kept, line.subarray(from)]);
}

function nextField(line: Buffer, from: number): { readonly value: number } | null {
  const found = fields.map(field => ({ at: line.indexOf(field, from), length: field.length })).filter(f => f.at !== -1);
  if (found.length === 0) return null;
  const first = found.reduce((a, b) => (b.at < a.at ? b : a));
  return { value: first.at + first.length };
}

/** Behind a text, or a list with all that is in it. */
function endOfValue(line: Buffer, start: number): number {
  let depth = 0;
  let isText = false;
  for (let at = start; at < line.length; at++) {
    const byte = line[at]!;
    if (isText) {
      if (byte === backslash) at++;
      else if (byte === quote) isText = false;
    } else if (byte === quote) isText = true;
    else if (byte === 0x5b || byte === 0x7b) depth++;
    else if (byte === 0x5d || byte === 0x7d) depth--;
    if (!isText && depth <= 0) {
      // A number, `null`, or the end of what holds it.
      if (byte === 0x2c || depth < 0) return at;
      if (byte === quote || byte === 0x5d || byte === 0x7d) return at + 1;
    }
  }
  return line.length;
}
