/** Where imported versions came from: notes of kind `import`. */
import type { Note, Time } from '../../model.ts';
import type { Tier } from '../act.ts';

export type ImportKind = 'transcript' | 'file-history' | 'backup' | 'git';

export interface Source {
  readonly kind: ImportKind;
  readonly tier: Tier;
  /** True when something independent agrees that exactly this stood there. */
  readonly validated: boolean;
  /** True when whoever committed it said that it takes back an earlier commit. Left out: false. */
  readonly isRevert?: boolean;
  /** What its commit says. Left out: nothing. */
  readonly message?: string;
}

export interface ImportedVersion extends Source {
  readonly id: string;
}

/** As a note has it: what one commit said stands there once, for all of its files. */
interface Told {
  readonly versions: readonly (Omit<ImportedVersion, 'message'> & { readonly said?: number })[];
  readonly messages: readonly string[];
}

/** One note tells of so many versions at most. */
const perNote = 500;

export function importNotes(versions: readonly ImportedVersion[], at: Time): readonly Note[] {
  const notes: Note[] = [];
  for (let i = 0; i < versions.length; i += perNote) {
    const messages = [...new Set(versions.slice(i, i + perNote).flatMap(({ message }) => message ?? []))];
    const told = versions.slice(i, i + perNote).map(({ message, ...version }) => {
      return message === undefined ? version : { ...version, said: messages.indexOf(message) };
    });
    notes.push({ kind: 'import', at, data: { versions: told, ...(messages.length > 0 ? { messages } : {}) } });
  }
  return notes;
}

/** By the id of the version. */
export function importedOf(notes: readonly Note[]): ReadonlyMap<string, Source> {
  const sources = new Map<string, Source>();
  for (const { kind, data } of notes) {
    const { versions, messages } = ((kind === 'import' ? data : null) as Partial<Told> | null) ?? {};
    if (!Array.isArray(versions)) continue;
    for (const { id, kind, tier, validated, isRevert, said } of versions as Told['versions']) {
      const message = said === undefined ? undefined : messages?.[said];
      sources.set(id, {
        kind,
        tier,
        validated: validated === true,
        ...(isRevert === true ? { isRevert } : {}),
        ...(typeof message === 'string' ? { message } : {}),
      });
    }
  }
  return sources;
}
