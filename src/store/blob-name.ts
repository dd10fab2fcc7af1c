import { createHash, hash } from 'node:crypto';

/** Kinds of git objects. */
export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag';

/** Up to so many bytes, copying them costs less than a hash that is fed piece by piece. */
const inOnePiece = 16 * 1024;

/** Git's name of an object: SHA-1 over `<type> <length>\0<content>`, 40 hex (git's Documentation/gitformat-loose). */
export function objectName(type: ObjectType, content: Uint8Array): string {
  const head = `${type} ${content.length}\0`;
  if (content.length <= inOnePiece) return hash('sha1', Buffer.concat([Buffer.from(head), content]), 'hex');
  return createHash('sha1').update(head).update(content).digest('hex');
}

export function blobName(content: Uint8Array): string {
  return objectName('blob', content);
}
