import { createHash } from 'node:crypto';

/** Kinds of git objects. */
export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag';

/** Git's name of an object: SHA-1 over `<type> <length>\0<content>`, 40 hex (git's Documentation/gitformat-loose). */
export function objectName(type: ObjectType, content: Uint8Array): string {
  return createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex');
}

export function blobName(content: Uint8Array): string {
  return objectName('blob', content);
}
