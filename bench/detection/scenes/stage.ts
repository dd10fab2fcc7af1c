/**
 * A scene: a few files of a home, what is done to them, and what is true of each write. Unlike the pieces of a history its
 * truth is told by whoever wrote the scene: each write either loses these lines, or loses nothing.
 */
import type { Random } from '../random.ts';
import type { Words } from '../words.ts';

const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

export interface SceneWrite {
  readonly path: string;
  /** Milliseconds since the start of the scene; below zero for what stood there long before. */
  readonly at: number;
  /** Null: the file is deleted. */
  readonly text: string | null;
  /** True: it had read the newest text. False: a program or a person of whom no record tells. */
  readonly isSession: boolean;
  /** Writes of one number are one event, and one row is enough to tell of it; null: ordinary life around it. */
  readonly event: number | null;
  /** Lines that went with it and stand nowhere else where their reader looks; none: nothing was lost. */
  readonly lost: readonly string[];
}

/** What the repository of the home says: its reflog, and which texts it holds since when (times as in `SceneWrite`). */
export interface GitSteps {
  readonly moves: readonly { readonly at: number; readonly what: GitMove; readonly text: string }[];
  readonly held: readonly { readonly since: number; readonly text: string }[];
}

export type GitMove = 'checkout' | 'pull' | 'stash' | 'reset';

export interface Scene {
  readonly writes: readonly SceneWrite[];
  readonly git: GitSteps;
}

export interface Props {
  readonly random: Random;
  readonly words: Words;
}

/** Path, text, and what goes with it. */
export type Put = readonly [path: string, text: string | null, lost?: readonly string[]];

export class Stage {
  readonly #writes: SceneWrite[] = [];
  readonly #moves: GitSteps['moves'][number][] = [];
  readonly #held: GitSteps['held'][number][] = [];
  readonly #random: Random;
  #at = 0;
  #events = 0;

  constructor({ random }: Props) {
    this.#random = random;
  }

  /** What the first look finds, written so long before. */
  found(path: string, text: string, age = 30 * day): void {
    this.#writes.push({ path, at: -age, text, isSession: false, event: null, lost: [] });
  }

  pass(least: number, most: number): void {
    this.#at += least + this.#random.int(most - least);
  }

  /** Ordinary life: a session that has read the file writes it. */
  life(...puts: readonly Put[]): void {
    this.#put(puts, null, true);
  }

  /** An event; with lost lines it is a loss. `isSession` as in `SceneWrite`. */
  event(puts: readonly Put[], isSession = true): void {
    this.#put(puts, this.#events++, isSession);
  }

  /** These are committed or stashed by now. */
  holds(texts: Iterable<string | null>, since = this.#at): void {
    for (const text of texts) if (text !== null) this.#held.push({ since, text });
  }

  /** What git does to files of the home, and writes down. */
  git(what: GitMove, text: string, puts: readonly Put[]): void {
    this.event(puts, false);
    this.#moves.push({ at: this.#at - 5_000, what, text });
  }

  get scene(): Scene {
    return { writes: this.#writes, git: { moves: this.#moves, held: this.#held } };
  }

  #put(puts: readonly Put[], event: number | null, isSession: boolean): void {
    for (const [path, text, lost = []] of puts) {
      this.#writes.push({ path, at: this.#at, text, isSession, event, lost });
      this.#at += 3 + this.#random.int(40);
    }
    this.#at += 5_000;
  }
}

export function some<T>(random: Random, least: number, most: number, make: (i: number) => T): T[] {
  return Array.from({ length: least + random.int(most - least + 1) }, (_, i) => make(i));
}

export function slug(words: Words): string {
  return words.title().replaceAll(' ', '-');
}

/** Half an hour to a day: sessions of one or two days. */
export function later(stage: Stage): void {
  stage.pass(hour / 2, day);
}
