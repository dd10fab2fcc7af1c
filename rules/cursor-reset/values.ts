/** What a state file says: numbers and times that only go forward, and the names of what they count. */

export interface Values {
  /** By key: a number, or a time as milliseconds. */
  readonly marks: ReadonlyMap<string, number>;
  /** By key: what else stands there. */
  readonly names: ReadonlyMap<string, string>;
}

/** More than a state file has. */
const LEAVES = 2_000;

/** Null for what says nothing: empty, `{}`, `null`, or no text of that kind. */
export function valuesIn(text: string): Values | null {
  const body = text.trim();
  const leaves = leavesIn(body);
  const marks = new Map<string, number>();
  const names = new Map<string, string>();
  for (const [key, value] of leaves) {
    const mark = markOf(value);
    if (mark !== null) marks.set(key, mark);
    else if (value !== null && value !== '') names.set(key, String(value));
  }
  return marks.size + names.size === 0 ? null : { marks, names };
}

function leavesIn(body: string): readonly (readonly [key: string, value: unknown])[] {
  const found: [string, unknown][] = [];
  const waiting: [string, unknown][] = [['', parsed(body)]];
  for (let next = waiting.pop(); next && found.length < LEAVES; next = waiting.pop()) {
    const [key, value] = next;
    if (typeof value !== 'object' || value === null) found.push([key, value]);
    else for (const [step, below] of Object.entries(value).slice(0, LEAVES)) waiting.push([`${key}/${step}`, below]);
  }
  return found;
}

/** JSON, or lines of `key=value` and `key: value`, or one plain value. */
function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    const pairs = body.split('\n').map(line => /^\s*([\w.-]+)\s*[=:]\s*(.*?)\s*$/.exec(line.slice(0, 1_000)));
    if (/^[[{]/.test(body)) return null;
    return pairs.every(pair => pair) ? Object.fromEntries(pairs.map(pair => [pair![1], pair![2]])) : body;
  }
}

function markOf(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string') return null;
  if (/^\d{1,20}$/.test(value)) return Number(value);
  if (!/^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/.test(value)) return null;
  const time = Date.parse(value);
  return Number.isNaN(time) ? null : time;
}
