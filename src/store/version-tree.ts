/** Where a version stands in the tree of a snapshot: a file or link under its name, a log as a folder of its segments. */
import type { Version } from '../model.ts';
import { treePath } from './names.ts';
import { segmentsName } from './segments.ts';
import type { TreeMode } from './tree.ts';
import type { TreeEditor } from './tree-editor.ts';

/** Puts a version in its place; what stood there before as another kind gives way. */
export function putVersion(editor: TreeEditor, version: Version, isSegments: boolean): void {
  const path = treePath(version.root, version.path);
  const folder = path.slice(0, -1);
  const segments = [...folder, segmentsName(path.at(-1)!)];
  const isContent = version.kind !== 'gone' && version.blob !== null;
  if (!isContent || !isSegments) editor.removeTree(segments);
  if (!isContent || isSegments) editor.remove(path);
  if (isContent && isSegments) editor.set(segments, { mode: '40000', oid: version.blob! });
  else if (isContent) editor.set(path, { mode: treeMode(version), oid: version.blob! });
}

function treeMode({ kind, mode }: Version): TreeMode {
  if (kind === 'link') return '120000';
  return mode & 0o100 ? '100755' : '100644';
}
