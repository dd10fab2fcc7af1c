// Plays the lab's scenarios and ours with a real client, one by one, each when it is told to: node play.mjs LAB VERSION CLIENTS OUT [WORD]
// Says `{"scenario"}` when a home is ready, waits for a line, plays, says `{"played"}`. What a client sends to the model is kept
// in `OUT/sent/NUMBER`. The lab itself plays what its command line names and ends the process, so it is loaded with no version to
// play and without the means to end it. WORD: only the scenarios whose names hold it.
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { scenarios as ours } from './scenarios.mjs';

const [, , lab, version, clients, out, word = ''] = process.argv;
process.argv = [process.argv[0], process.argv[1], '--clients', clients, '--out', out];
const exit = process.exit;
process.exit = () => {};
const { run, S: theirs } = await import(pathToFileURL(join(lab, 'lab.mjs')).href);
process.exit = exit;

const say = line => process.stdout.write(`${JSON.stringify(line)}\n`);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

// The lab counts its ports up from here: whoever has one of them plays at the same time.
const probe = createServer().listen(18900, '127.0.0.1');
await once(probe, 'listening').catch(() => {
  say({ trouble: 'the lab is playing elsewhere on this machine: port 18900 is taken' });
  exit(1);
});
probe.close();

const all = [
  ...Object.entries(theirs).map(([name, [files, script, play]]) => ({ name, files, script, play, about: null })),
  ...Object.keys(ours('', '')).map((name, i) => {
    // The lab makes the folder of a run out of its name.
    const short = `own${i + 1}`;
    const home = join(out, version, short);
    const project = join(home, 'proj').replace(/[^a-zA-Z0-9]/g, '-');
    return { ...ours(home, project)[name], name: short, title: name };
  }),
];
for (const [i, { name, title = name, files, script, play, about }] of all.entries()) {
  if (!title.includes(word)) continue;
  const sent = join(out, 'sent', String(i));
  mkdirSync(sent, { recursive: true });
  process.env.DUMP = sent;
  await run(version, name, files, script, async hands => {
    say({ scenario: title, folder: hands.H, sent, about });
    await lines.next();
    return play(hands);
  });
  say({ played: title });
}
exit(0);
