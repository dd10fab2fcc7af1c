/**
 * Who writes what, when: a round is a few writers on a few files, each of which saves what it read long ago, or a
 * moment ago, with a text of its own. Every text is a token that stands in one line and is never written twice.
 */
import { createHash } from 'node:crypto';
import fc from 'fast-check';

/**
 * `in place`: over the old bytes, then cut to length. `truncate`: cut to nothing, then written in two pieces.
 * `rename`: a new file takes the place of the old one. `append`: one line at the end, whatever stands there.
 */
export type Mode = 'in place' | 'truncate' | 'rename' | 'append';

export interface Write {
  readonly writer: number;
  readonly file: number;
  /** `held`: what the writer read at the start of the round, or wrote last; `fresh`: what stands there now. */
  readonly base: 'held' | 'fresh';
  readonly mode: Mode;
  /** Milliseconds after the write before it. */
  readonly after: number;
}

export interface Round {
  readonly files: number;
  readonly writers: number;
  /** Lines that every file has from the start. */
  readonly lines: number;
  readonly writes: readonly Write[];
}

export const mostWriters = 4;
export const mostStagger = 50;

/** Half of the staggers are so short that writes meet; the others are spread over all that is asked for. */
const stagger = fc.oneof(fc.constantFrom(0, 0, 1, 2, 5), fc.integer({ min: 0, max: mostStagger }));

/** A round of at most so many writes to at most so many files. */
export function anyRound(mostFiles: number, mostWrites: number): fc.Arbitrary<Round> {
  const shape = fc.record({
    files: fc.integer({ min: 1, max: mostFiles }),
    writers: fc.integer({ min: 2, max: mostWriters }),
    lines: fc.constantFrom(1, 8, 200),
  });
  return shape.chain(({ files, writers, lines }) =>
    fc.record({
      files: fc.constant(files),
      writers: fc.constant(writers),
      lines: fc.constant(lines),
      writes: fc.array(
        fc.record({
          writer: fc.nat(writers - 1),
          file: fc.nat(files - 1),
          base: fc.constantFrom('held' as const, 'fresh' as const),
          mode: fc.constantFrom<Mode>('in place', 'truncate', 'rename', 'append'),
          after: stagger,
        }),
        { minLength: 2, maxLength: mostWrites, size: 'max' },
      ),
    }),
  );
}

/** What the writers put into the files: short words that no two tokens have in common. */
export function tokenOf(round: number, write: number): string {
  return `t${round}x${write}`;
}

/** Four words out of a hash, so that no two texts look like one that was edited. */
export function wordsOf(token: string): string {
  const hex = createHash('sha1').update(token).digest('hex');
  return [0, 8, 16, 24].map(at => hex.slice(at, at + 8)).join(' ');
}

/** The line of a token. */
export function lineOf(token: string): string {
  return `- ${token} ${wordsOf(token)}\n`;
}

export function tokensIn(text: string): readonly string[] {
  return text.match(/\bt\d+x\d+\b/g) ?? [];
}

export function startText(round: number, file: number, lines: number): string {
  const start = Array.from({ length: lines }, (_, i) => lineOf(`start ${round}.${file}.${i}`));
  return `# Notes ${round}.${file}\n\n${start.join('')}`;
}
