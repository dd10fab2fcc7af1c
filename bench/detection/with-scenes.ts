/** Scenes beside what is played: in the same home, in the same days, each with files of its own. */
import type { Deed, Play, Write } from './play.ts';
import { noon } from './play.ts';
import type { Random } from './random.ts';
import type { KindId } from './scenes/kinds.ts';
import { kindOf, weights } from './scenes/kinds.ts';
import type { Scene } from './scenes/stage.ts';
import { hour } from './scenes/stage.ts';
import type { Words } from './words.ts';

/** A scene whose files are there already is drawn anew, so often. */
const TRIES = 4;
/** A session reads so long before it writes (milliseconds). */
const READ_MS = 4_000;

export function withScenes(played: Play, count: number, random: Random, words: Words): Play {
  let play = played;
  const taken = new Set(played.writes.map(({ path }) => path));
  for (let i = 0; i < count; i++) {
    for (let tries = 0; tries < TRIES; tries++) {
      const kind = random.weighted(weights);
      const scene = kindOf(kind).make({ random, words });
      if (scene.writes.some(({ path }) => taken.has(path))) continue;
      for (const { path } of scene.writes) taken.add(path);
      play = withScene(play, kind, scene, i, noon + random.int(6 * hour));
      break;
    }
  }
  return play;
}

const nothing: Play = { writes: [], deeds: [], writers: [], end: noon, git: { moves: [], held: [] } };

export function alone(kind: KindId, random: Random, words: Words): Play {
  return withScene(nothing, kind, kindOf(kind).make({ random, words }), 0, noon);
}

function withScene(play: Play, kind: KindId, { writes, git }: Scene, i: number, start: number): Play {
  const made: Write[] = [];
  const deeds: Deed[] = [];
  const texts = new Map<string, string | null>();
  for (const [j, { path, at: since, text, isSession, event, lost }] of writes.entries()) {
    const isFound = since < 0;
    const at = isFound ? noon + since : start + since;
    const before = texts.get(path) ?? null;
    if (text === before) continue;
    texts.set(path, text);
    const by = isSession && text !== null ? `${kind}-${i}-${j}` : null;
    const scene = { kind, event: event === null ? null : `${kind} ${i} ${event}`, lost };
    const pieces = text === null ? null : [];
    const deed = isFound ? 'first' : kind;
    made.push({ path, at, by, deed, pieces, text: text ?? '', gone: new Map(), isStale: false, scene });
    if (by === null || text === null) continue;
    if (before !== null)
      deeds.push({ by, at: at - READ_MS, path, does: 'read', before: null, after: before, shown: before });
    deeds.push({ by, at, path, does: 'write', before, after: text, shown: text });
  }
  return {
    writes: [...play.writes, ...made],
    deeds: [...play.deeds, ...deeds],
    writers: [...play.writers, ...new Set(deeds.map(({ by }) => by))],
    end: Math.max(play.end, ...made.map(({ at }) => at)),
    git: {
      // A reflog has whole seconds.
      moves: [
        ...play.git.moves,
        ...git.moves.map(move => ({ ...move, at: Math.floor((start + move.at) / 1_000) * 1_000 })),
      ],
      held: [...play.git.held, ...git.held.map(({ since, text }) => ({ since: start + since, text }))],
    },
  };
}
