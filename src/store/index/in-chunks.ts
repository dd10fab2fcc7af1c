import { pauses } from '../pauses.ts';

const chunkBytes = 1 << 20;

/** Small pieces as big ones, with a pause between any two where it is due. */
export async function* inChunks(pieces: Iterable<Buffer> | AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const pause = pauses();
  let chunk: Buffer[] = [];
  let length = 0;
  for await (const piece of pieces) {
    chunk.push(piece);
    length += piece.length;
    if (length >= chunkBytes) {
      yield Buffer.concat(chunk);
      chunk = [];
      length = 0;
    }
    await pause();
  }
  yield Buffer.concat(chunk);
}
