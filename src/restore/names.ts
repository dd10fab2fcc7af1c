/** File names as the disk has them. In our strings a byte B that is no UTF-8 is the lone surrogate U+DC00+B. */
import type { Root } from '../model.ts';

/** The name for a system call: bytes where a string could not say it. */
export function onDisk(name: string): string | Buffer {
  if (!/\p{Cs}/u.test(name)) return name;
  const parts: Buffer[] = [];
  for (const character of name) {
    const code = character.codePointAt(0)!;
    parts.push(code >= 0xdc80 && code <= 0xdcff ? Buffer.from([code - 0xdc00]) : Buffer.from(character));
  }
  return Buffer.concat(parts);
}

/** The other way round: what `realpath` and `readdir` answer in bytes, as one of our strings. */
export function fromDisk(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (Buffer.from(text).equals(bytes)) return text;
  let name = '';
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    name += length === 0 ? String.fromCharCode(0xdc00 + bytes[at]!) : bytes.toString('utf8', at, at + length);
    at += Math.max(1, length);
  }
  return name;
}

/** The absolute place of a path of a root. */
export function absolute(root: Root, path: string): string {
  const parts = path.split('/');
  let folder = root.path.replace(/(?<=.)[/\\]+$/, '');
  while (parts[0] === '..') {
    folder = folder.replace(/[/\\][^/\\]*$/, '');
    parts.shift();
  }
  return `${folder === '/' ? '' : folder}/${parts.join('/')}`;
}

export function folderOf(file: string): string {
  return file.slice(0, Math.max(1, file.lastIndexOf('/')));
}

export function baseName(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}

/** How many bytes the character at `at` has; 0 when it is no UTF-8. */
function sequenceLength(bytes: Buffer, at: number): number {
  const first = bytes[at]!;
  const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  const slice = bytes.subarray(at, at + length);
  if (slice.length !== length) return 0;
  return Buffer.from(slice.toString('utf8')).equals(slice) ? length : 0;
}
