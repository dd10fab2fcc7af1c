/** What became of the characters of one line, when nothing else in it changed. */
import type { DamagedLine, DamageKind } from '../model.ts';
import { control, high, type Line, run } from './damaged-lines.ts';
import { dropped, type Misreading, readings } from './misread.ts';

export type Happened = Pick<DamagedLine, 'kind' | 'how' | 'characters'>;

/** `by`: the way that made the one line of the other, where one is known. Null for a line that was edited, or that says the same. */
export function whatHappened(line: Line, other: Line, by: Misreading | null = null): Happened | null {
  const seen = sameOrRecoded(line, other);
  if (seen !== undefined) return seen;
  const shown = (line.isRaw ? lossyIn(line, other) : null) ?? zeroedIn(line, other) ?? runsIn(line.text, other.text);
  if (shown !== null || by === null) return shown;
  const characters = [...line.text].filter(character => high.test(character)).length;
  if (by === dropped) return { kind: 'dropped', how: '', characters };
  return { kind: control.test(other.raw) ? 'control' : 'misread', how: by.name, characters };
}

/** Undefined when the line does not say the same any more; null when it does, as its reader sees it. */
function sameOrRecoded(line: Line, other: Line): Happened | null | undefined {
  const isSame = line.raw === other.raw || line.text === other.text;
  if (!line.isRaw && other.isRaw && (isSame || saysIn(other).includes(line.text))) {
    const characters = [...line.text].filter(character => high.test(character)).length;
    return { kind: 'recoded', how: '', characters };
  }
  // Text that was no UTF-8 was put into UTF-8 as it should be.
  const isPutRight = line.isRaw && !other.isRaw && !control.test(other.text) && saysIn(line).includes(other.text);
  return isSame || isPutRight ? null : undefined;
}

function saysIn({ raw }: Line): readonly string[] {
  return readings(Buffer.from(raw, 'latin1'));
}

/** Bytes that are no UTF-8, read as UTF-8. */
function lossyIn({ raw }: Line, { text }: Line): Happened | null {
  const lossy = Buffer.from(raw, 'latin1').toString('utf8');
  const characters = lossy.split('\ufffd').length - 1;
  const collapsed = (said: string) => said.replace(/\ufffd+/g, '\ufffd').replace(/\?+/g, '?');
  if (text.includes('\ufffd') && collapsed(lossy) === collapsed(text)) return { kind: 'replaced', how: '', characters };
  const isAsked = collapsed(lossy.replaceAll('\ufffd', '?')) === collapsed(text);
  return isAsked ? { kind: 'questioned', how: '', characters } : null;
}

/** Bytes that became NUL or control characters, when no other byte changed. More than half of a line is a hole, and no damaged text. */
function zeroedIn({ raw }: Line, { raw: other }: Line): Happened | null {
  if (raw.length !== other.length || !control.test(other)) return null;
  let zeroed = 0;
  for (let at = 0; at < raw.length; at++) {
    if (raw[at] === other[at]) continue;
    if (!control.test(other[at]!)) return null;
    zeroed++;
  }
  return zeroed * 2 < raw.trim().length ? { kind: 'control', how: '', characters: zeroed } : null;
}

/** Run by run: all that is around them stands. */
function runsIn(said: string, now: string): Happened | null {
  const [mine, theirs] = [said.split(run), now.split(run)];
  if (mine.length !== theirs.length || mine.some((part, at) => part !== theirs[at])) return null;
  const others = now.match(run) ?? [];
  let kind: DamageKind | null = null;
  let characters = 0;
  for (const [at, text] of (said.match(run) ?? []).entries()) {
    if (text === others[at]) continue;
    const damage = high.test(text) ? runDamage(text, others[at]!) : null;
    if (damage === null) return null;
    kind ??= damage.kind;
    characters += damage.characters;
  }
  return kind && { kind, how: '', characters };
}

/** Each sign that stands for a character that could not be written, the surest first. */
const signs: readonly (readonly [kind: DamageKind, sign: RegExp])[] = [
  ['replaced', /\ufffd/g],
  ['control', /[\0-\x08\x0b-\x1f\x7f-\x9f]/g],
  ['questioned', /\?/g],
];

/** Signs stand in the place of some characters of the run; the others stand in their order. */
function runDamage(said: string, now: string): Pick<Happened, 'kind' | 'characters'> | null {
  for (const [kind, sign] of signs) {
    const count = (text: string) => text.match(sign)?.length ?? 0;
    if (count(now) <= count(said)) continue;
    const [whole, left] = [[...said.replace(sign, '')], [...now.replace(sign, '')]];
    let from = 0;
    for (const character of whole) if (character === left[from]) from++;
    const characters = whole.length - left.length;
    if (from === left.length && characters > 0) return { kind, characters };
  }
  return null;
}
