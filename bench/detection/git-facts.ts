/** What the repository of a home would say of a history that is played. */
import type { Play } from './play.ts';
import { blobOf } from './versions.ts';

/** As an audit asks for it; a history without git has none. */
export function gitFactsOf({ git: { moves, held } }: Play) {
  if (moves.length === 0) return {};
  const since = new Map<string, number>();
  for (const each of held) {
    const blob = blobOf(Buffer.from(each.text));
    since.set(blob, Math.min(each.since, since.get(blob) ?? Infinity));
  }
  const sorted = moves.map(move => ({ ...move, committed: null })).sort((a, b) => a.at - b.at);
  return {
    git: {
      moves: (_root: string, from: number, to: number) => sorted.filter(({ at }) => at + 1_000 > from && at <= to),
      holds: (_root: string, blob: string) => since.has(blob),
      heldSince: (_root: string, blob: string) => since.get(blob) ?? null,
    },
  };
}
