/** Bytes ↔ text, so that what is not touched comes back bit by bit. */

/** `bytes`: the file is no valid UTF-8, so every byte stands for itself and goes back as it came. */
export type Encoding = 'utf8' | 'utf16le' | 'utf16be' | 'bytes';

export interface Decoded {
  readonly text: string;
  readonly encoding: Encoding;
  readonly bom: boolean;
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Null for binary content: a NUL byte in what is not UTF-16 with a byte order mark. */
export function decode(bytes: Uint8Array): Decoded | null {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length >= 2 && buffer.length % 2 === 0) {
    if (buffer[0] === 0xff && buffer[1] === 0xfe) {
      return { text: buffer.subarray(2).toString('utf16le'), encoding: 'utf16le', bom: true };
    }
    if (buffer[0] === 0xfe && buffer[1] === 0xff) {
      return { text: swapped(buffer.subarray(2)).toString('utf16le'), encoding: 'utf16be', bom: true };
    }
  }
  if (buffer.includes(0)) return null;
  const bom = buffer.length >= 3 && buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf;
  return { ...decodeBody(bom ? buffer.subarray(3) : buffer), bom };
}

/** Takes back `decode`, byte for byte. */
export function encode(text: string, encoding: Encoding, bom: boolean): Uint8Array {
  const marked = bom && encoding !== 'bytes' ? `\ufeff${text}` : text;
  if (encoding === 'utf8') return Buffer.from(marked, 'utf8');
  if (encoding === 'utf16le') return Buffer.from(marked, 'utf16le');
  if (encoding === 'utf16be') return swapped(Buffer.from(marked, 'utf16le'));
  const body = Buffer.from(text, 'latin1');
  return bom ? Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), body]) : body;
}

/** Reads text of the encoding `from` as the encoding `to` would spell the same characters; null when it cannot. */
export function respell(text: string, from: Encoding, to: Encoding): string | null {
  if (from === to || (from !== 'bytes' && to !== 'bytes')) return text;
  if (to === 'bytes') return Buffer.from(text, 'utf8').toString('latin1');
  const { text: read, encoding } = decodeBody(Buffer.from(text, 'latin1'));
  return encoding === 'utf8' ? read : null;
}

/** What a person sees of text whose bytes stand for themselves. */
export function readable(text: string, encoding: Encoding): string {
  return encoding === 'bytes' ? Buffer.from(text, 'latin1').toString('utf8') : text;
}

function decodeBody(buffer: Buffer): { text: string; encoding: Encoding } {
  try {
    return { text: strictUtf8.decode(buffer), encoding: 'utf8' };
  } catch {
    return { text: buffer.toString('latin1'), encoding: 'bytes' };
  }
}

function swapped(buffer: Buffer): Buffer {
  return Buffer.from(buffer).swap16();
}
