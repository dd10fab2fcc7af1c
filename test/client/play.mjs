// Plays the lab's scenarios with a real client, one by one, each when it is told to: node play.mjs LAB VERSION CLIENTS OUT
// Says `{"scenario"}` when a home is ready, waits for a line, plays, says `{"played"}`. The lab itself plays what its
// command line names and ends the process, so it is loaded with no version to play and without the means to end it.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [, , lab, version, clients, out] = process.argv;
process.argv = [process.argv[0], process.argv[1], '--clients', clients, '--out', out];
const exit = process.exit;
process.exit = () => {};
const { run, S: scenarios } = await import(pathToFileURL(join(lab, 'lab.mjs')).href);
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

for (const [scenario, [files, script, play]] of Object.entries(scenarios)) {
  await run(version, scenario, files, script, async hands => {
    say({ scenario, folder: hands.H });
    await lines.next();
    return play(hands);
  });
  say({ played: scenario });
}
exit(0);
