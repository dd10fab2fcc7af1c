/** The other side of deflate-helper.ts: deflates a batch of contents that lie end to end in one buffer. */
import { parentPort } from 'node:worker_threads';
import { deflateSync } from 'node:zlib';
import { type Batch, zlibOptions } from './deflate-batch.ts';

parentPort!.on('message', ({ lengths, bytes }: Batch) => {
  const deflated: Buffer[] = [];
  let at = 0;
  for (const length of lengths) {
    deflated.push(deflateSync(bytes.subarray(at, at + length), zlibOptions(length)));
    at += length;
  }
  const answer: Batch = {
    lengths: deflated.map(({ length }) => length),
    bytes: Uint8Array.from(Buffer.concat(deflated)),
  };
  parentPort!.postMessage(answer, [answer.bytes.buffer as ArrayBuffer]);
});
