/** The versions of a folder that was kept in git, as versions of a root. */
import type { FileClass, Root, Time, Version } from '../../model.ts';
import type { Store } from '../../store/store.ts';
import type { Place } from '../evidence.ts';
import { largest } from '../texts.ts';
import type { GitChange, GitHistory } from './git-history.ts';
import type { Source } from './imported.ts';
import type { Added, Importer, Past } from './importer.ts';

export interface GitImportDeps {
  readonly root: Root;
  readonly history: GitHistory;
  readonly store: Pick<Store, 'versions' | 'read'>;
  readonly importer: Importer;
  classify(root: Root, path: string): FileClass;
  /** What a person asked for. */
  wants(path: string): boolean;
  onProgress?(done: number): void;
  readonly signal?: AbortSignal;
}

export interface GitImport {
  readonly added: readonly Added[];
  /** What could not be read, or is too big to be somebody's text. */
  readonly skipped: readonly { readonly path: string; readonly why: string }[];
}

/** Times of git have whole seconds: what the store read so soon afterwards was there before the commit. */
const around: Time = 1_000;
const step: Time = 0.01;
const source: Source = { kind: 'git', tier: 'git', validated: true };

export async function importGit(deps: GitImportDeps): Promise<GitImport> {
  const { root, history, importer } = deps;
  const skipped = new Map<string, string>();
  const last = new Map<string, { readonly blob: string | null; readonly at: Time }>();
  let done = 0;
  for await (const change of history.changes()) {
    if (deps.signal?.aborted) break;
    const { path } = change;
    if (path.startsWith('../') || !isWanted(deps, path)) continue;
    const before = last.get(path);
    // Commits of one second, and clocks that were set back, keep their order.
    const at = before && change.at <= before.at ? before.at + step : change.at;
    last.set(path, { blob: change.blob, at });
    deps.onProgress?.(++done);
    if (before?.blob === change.blob) continue;
    const place: Place = { root: root.name, path };
    const past = await pastOf({ ...change, at }, history);
    if (past === null) {
      skipped.set(path, `bigger than ${largest / 1024 / 1024} MB, or not there`);
      continue;
    }
    const kept = await keptAs(deps.store, place, past, before);
    if (kept === null) await importer.add(place, [past]);
    else if (kept !== 'absent' && past.commit) importer.comesFrom(kept, past.commit);
  }
  return { added: await importer.flush(), skipped: [...skipped].map(([path, why]) => ({ path, why })) };
}

function isWanted({ root, classify, wants }: GitImportDeps, path: string): boolean {
  const fileClass = classify(root, path);
  return (fileClass === 'authored' || fileClass === 'state') && wants(path);
}

async function pastOf({ at, kind, mode, blob, commit }: GitChange, history: GitHistory): Promise<Past | null> {
  const from = { source, at, ...(commit.message === '' ? {} : { commit }) };
  if (blob === null) return { ...from, kind: 'gone', content: null };
  const content = await history.read(blob, largest);
  return content && { ...from, kind, content, mode };
}

/** The version that has the same at about that time, but for line ends; `absent` where a deletion needs none. */
async function keptAs(
  store: GitImportDeps['store'],
  place: Place,
  past: Past,
  last: { readonly blob: string | null; readonly at: Time } | undefined,
): Promise<Version | 'absent' | null> {
  const kept = store.versions(place);
  const next = kept.findIndex(({ seenAt }) => seenAt > past.at);
  const stood = next === -1 ? kept.at(-1) : kept[next - 1];
  // The commit before is newer than what was read then.
  const before = last && (!stood || stood.seenAt <= last.at) ? undefined : stood;
  if (past.kind === 'gone') {
    if (before) return before.kind === 'gone' ? before : null;
    return (last?.blob ?? null) === null ? 'absent' : null;
  }
  const after = next === -1 ? undefined : kept[next];
  const isSoon = after && Math.min(after.seenAt, after.mtime ?? after.seenAt) <= past.at + around;
  for (const version of [before, isSoon ? after : undefined]) {
    if (version && (await isSame(version, past, blob => store.read(blob)))) return version;
  }
  return null;
}

async function isSame({ kind, blob, size }: Version, { kind: wanted, content }: Past, read: Store['read']) {
  // Line ends make a text at most twice as long.
  if (kind !== wanted || blob === null || !content || size > content.length * 2 || content.length > size * 2)
    return false;
  const bytes = Buffer.from(await read(blob));
  return bytes.equals(content) || lf(bytes).equals(lf(Buffer.from(content)));
}

function lf(bytes: Buffer): Buffer {
  return bytes.includes('\r\n') ? Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1') : bytes;
}
