/** `watch --json`: one object per line. */
import type { Gap, Incident, Version } from '../model.ts';
import { plainGap, plainIncident } from './audit-json.ts';
import { jsonText } from './json-text.ts';
import type { PrunedInShort } from './prune-text.ts';
import { iso } from './times.ts';

export type WatchLine =
  | {
      readonly type: 'ready';
      readonly roots: readonly { readonly name: string; readonly path: string }[];
      readonly files: number;
      readonly folders: number;
      readonly source: string;
    }
  | { readonly type: 'version'; readonly version: Version }
  /** `revised`: it was told before, and evidence has changed what is known of it since. */
  | { readonly type: 'incident'; readonly incident: Incident; readonly revised?: boolean }
  | { readonly type: 'resolved'; readonly id: string; readonly by: string }
  | { readonly type: 'gap'; readonly gap: Gap }
  | { readonly type: 'warning'; readonly code: string; readonly message: string; readonly hint: string }
  | ({ readonly type: 'pruned' } & PrunedInShort)
  /** `weak`: how many open incidents may have been meant. */
  | { readonly type: 'stopped'; readonly versions: number; readonly weak?: number };

export function watchLine(line: WatchLine): string {
  return `${jsonText(plain(line))}\n`;
}

function plain(line: WatchLine): object {
  if (line.type === 'ready') return { ...line, roots: line.roots.map(({ name, path }) => ({ name, path })) };
  if (line.type === 'version') {
    const { root, path, id, kind, at, how, settled } = line.version;
    return { type: line.type, root, path, version: id, kind, at: iso(at), how, settled };
  }
  if (line.type === 'incident') {
    return { type: line.type, ...(line.revised ? { revised: true } : {}), incident: plainIncident(line.incident) };
  }
  if (line.type === 'gap') return { type: line.type, ...plainGap(line.gap) };
  return line;
}
