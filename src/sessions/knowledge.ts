/** What a session last knew of a path, and how we know. */
import type { Time } from '../model.ts';
import type { Act, Actor, KnownContent } from './act.ts';
import { isChange, isSameActor } from './attribute.ts';
import { compareVersions } from './transcripts/versions.ts';

export interface LastKnown {
  /** The content it last had as a whole, and the act that gave it; null when it never had one, as far as records tell. */
  readonly whole: { readonly content: KnownContent; readonly act: Act } | null;
  /** True when it read the file later still, but what it read then is not known. */
  readonly isUnclear: boolean;
}

/** Whose knowledge, and when. */
export interface Viewpoint extends Actor {
  readonly at: Time;
}

/**
 * `acts` in the order in which they happened. What came back before the moment is known; a call that was still under way is
 * not. Who edits a file that others have changed since learns nothing of their changes: its own copy stays what it was,
 * with its edit in it.
 */
export function lastKnown(acts: readonly Act[], viewpoint: Viewpoint): LastKnown {
  let whole: LastKnown['whole'] = null;
  let isUnclear = false;
  for (const act of acts) {
    if (act.at > viewpoint.at || !isHis(act, viewpoint)) continue;
    if (act.kind === 'read' || act.kind === 'given' || (isChange(act) && isWhole(act))) {
      if (act.after) whole = { content: act.after, act };
      isUnclear = act.after === null && act.kind !== 'given';
    } else if (act.kind === 'edit' && act.after && act.before?.blob === whole?.content.blob) {
      whole = { content: act.after, act };
    }
  }
  return { whole, isUnclear };
}

/** True for its own acts, and for those that a fork or a resumed session took over with its transcript. */
export function isHis(act: Act, actor: Actor): boolean {
  return isSameActor(act, actor) || (act.knownTo ?? []).some(other => isSameActor(other, actor));
}

/** True for what showed its actor the file, or a piece of it. */
export function isSeeing({ kind }: Act): boolean {
  return kind === 'read' || kind === 'given' || kind === 'part';
}

/** True when the act put a whole content there: what it took away it need not have named. */
export function isWhole({ kind, shell }: Act): boolean {
  return kind === 'write' || (kind === 'shell' && (shell === 'write' || shell === 'replace' || shell === 'run'));
}

/** Clients up to 2.1.45 begin without the index of their memory, 2.1.72 has it: asked of what they send to a model. */
const mayHaveMemory = '2.1.46';

/** Clients up to 2.1.92 show a changed file at the next prompt and write nothing down; 2.1.100 has a record of it. */
const recordsChangesFrom = '2.1.100';

/** True when a client records the notes on changed files that it puts before a session; not when its version is not known. */
export function recordsChanges(version: string | null): boolean {
  return version !== null && compareVersions(version, recordsChangesFrom) >= 0;
}

/**
 * True for a file that a client may put before a session at its start without a word in the transcript: instructions, what
 * they import, and the index of the memory. `version` is the client's, where it is known.
 */
export function mayBeGivenUnsaid(path: string, version: string | null = null): boolean {
  const isIndex = /^(profiles\/[^/]+\/)?projects\/[^/]+\/memory\/MEMORY\.md$/i.test(path);
  if (isIndex && version !== null && compareVersions(version, mayHaveMemory) < 0) return false;
  return (
    /(^|\/)(CLAUDE|CLAUDE\.local|AGENTS|MEMORY)\.md$/i.test(path) ||
    /^(profiles\/[^/]+\/)?(rules\/.*|[^/]+\.md)$/i.test(path)
  );
}
