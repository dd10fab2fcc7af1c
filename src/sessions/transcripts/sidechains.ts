/** Sub-agents that stand inline in the transcript of their session (1.0.x) have no name: they are told apart by their first record. */
import { type Fields, isFields, text } from './record.ts';

export interface Sidechains {
  add(record: unknown): void;
  /** The uuid of the first record of the sub-agent that the record of this uuid belongs to. */
  rootOf(uuid: string): string;
}

export function sidechains(): Sidechains {
  const parents = new Map<string, string | null>();
  return {
    add(record) {
      if (!isFields(record) || record.isSidechain !== true) return;
      const uuid = text((record as Fields).uuid);
      if (uuid !== undefined) parents.set(uuid, text(record.parentUuid) ?? null);
    },
    rootOf(uuid) {
      const seen = new Set<string>();
      let at = uuid;
      for (;;) {
        seen.add(at);
        const parent = parents.get(at) ?? null;
        // A parent that is no sidechain is the session's own record.
        if (parent === null || seen.has(parent) || !parents.has(parent)) return at;
        at = parent;
      }
    },
  };
}
