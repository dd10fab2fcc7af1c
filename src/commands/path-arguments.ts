/** From what a person types to a path of a root, and to a version of it. */
import { errno, UndertextError } from '../errors.ts';
import { forgottenOf } from '../history/forgotten.ts';
import { parseTime, pickVersion } from '../history/times.ts';
import type { Version } from '../model.ts';
import { visible } from '../report/visible.ts';
import { clock } from '../rule.ts';
import { type Kept, known, named, nothingKept } from './kept-paths.ts';
import type { Setup } from './setup.ts';

export interface PathAt extends Kept {
  /** The version that was asked for with `@`; null when none was. */
  readonly version: Version | null;
}

/**
 * Understands `PATH` and `PATH@VERSION`; a path may itself hold an `@`. A unique name (`MEMORY.md`) or end of a path is
 * enough, unless `isExact`. @throws UndertextError `not-found`, with the nearest paths; `usage` for a name of several files
 */
export function pathAt(setup: Setup, argument: string, { isExact = false } = {}): PathAt {
  const cut = argument.lastIndexOf('@');
  const [whole, before] = [argument, cut > 0 ? argument.slice(0, cut) : null];
  const words = before === null ? [whole] : [whole, before];
  const ways = isExact ? [known] : [known, named];
  for (const find of ways) {
    for (const word of words) {
      const file = find(setup, word);
      if (file === null) continue;
      return { ...file, version: word === whole ? null : versionOf(setup, file, argument.slice(cut + 1)) };
    }
  }
  throw nothingKept(setup, before ?? whole);
}

/** The version a person means by an id, a prefix of one, `latest`, `2h` or a time. @throws UndertextError `not-found` */
export function versionOf(setup: Setup, file: Omit<PathAt, 'version'>, spec: string): Version {
  const version = pickVersion(file.versions, spec, setup.world.now());
  if (version) return version;
  const time = parseTime(spec, setup.world.now());
  if (time !== null) {
    const first = clock(file.versions[0]!.at, setup.world.now());
    throw new UndertextError(
      'not-found',
      `no version of ${visible(file.path)} was kept that early`,
      `the first is ${file.versions[0]!.id}, of ${first}`,
    );
  }
  throw new UndertextError(
    'not-found',
    `${visible(file.path)} has no version "${visible(spec)}"`,
    `\`undertext log ${visible(file.path)}\` lists its ${file.versions.length} versions`,
  );
}

/** Bytes of a version; nothing for one that is gone. @throws UndertextError `refused` for a secret, or one forgotten */
export async function bytesOf(setup: Setup, version: Version): Promise<Uint8Array> {
  const content = contentName(setup, version);
  return content === null ? new Uint8Array() : await setup.store.read(content);
}

/** The name of a version's content; null when it has none. @throws UndertextError `refused` for a secret, or one forgotten */
export function contentName(setup: Setup, version: Version): string | null {
  if (version.kind === 'withheld') {
    mustNotBeForgotten(setup, version);
    throw new UndertextError(
      'refused',
      `${visible(version.path)} is a secret: its content is never kept`,
      'nothing can be done',
    );
  }
  return version.blob;
}

/** @throws UndertextError `refused`, with the date, for a version whose content was forgotten */
export function mustNotBeForgotten({ store, world }: Setup, { id, path }: Version): void {
  const forgotten = forgottenOf(store.notes('forgotten')).get(id);
  if (!forgotten) return;
  const why = forgotten.reason === null ? '' : `: ${visible(forgotten.reason)}`;
  throw new UndertextError(
    'refused',
    `the content of version ${id} of ${visible(path)} was forgotten (${clock(forgotten.at, world.now())})${why}`,
    `it cannot come back; \`undertext log ${visible(path)}\` lists the versions that have text`,
  );
}

/** True when the error says that a file is not there. */
export function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(errno(error));
}
