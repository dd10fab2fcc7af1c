/** What was lost for good, as a repair has said once in a note. */
import { UndertextError } from '../../errors.ts';
import type { Note, Time } from '../../model.ts';

/** The data of a note of kind `lost`. */
export interface Lost {
  /** The ids of the versions that cannot be restored. */
  readonly versions: readonly string[];
  /** Their contents. */
  readonly blobs: readonly string[];
}

export interface Losses {
  readonly ids: ReadonlySet<string>;
  readonly losses: readonly { readonly at: Time; readonly versions: readonly string[] }[];
}

/** What is lost still: a content that came back since, because somebody wrote it again, is whole. */
export function lostIn(notes: readonly Note[], isWhole: (blob: string) => boolean): Losses {
  const ids = new Set<string>();
  const losses = notes.flatMap(({ at, data }) => {
    const { versions, blobs } = lostOf(data);
    const left = versions.filter((_, i) => !isWhole(blobs[i]!));
    for (const id of left) ids.add(id);
    return left.length === 0 ? [] : [{ at, versions: left }];
  });
  return { ids, losses };
}

/** A store that somebody else made may say anything. */
function lostOf(data: unknown): Lost {
  const { versions, blobs } = (data ?? {}) as Partial<Record<keyof Lost, unknown>>;
  const isList = (value: unknown) => Array.isArray(value) && value.every(each => typeof each === 'string');
  const isPaired = isList(versions) && isList(blobs) && (data as Lost).versions.length === (data as Lost).blobs.length;
  return isPaired ? (data as Lost) : { versions: [], blobs: [] };
}

/** The error for a content that cannot be read: when it was lost, it says when. */
export function sayLost(error: unknown, blob: string, notes: readonly Note[]): unknown {
  if (!(error instanceof UndertextError) || (error.code !== 'not-found' && error.code !== 'damaged')) return error;
  const note = notes.find(({ data }) => lostOf(data).blobs.includes(blob));
  if (!note) return error;
  const day = new Date(Math.max(0, Math.min(8.64e15, note.at))).toISOString().slice(0, 10);
  return new UndertextError(
    'damaged',
    `the content of this version is lost: on ${day} it was found damaged in the store, and stood nowhere else`,
    'the other versions of the path are whole: `undertext log PATH` lists them',
    error,
  );
}
