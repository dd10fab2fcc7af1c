/** Text from files and names, safe to print: what a terminal would obey or hide is shown as an escape instead. */

/** Control and format characters, line separators, fillers that look like nothing, and bytes that are no UTF-8. */
export const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]|\u034f|\u17b4|\u17b5/gu;

/** An emoji made of several: the joiner between two pictures hides nothing. */
const joined = /(?<=\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})?)\u200d(?=\p{Extended_Pictographic})/u;

/** On one line: newlines and tabs are shown as escapes too. Running it twice changes nothing. */
export function visible(text: string): string {
  return show(text, '');
}

/** Of several lines: newlines and tabs stay. */
export function visibleBlock(text: string): string {
  return show(text, '\n\t');
}

function show(text: string, kept: string): string {
  return text.replace(hidden, (character, at: number) => {
    if (kept.includes(character)) return character;
    if (character === '\u200d' && joined.test(text.slice(Math.max(0, at - 4), at + 3))) return character;
    return escaped(character);
  });
}

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A character as an escape that says which it is: `\\x1b`, `\\u200b`. */
export function escaped(character: string): string {
  const code = character.codePointAt(0)!;
  if (short[character] !== undefined) return short[character];
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`; // a byte that is no UTF-8
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}

/** A path as a shell takes it as one word. */
export function quoted(path: string): string {
  const shown = visible(path);
  return /^[\w@%+=:,./~-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", `'\\''`)}'`;
}
