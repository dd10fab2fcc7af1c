/**
 * Changes what a watcher stands on, as a file says that it is told of in UNDERTEXT_SURROUNDINGS: `{ "clock": MS }` moves the
 * system's clock, `{ "hog": true }` takes every descriptor that is left. Loaded by `node --import`, before the program.
 */
import { closeSync, openSync, readSync } from 'node:fs';

const file = process.env.UNDERTEXT_SURROUNDINGS;
const realNow = Date.now;
let clock = 0;
const taken = [];
// Held open from the start: later there may be no descriptor for it.
const handle = openSync(file, 'r');
setInterval(() => {
  const bytes = Buffer.alloc(200);
  let told;
  try {
    told = JSON.parse(bytes.toString('utf8', 0, readSync(handle, bytes, 0, 200, 0)));
  } catch {
    return; // it is being written
  }
  clock = told.clock ?? 0;
  if (told.hog) takeAll();
  else while (taken.length > 0) closeSync(taken.pop());
}, 2).unref();
Date.now = () => realNow() + clock;

function takeAll() {
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'));
  } catch {
    // there are none left
  }
}
