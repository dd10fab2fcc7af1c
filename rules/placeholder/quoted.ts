/** Phrases that a text only shows: in a dump of a terminal, among examples, within a quotation. They stand for no text. */
import { phraseIn } from './phrases.ts';

/** A prompt with a command, what the client draws before its steps, the head of a diff. */
const terminal =
  /^\s*(?:[$❯➜%] \S|[⏺⎿✻✢] ?\S|● \w+\(|PS [A-Z]:\S*>|[\w.-]+@[\w.-]+[: ]\S*\s?[$#%] |>>> \S|@@ -\d|diff --git )/mu;
/** A line that says that examples follow: in some words and a colon, or as a heading of its own. */
const exampleWords =
  /\b(?:e\.g|examples?|for instance|such as|like (?:this|these|so)|bad|wrong|never|avoid|forbidden|anti-?patterns?|do(?:n't| not)|instead of|output|prints?|shows?|says?|z\. ?B|beispiele?|nie(?:mals)?|ejemplos?|exemples?|esemp[io]+)\b/iu;
const item = /^\s*(?:[-*+]|\d+[.)])\s+/;

/** `at`: where the unit of the phrase starts in the text. `known`: the trimmed lines of the version before. */
export function isShown(line: string, unit: string, at: number, text: string, known: ReadonlySet<string>): boolean {
  if (terminal.test(unit) || /^\s*>/.test(unit)) return true;
  const lines = text.split(/\r?\n/);
  const index = lines.findIndex((other, i) => i >= lineOf(text, at) && other.trim() === line);
  if (index < 0) return false;
  const [from, to] = [edge(lines, index, -1), edge(lines, index, 1)];
  const around = lines.slice(from, to + 1);
  if (terminal.test(around.join('\n')) || isWithinQuotes(lines.slice(from, index).join('\n'))) return true;
  // Nobody leaves out two pieces right after each other: such items are a list of phrases.
  const isItem = item.test(lines[index]!);
  const isPhrase = (other: string | undefined) => other !== undefined && item.test(other) && phraseIn(other) !== null;
  if (isItem && (isPhrase(lines[index - 1]) || isPhrase(lines[index + 1]))) return true;
  return announces(lines, index, known);
}

/** The line above the list or the line itself is as new as the phrase, and speaks of examples. */
function announces(lines: readonly string[], index: number, known: ReadonlySet<string>): boolean {
  let above = index - 1;
  while (
    above >= 0 &&
    (lines[above]!.trim() === '' || item.test(lines[above]!) || /^\s*(?:`{3}|~{3})/.test(lines[above]!))
  )
    above--;
  const lead = lines[above]?.trim() ?? '';
  if (known.has(lead) || !exampleWords.test(lead)) return false;
  return (
    /:[*_\s]*$/.test(lead) ||
    /^(?:#{1,6}\s|\*\*)/.test(lead) ||
    /^\W*(?:example|beispiel|exemple|ejemplo)\W*\d+\W*$/i.test(lead)
  );
}

/** A quotation that began in an earlier line of the paragraph and is not over. */
function isWithinQuotes(before: string): boolean {
  const count = (sign: RegExp) => before.match(sign)?.length ?? 0;
  return count(/(?<!\w)"|"(?!\w)/g) % 2 === 1 || count(/[“„«]/g) > count(/[”»]/g);
}

function lineOf(text: string, at: number): number {
  let line = 0;
  for (let end = text.indexOf('\n'); end >= 0 && end < at; end = text.indexOf('\n', end + 1)) line++;
  return line;
}

/** The last line before a blank one, in one direction; a long paragraph is looked at in part. */
function edge(lines: readonly string[], from: number, step: 1 | -1): number {
  let at = from;
  while (lines[at + step] !== undefined && lines[at + step]!.trim() !== '' && Math.abs(at - from) < 100) at += step;
  return at;
}
