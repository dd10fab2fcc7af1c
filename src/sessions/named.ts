/** The versions of a path, with the names of their contents as records know them. */
import type { Time, Version } from '../model.ts';

export interface Named {
  readonly version: Version;
  /** Git's name of the content with LF line ends; null where there is no content. */
  readonly name: string | null;
}

/**
 * The version with that content that stood there at that moment: the newest that came by then, else the first seen later. For a
 * content nobody knows (null): what stood there.
 */
export function standing(versions: readonly Named[], name: string | null, at: Time): Version | null {
  const same = name === null ? versions : versions.filter(each => each.name === name);
  const came = ({ version }: Named) => Math.min(version.at, version.seenAt);
  const found = same.findLast(each => came(each) <= at) ?? (name === null ? undefined : same[0]);
  return found?.version ?? null;
}

/** Where the content of a version was seen first, when it was seen several times in a row: a later look is no write. */
export function firstInARow(versions: readonly Named[], index: number): Version | undefined {
  let at = index;
  while (at > 0 && versions[at]!.name !== null && versions[at - 1]!.name === versions[at]!.name) at--;
  return versions[at]?.version;
}
