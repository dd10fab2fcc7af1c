/**
 * Names that git trees can hold, and back.
 *
 * Git refuses (git's fsck.c, and `is_hfs_dotgit`, `is_ntfs_dotgit*` in path.c and utf8.c) `.git` in every spelling that
 * some file system takes for it, empty names, `.` and `..`, and a slash; other readers stumble over backslashes and
 * control characters. Such bytes are written `%XX`, other UTF-16 units `%uXXXX`, and an empty name `%`.
 * Bytes of a name that are no UTF-8 come as lone surrogates U+DC80–U+DCFF and are written `%80`–`%FF`.
 */

/** What HFS+ leaves out when it compares names (git's utf8.c, `next_hfs_char`). */
const ignoredByHfs = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;
/** `.git` and the files git reads out of a tree, with what NTFS drops or cuts off behind a name, and its short names. */
const special =
  /^(?:\.git(?:modules|attributes|ignore)?|\.mailmap|git~\d|gitmod~\d|gitign~\d|gitatt~\d|mailma~\d|gi7eb[0-9a-z~]*|gi7d2[0-9a-z~]*|gi250[0-9a-z~]*|maba3[0-9a-z~]*)(?:[ .:\\].*)?$/is;

const unholdable = /[\x00-\x1f%\\/\x7f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function escapeUnit(unit: string): string {
  const code = unit.charCodeAt(0);
  const byte = code >= 0xdc80 && code <= 0xdcff ? code - 0xdc00 : code;
  return byte < 0x80 || byte !== code
    ? `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    : `%u${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** One component of a path as the name of a tree entry. */
export function escapeName(name: string): string {
  if (name === '') return '%';
  const isSpecial = name === '.' || name === '..' || special.test(name.replace(ignoredByHfs, ''));
  const escaped = name.replace(unholdable, escapeUnit);
  // One escaped unit in front is enough: then it spells something else everywhere.
  return isSpecial && !escaped.startsWith('%') ? escapeUnit(name[0]!) + escaped.slice(1) : escaped;
}

export function unescapeName(name: string): string {
  if (name === '%') return '';
  return name.replace(/%u([0-9A-F]{4})|%([0-9A-F]{2})/g, (_, unit: string | undefined, hex: string) => {
    if (unit !== undefined) return String.fromCharCode(Number.parseInt(unit, 16));
    const byte = Number.parseInt(hex, 16);
    return String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte);
  });
}

/** The folders above that place as paths in the tree, outermost first; the root of the tree, '', is left out. */
export function foldersOf(root: string, path: string): readonly string[] {
  const folders: string[] = [];
  let folder = '';
  for (const name of treePath(root, path).slice(0, -1)) {
    folder = `${folder}/${name}`;
    folders.push(folder);
  }
  return folders;
}

/** Where a path of a root stands in a tree: `<root name>/<path…>`. */
export function treePath(root: string, path: string): readonly string[] {
  return [escapeName(root), ...path.split('/').map(escapeName)];
}
