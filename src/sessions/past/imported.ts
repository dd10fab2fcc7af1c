/** Where imported versions came from: notes of kind `import`. */
import type { Note, Time } from '../../model.ts';
import type { Tier } from '../act.ts';

export type ImportKind = 'transcript' | 'file-history' | 'backup' | 'git';

export interface Source {
  readonly kind: ImportKind;
  readonly tier: Tier;
  /** True when something independent agrees that exactly this stood there. */
  readonly validated: boolean;
}

export interface ImportedVersion extends Source {
  readonly id: string;
}

/** One note tells of so many versions at most. */
const perNote = 500;

export function importNotes(versions: readonly ImportedVersion[], at: Time): readonly Note[] {
  const notes: Note[] = [];
  for (let i = 0; i < versions.length; i += perNote) {
    notes.push({ kind: 'import', at, data: { versions: versions.slice(i, i + perNote) } });
  }
  return notes;
}

/** By the id of the version. */
export function importedOf(notes: readonly Note[]): ReadonlyMap<string, Source> {
  const sources = new Map<string, Source>();
  for (const { kind, data } of notes) {
    const versions = kind === 'import' ? (data as { readonly versions?: unknown } | null)?.versions : null;
    if (!Array.isArray(versions)) continue;
    for (const { id, kind, tier, validated } of versions as readonly ImportedVersion[]) {
      sources.set(id, { kind, tier, validated: validated === true });
    }
  }
  return sources;
}
