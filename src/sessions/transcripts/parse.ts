/** One line of a transcript → its records: one, or what can still be read of a damaged one. */

export interface Parsed {
  readonly records: readonly unknown[];
  /** True for a line that is not one JSON text: cut, glued to another, padded with NUL. */
  readonly isDamaged: boolean;
}

/** Above, a damaged line is not searched for whole records. */
const mostTries = 50;
const begin = /\{"(?:parentUuid|type|isSidechain|sessionId|uuid|message|timestamp|userType)":/g;

export function parseLine(line: string): Parsed {
  const whole = parsed(line);
  if (whole !== undefined) return { records: [whole], isDamaged: false };
  if (line.trim() === '') return { records: [], isDamaged: false };
  // Two writers, or one that was killed: whole records may stand in the line, each from a beginning to an end.
  const starts = [...line.matchAll(begin)].map(match => match.index).slice(0, mostTries);
  const records: unknown[] = [];
  let from = 0;
  let tries = 0;
  for (const [number, start] of starts.entries()) {
    if (start < from) continue;
    for (const end of [...starts.slice(number + 1), line.length]) {
      if (++tries > mostTries * 2) break;
      const piece = line.slice(start, end).replace(/[\0\s]+$/, '');
      if (!piece.endsWith('}')) continue;
      const record = parsed(piece);
      if (record === undefined) continue;
      records.push(record);
      from = end;
      break;
    }
  }
  return { records, isDamaged: true };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
