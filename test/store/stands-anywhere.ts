/** Whether a text stands in a store, however it is packed. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';

/** True when a text stands in any file of the store: as it is, or in any zlib stream of a pack or a journal. */
export function standsAnywhere(store: string, text: string): boolean {
  return readdirSync(store, { recursive: true, encoding: 'utf8' }).some(name => {
    const file = join(store, name);
    if (!statSync(file).isFile()) return false;
    const bytes = readFileSync(file);
    if (bytes.includes(text)) return true;
    for (let at = 0; at < bytes.length - 1; at++) {
      // RFC 1950: deflate with any window (small contents have a small one), and a check of the two bytes.
      if ((bytes[at]! & 0x0f) !== 8 || bytes.readUInt16BE(at) % 31 !== 0) continue;
      try {
        if (inflateSync(bytes.subarray(at)).includes(text)) return true;
      } catch {
        // No stream begins here.
      }
    }
    return false;
  });
}
