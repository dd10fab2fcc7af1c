/** From what a person types to a path of a root, and to a version of it. */
import { errno, UndertextError } from '../errors.ts';
import { forgottenOf } from '../history/forgotten.ts';
import { parseTime, pickVersion } from '../history/times.ts';
import { locate } from '../home/roots.ts';
import type { Root, Version } from '../model.ts';
import { clock } from '../report/times.ts';
import { visible } from '../report/visible.ts';
import type { Setup } from './setup.ts';

export interface PathAt {
  readonly root: Root;
  readonly path: string;
  /** Oldest first; never empty. */
  readonly versions: readonly Version[];
  /** The version that was asked for with `@`; null when none was. */
  readonly version: Version | null;
}

/** Understands `PATH` and `PATH@VERSION`; a path may itself hold an `@`. @throws UndertextError `not-found` */
export function pathAt(setup: Setup, argument: string): PathAt {
  const whole = known(setup, argument);
  if (whole) return { ...whole, version: null };
  const cut = argument.lastIndexOf('@');
  const before = cut > 0 ? known(setup, argument.slice(0, cut)) : null;
  if (!before) {
    throw new UndertextError(
      'not-found',
      `no version of "${visible(cut > 0 ? argument.slice(0, cut) : argument)}" is kept`,
      'a path may be absolute, relative to this folder, or relative to a root; `undertext status` shows the roots',
    );
  }
  return { ...before, version: versionOf(setup, before, argument.slice(cut + 1)) };
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

function known(setup: Setup, argument: string): Omit<PathAt, 'version'> | null {
  const { roots, store, world } = setup;
  const located = locate(argument, roots, world.cwd);
  const candidates = [
    ...(located ? [located] : []),
    ...roots.map(root => ({ root, path: argument.replace(/^\.\//, '') })),
  ];
  for (const { root, path } of candidates) {
    const versions = store.versions({ root: root.name, path });
    if (versions.length > 0) return { root, path, versions };
  }
  return argument.includes('\\') ? knownAsPrinted(setup, argument) : null;
}

/** A name that no keyboard can type, copied from our output. */
function knownAsPrinted({ roots, store }: Setup, argument: string): Omit<PathAt, 'version'> | null {
  for (const { root: name, path } of store.paths()) {
    const root = roots.find(each => each.name === name);
    if (root && visible(path) === argument) return { root, path, versions: store.versions({ root: name, path }) };
  }
  return null;
}

/** True when the error says that a file is not there. */
export function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(errno(error));
}
