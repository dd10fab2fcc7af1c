/**
 * Names as they really are. A file name is bytes; our paths are strings. A byte B that is no valid UTF-8 stands in a
 * path as the lone surrogate U+DC00+B (Python calls it `surrogateescape`), so that every name survives both ways.
 */
import { isUtf8 } from 'node:buffer';
import { join } from 'node:path';
import type { Root } from './model.ts';

/** A lone surrogate that stands for a byte; pairs are no match because of the `u` flag. */
const escaped = /[\udc80-\udcff]/u;

/** The name of a folder's entry, or a whole path, as our string. */
export function decodeName(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(buffer)) return buffer.toString('utf8');
  let text = '';
  let start = 0;
  for (let index = 0; index < buffer.length; ) {
    const length = sequenceAt(buffer, index);
    if (length > 0) {
      index += length;
      continue;
    }
    text += buffer.toString('utf8', start, index) + String.fromCharCode(0xdc00 + buffer[index]!);
    start = ++index;
  }
  return text + buffer.toString('utf8', start);
}

/** The bytes of a name or path. */
export function encodeName(text: string): Buffer {
  if (!escaped.test(text)) return Buffer.from(text, 'utf8');
  const parts = text
    .split(/([\udc80-\udcff])/u)
    .map((part, index) => (index % 2 === 1 ? Buffer.from([part.charCodeAt(0) - 0xdc00]) : Buffer.from(part, 'utf8')));
  return Buffer.concat(parts);
}

/** A path as the system is asked for it: a string where that can say it, else its bytes. */
export function onDisk(path: string): string | Buffer {
  return escaped.test(path) ? encodeName(path) : path;
}

/** The absolute place of a path of a root. */
export function placeOf(root: Root, path: string): string {
  if (path === '') return root.path;
  if (path.startsWith('../')) return join(root.path, path);
  return root.path.endsWith('/') ? root.path + path : `${root.path}/${path}`;
}

/** What the system is asked for when a path of a root is meant. */
export function diskPath(root: Root, path: string): string | Buffer {
  return onDisk(placeOf(root, path));
}

/** The folder of an absolute path. */
export function folderOf(file: string): string {
  return file.slice(0, Math.max(1, file.lastIndexOf('/')));
}

export function baseName(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}

/** Length of the valid UTF-8 sequence that starts at `index` (RFC 3629, table 3-7 of Unicode); 0 when none does. */
function sequenceAt(bytes: Buffer, index: number): number {
  const first = bytes[index]!;
  if (first < 0x80) return 1;
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length === 0 || index + length > bytes.length) return 0;
  return isUtf8(bytes.subarray(index, index + length)) ? length : 0;
}
