import { emptyTree, encodeTree, type TreeEntry, type TreeMode } from './tree.ts';

/** A folder that was touched; its siblings are never loaded. */
interface Folder {
  readonly entries: Map<string, TreeEntry>;
  readonly folders: Map<string, Folder>;
  isDirty: boolean;
  /** What was written for this folder last, so that the next one can be a delta of it. */
  last: WrittenTree | null;
}

/** Handle of whoever writes trees; passed back as `last` for the same folder. */
export interface WrittenTree {
  readonly oid: string;
}

export interface TreeSource {
  load(oid: string): Map<string, TreeEntry>;
  write(bytes: Buffer, last: WrittenTree | null): WrittenTree;
}

/** Changes a tree path by path, loading and writing only the folders on the way. */
export class TreeEditor {
  readonly #source: TreeSource;
  readonly #root: Folder;

  constructor(source: TreeSource, tree: string | null) {
    this.#source = source;
    this.#root = this.#folder(tree);
    this.#root.isDirty = tree === null;
  }

  /** Puts an entry at the path; a file on the way to it, or a folder in its place, gives way. */
  set(path: readonly string[], entry: TreeEntry): void {
    let folder = this.#root;
    folder.isDirty = true;
    for (const name of path.slice(0, -1)) {
      folder = this.#enter(folder, name) ?? this.#make(folder, name);
      folder.isDirty = true;
    }
    const name = path.at(-1)!;
    folder.folders.delete(name);
    folder.entries.set(name, entry);
  }

  /** Takes a file or a link away, and the folders that are empty then; a folder at the path stays. */
  remove(path: readonly string[]): void {
    this.#remove(path, mode => mode !== '40000');
  }

  /** Takes a folder away with all that is in it, and the folders that are empty then. */
  removeTree(path: readonly string[]): void {
    this.#remove(path, mode => mode === '40000');
  }

  #remove(path: readonly string[], isMeant: (mode: TreeMode) => boolean): void {
    const trail: Folder[] = [this.#root];
    for (const name of path.slice(0, -1)) {
      const folder = this.#enter(trail.at(-1)!, name);
      if (!folder) return;
      trail.push(folder);
    }
    const entry = trail.at(-1)!.entries.get(path.at(-1)!);
    if (!entry || !isMeant(entry.mode)) return;
    for (let depth = trail.length - 1; depth >= 0; depth--) {
      const folder = trail[depth]!;
      folder.isDirty = true;
      const below = trail[depth + 1];
      if (below && below.entries.size > 0) continue;
      folder.entries.delete(path[depth]!);
      folder.folders.delete(path[depth]!);
    }
  }

  /** Writes what has changed; gives the name of the whole tree. */
  write(): string {
    return this.#write(this.#root);
  }

  #write(folder: Folder): string {
    if (!folder.isDirty && folder.last) return folder.last.oid;
    for (const [name, below] of folder.folders) {
      if (below.isDirty) folder.entries.set(name, { mode: '40000', oid: this.#write(below) });
    }
    folder.last = this.#source.write(encodeTree(folder.entries), folder.last);
    folder.isDirty = false;
    return folder.last.oid;
  }

  #folder(oid: string | null): Folder {
    const entries = oid === null || oid === emptyTree ? new Map() : this.#source.load(oid);
    return { entries, folders: new Map(), isDirty: false, last: null };
  }

  #enter(folder: Folder, name: string): Folder | null {
    const known = folder.folders.get(name);
    if (known) return known;
    const entry = folder.entries.get(name);
    if (entry?.mode !== '40000') return null;
    const below = this.#folder(entry.oid);
    folder.folders.set(name, below);
    return below;
  }

  #make(folder: Folder, name: string): Folder {
    const below = this.#folder(null);
    folder.folders.set(name, below);
    folder.entries.set(name, { mode: '40000', oid: emptyTree });
    return below;
  }
}
