/** What bytes alone say of a file: a mark at its start, NUL bytes, an end within a line. */

export type Mark = 'utf8' | 'utf16' | null;

export function markOf(bytes: Uint8Array): Mark {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf8';
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  return isUtf16 && bytes.length % 2 === 0 ? 'utf16' : null;
}

/** True for nothing but blanks, line ends and NUL bytes. */
export function isBlank(bytes: Uint8Array): boolean {
  return bytes.every(byte => byte === 0 || byte === 0x20 || (byte >= 0x09 && byte <= 0x0d));
}

export function hasNul(bytes: Uint8Array): boolean {
  return markOf(bytes) !== 'utf16' && bytes.includes(0);
}

export function countOfNul(bytes: Uint8Array): number {
  return bytes.reduce((count, byte) => count + Number(byte === 0), 0);
}

/** Writers that stop in the middle stop where a page or a buffer ends. */
const PAGE = 4096;

/**
 * True when the second is the beginning of the first, and ends in the middle of a line of it or where a buffer ends. Who
 * deletes the end of a text deletes whole lines, or the end of the last one.
 */
export function isCut(whole: Uint8Array, part: Uint8Array): boolean {
  if (part.length === 0 || part.length >= whole.length) return false;
  if (Buffer.compare(whole.subarray(0, part.length), part) !== 0) return false;
  const rest = Buffer.from(whole.buffer, whole.byteOffset + part.length, whole.length - part.length);
  const lineEnd = rest.indexOf(0x0a);
  if (lineEnd < 0 || isBlank(rest.subarray(lineEnd))) return false;
  const endsLine = part.at(-1) === 0x0a || lineEnd === 0 || (lineEnd === 1 && rest[0] === 0x0d);
  return !endsLine || part.length % PAGE === 0;
}

/** The text between the NUL bytes, as far as it is text. */
export function textOf(bytes: Uint8Array): string {
  const mark = markOf(bytes);
  const text = Buffer.from(bytes).toString(mark === 'utf16' && bytes[0] === 0xff ? 'utf16le' : 'utf8');
  return text.replaceAll('\0', '').replace(/^\uFEFF/, '');
}
