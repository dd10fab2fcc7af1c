/**
 * What a text looks like after a program read its bytes in another encoding and saved what it saw ("mojibake"). Each way of it is a
 * function of one line; a text was damaged in that way when what the function makes of its lines stands there now.
 */

export interface Misreading {
  /** For a person: `UTF-8 read as Windows-1252`. */
  readonly name: string;
  /**
   * False for a way that makes one character of one: a spelling mistake that somebody mends may look the same, so that a few
   * characters prove nothing.
   */
  readonly isSureAlone: boolean;
  /** True when every character of the outcome counts: the line is not held against others without its control characters. */
  readonly isExact: boolean;
  /** True when letters and digits of ASCII come out as they are, and no others come. */
  readonly keepsAscii: boolean;
  /** Null when the way cannot read this line. */
  readonly of: (line: string) => string | null;
}

const cp437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';
const cp850 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0';
/** Spelled out: some versions of Node read this label as Latin-1. */
const cp1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';
const latin1 = String.fromCharCode(...Array.from({ length: 128 }, (_, byte) => 128 + byte));

/** The upper half of an encoding in which a byte is a character. Null where this Node was built without it. */
function upperHalf(label: string): string | null {
  return decoderOf(label)?.(Buffer.from(latin1, 'latin1')) ?? null;
}

function decoderOf(label: string): ((bytes: Uint8Array) => string) | null {
  try {
    const decoder = new TextDecoder(label);
    return bytes => decoder.decode(bytes);
  } catch {
    return null;
  }
}

const singles: readonly (readonly [name: string, upper: string | null])[] = [
  ['Windows-1252', cp1252 + latin1.slice(32)],
  ['Latin-1', latin1],
  ['code page 437', cp437],
  ['code page 850', cp850],
  ['Mac Roman', upperHalf('macintosh')],
  ['Windows-1251', upperHalf('windows-1251')],
  ['Windows-1250', upperHalf('windows-1250')],
  ['KOI8-R', upperHalf('koi8-r')],
  ['code page 866', upperHalf('ibm866')],
];
const multiples = ['gbk', 'shift_jis', 'big5', 'euc-kr'] as const;

type Table = readonly [name: string, upper: string];
const tables = singles.filter((table): table is Table => table[1]?.length === 128);

/** Every way that programs are known for, the commonest first. Made once: the tables are small. */
export const misreadings: readonly Misreading[] = [...ofUtf8(), ...twice(), lowByte(), ...oneForOne()];

/** `\u00fc` for `ü`: in code and JSON it reads the same, in a text for people it does not. */
export const escaped: Misreading = sure(
  'characters written as escapes',
  line => line.replace(/[^\0-\x7f]/g, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`),
  { isExact: true, keepsAscii: false },
);

const besideLetter = /[a-z](?![a-z])\p{Script=Latin}|(?![a-z])\p{Script=Latin}[a-z]/iu;

/** Letters above ASCII left out, as a program does that knows ASCII alone and is told to ignore the rest: `Gre` for `Grüße`. */
export const dropped: Misreading = {
  name: 'characters left out',
  isSureAlone: true,
  isExact: true,
  keepsAscii: true,
  of: line => (besideLetter.test(line) ? line.replace(/[^\0-\x7f]+/g, '') : null),
};

/** What the bytes of a line that is no UTF-8 say in each encoding in which a byte is a character. */
export function readings(bytes: Uint8Array): readonly string[] {
  return tables.map(([, upper]) => read(bytes, upper));
}

function sure(name: string, of: Misreading['of'], more: Partial<Misreading> = {}): Misreading {
  return { name, isSureAlone: true, isExact: false, keepsAscii: true, ...more, of };
}

function read(bytes: Uint8Array, upper: string): string {
  let text = '';
  for (const byte of bytes) text += byte < 128 ? String.fromCharCode(byte) : upper[byte - 128];
  return text;
}

function ofUtf8(): readonly Misreading[] {
  const ofBytes = multiples.flatMap(label => {
    const decode = decoderOf(label);
    return decode
      ? [sure(`UTF-8 read as ${label.toUpperCase()}`, line => decode(Buffer.from(line)), { keepsAscii: false })]
      : [];
  });
  return [
    ...tables.map(([name, upper]) => sure(`UTF-8 read as ${name}`, line => read(Buffer.from(line), upper))),
    ...ofBytes,
  ];
}

/** The file was opened and saved two or three times in the same way. */
function twice(): readonly Misreading[] {
  return tables.slice(0, 5).flatMap(([name, upper]) => {
    const once = (line: string) => read(Buffer.from(line), upper);
    return [
      sure(`UTF-8 read as ${name}, twice`, line => once(once(line))),
      sure(`UTF-8 read as ${name}, three times`, line => once(once(once(line)))),
    ];
  });
}

/** Only the low byte of each UTF-16 unit was written: `─` becomes NUL, Cyrillic becomes digits and letters. */
function lowByte(): Misreading {
  return {
    name: 'only the low byte of each character was kept',
    isSureAlone: false,
    isExact: true,
    keepsAscii: false,
    of: line => {
      let text = '';
      for (let at = 0; at < line.length; at++) text += String.fromCharCode(line.charCodeAt(at) & 0xff);
      return text;
    },
  };
}

/** Text of one encoding of single bytes, read as another: `ä` becomes `Σ`, `é` becomes `Θ`. */
function oneForOne(): readonly Misreading[] {
  return tables.flatMap(([from, mine]) =>
    tables
      .filter(([, upper]) => upper !== mine)
      .map(([to, upper]) => {
        const bytes = new Map([...mine].map((character, at) => [character, upper[at]!]));
        const of = (line: string) => {
          let text = '';
          for (const character of line) {
            const other = character < '\x80' ? character : bytes.get(character);
            if (other === undefined) return null;
            text += other;
          }
          return text;
        };
        return { name: `${from} read as ${to}`, isSureAlone: false, isExact: false, keepsAscii: true, of };
      }),
  );
}
