import { createHash } from 'node:crypto';

/** Git's name of a text, as the store gives it. */
export function blobOf(text: string): string {
  return blobOfBytes(Buffer.from(text));
}

export function blobOfBytes(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
