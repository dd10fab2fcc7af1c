/** Git trees (git's Documentation/user-manual, "Tree object"; the order of names is `base_name_compare` in tree.c). */

export type TreeMode = '40000' | '100644' | '100755' | '120000' | '160000';

export interface TreeEntry {
  readonly mode: TreeMode;
  readonly oid: string;
}

export const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** Folders are put in order as if their names ended in `/`; names are compared byte by byte. */
export function encodeTree(entries: ReadonlyMap<string, TreeEntry>): Buffer {
  const rows = [...entries].map(([name, entry]) => ({
    name,
    entry,
    key: entry.mode === '40000' ? `${name}/` : name,
  }));
  // Of ASCII a unit of a string is a byte; other names are few, and cost a buffer each.
  if (rows.every(({ name }) => ascii.test(name))) rows.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  else rows.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  const heads = rows.map(({ name, entry }) => `${entry.mode} ${name}\0`);
  const bytes = Buffer.allocUnsafe(heads.reduce((sum, head) => sum + Buffer.byteLength(head) + 20, 0));
  let at = 0;
  for (const [row, head] of heads.entries()) {
    at += bytes.write(head, at);
    at += bytes.write(rows[row]!.entry.oid, at, 'hex');
  }
  if (at !== bytes.length) throw new Error('a tree with a name that is none');
  return bytes;
}

const ascii = /^[\x00-\x7f]*$/;

export function decodeTree(bytes: Buffer): Map<string, TreeEntry> {
  const entries = new Map<string, TreeEntry>();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const end = bytes.indexOf(0, space);
    if (space < 0 || end < 0 || end + 21 > bytes.length) throw new Error('the tree ends early');
    const mode = bytes.toString('latin1', at, space) as TreeMode;
    entries.set(bytes.toString('utf8', space + 1, end), { mode, oid: bytes.toString('hex', end + 1, end + 21) });
    at = end + 21;
  }
  return entries;
}
