/** `undertext demo`: the two stories, played by real processes in a throwaway folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { UndertextError } from '../errors.ts';
import { demoJson } from '../report/demo-text.ts';
import { type Call, type Command, globalOptions, type World } from './command.ts';
import { restore } from './restore.ts';
import { styleOf } from './setup.ts';
import { show } from './show.ts';
import { watch } from './watch.ts';

export const demo: Command = {
  name: 'demo',
  summary: 'plays two silent overwrites with real processes in a throwaway folder, shows them, and mends them',
  usage: ['demo [--keep]'],
  arguments: 0,
  options: { keep: { type: 'boolean', help: 'leave the folder there, to try the other commands on it' } },
  examples: [
    { line: 'undertext demo', does: 'takes a few seconds and touches nothing of yours' },
    { line: 'undertext demo --keep', does: 'prints where the folder is; remove it yourself' },
  ],
  exits: { 0: 'both losses were seen and mended', 1: 'a text is still missing (please report it)' },
  run: async call => {
    const folder = mkdtempSync(join(tmpdir(), 'undertext-demo-'));
    try {
      return (await play(call, folder)) ? 0 : 1;
    } finally {
      if (!call.has('keep')) rmSync(folder, { recursive: true, force: true });
    }
  },
};

const memory = 'projects/-home-me-reader/memory';
const voiceLine = '- [voice-buffer](voice-buffer/SKILL.md) — when speech may be cut\n';
const citeLine = '- [cite-track](cite-track/SKILL.md) — which claim has which source\n';
const invariants = '\n## Voice buffer invariants\n\nThe buffer is never flushed inside a word.\n';
const gotcha = '\n## og:double-emit gotcha\n\nThe preview is emitted twice when the title changes.\n';

async function play(call: Call, folder: string): Promise<boolean> {
  const home = join(folder, '.claude');
  const index = join(home, 'skills/_index.md');
  const notes = join(home, memory, 'architecture.md');
  put(index, '# Skills\n\n- [pdf](pdf/SKILL.md) — reading papers\n');
  put(join(home, 'skills/pdf/SKILL.md'), skill('pdf', 'reading papers'));
  put(join(home, memory, 'MEMORY.md'), '# Memory\n\n- [Architecture](architecture.md) — how the reader is built\n');
  put(notes, '# Architecture\n\n## Overview\n\nOne process reads, one speaks.\n');

  const say = (text: string) => call.world.out.write(call.has('json') ? '' : `${text}\n`);
  const { bold, dim } = styleOf(call);
  const options = { root: [home], store: join(folder, 'store'), config: join(folder, 'config.json') };
  put(options.config, '{}');
  const watcher = await startWatching(call.world, options);
  try {
    await say(bold('1. The index'));
    await say(dim(`   two sessions, ${index}`));
    const c = await session(call.world.node, index, citeLine);
    await say('   session C reads the index');
    put(join(home, 'skills/voice-buffer/SKILL.md'), skill('voice-buffer', 'when speech may be cut'));
    await (await session(call.world.node, index, voiceLine)).write();
    await watcher.sees('version', 'skills/_index.md');
    await say('   session A adds its skill and the line for it');
    put(join(home, 'skills/cite-track/SKILL.md'), skill('cite-track', 'which claim has which source'));
    await c.write();
    await say('   session C saves the index with its own line, from the copy it read before\n');
    const first = await watcher.sees('incident', 'skills/_index.md');
    await type(call, options, show, first);
    await type(call, options, restore, first);
    await say(`${bold('The file now:')}\n\n${readFileSync(index, 'utf8')}`);

    await say(bold('2. The memory file'));
    await say(dim(`   two sessions, ${notes}`));
    const b = await session(call.world.node, notes, gotcha);
    await (await session(call.world.node, notes, invariants)).write();
    await watcher.sees('version', `${memory}/architecture.md`);
    await b.write();
    await say('   A adds a section; B adds another from an older copy\n');
    const second = await watcher.sees('incident', `${memory}/architecture.md`);
    await type(call, options, show, second);
    await type(call, options, restore, second);
    await say(`${bold('The file now:')}\n\n${readFileSync(notes, 'utf8')}`);

    const texts = [readFileSync(index, 'utf8'), readFileSync(notes, 'utf8')];
    const isWhole =
      [voiceLine, citeLine].every(line => count(texts[0]!, line) === 1) &&
      [invariants, gotcha].every(section => count(texts[1]!, section.trim()) === 1);
    if (call.has('json')) await call.world.out.write(demoJson([first, second], isWhole));
    await say(
      isWhole ? 'Both texts of both files are there. Your own watcher: `undertext watch`' : 'a text is still missing',
    );
    if (call.has('keep')) await say(`kept: --root ${home} --store ${options.store}`);
    else await say(dim('The folder of this demo is gone, and its ids with it; `--keep` leaves it there.'));
    return isWhole;
  } finally {
    await watcher.stop();
  }
}

function put(file: string, text: string): void {
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
}

function skill(name: string, description: string): string {
  return `---\nname: ${name}\ndescription: ${description}\n---\n\n# ${name}\n`;
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

/** Starts a process that has read `file` when this resolves, and writes when told. */
async function session(node: string, file: string, addition: string): Promise<{ write(): Promise<void> }> {
  const script = fileURLToPath(new URL('../../bin/demo-writer.js', import.meta.url));
  const child = spawn(node, [script, file, addition], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  return {
    write: async () => {
      child.stdin.end('now\n');
      await lines.next();
      await ended(child);
    },
  };
}

function ended(child: ChildProcess): Promise<void> {
  return child.exitCode !== null ? Promise.resolve() : new Promise(resolve => child.once('exit', () => resolve()));
}

type Values = Readonly<Record<string, string | boolean | readonly string[]>>;

/** Runs a command as a person would, here with the store of the demo. */
async function type(call: Call, options: Values, command: Command, incident: string): Promise<void> {
  const silent = { write: async () => {}, isTerminal: false, columns: 80 };
  const world = call.has('json') ? { ...call.world, out: silent } : call.world;
  await world.out.write(`$ undertext ${command.name} ${incident}\n`);
  await command.run(callOf(world, options, [incident]));
  await world.out.write('\n');
}

interface Watching {
  /** Waits for a line of `watch --json` about that path; gives the incident's id, or ''. */
  sees(type: string, path: string): Promise<string>;
  stop(): Promise<void>;
}

/** Runs `watch --json` beside us, in this process. */
async function startWatching(world: World, options: Values): Promise<Watching> {
  const lines: { type: string; path?: string; incident?: { id: string; path: string } }[] = [];
  let wake = () => {};
  let isOver = false;
  const out = {
    write: async (text: string | Uint8Array) => {
      for (const line of text.toString().split('\n')) if (line !== '') lines.push(JSON.parse(line));
      wake();
    },
    isTerminal: false,
    columns: 80,
  };
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, world.signal]);
  const over = watch.run(callOf({ ...world, out, signal }, { ...options, json: true }, [])).finally(() => {
    isOver = true;
    wake();
  });
  over.catch(() => {});

  let next = 0;
  const sees = async (type: string, path: string): Promise<string> => {
    for (;;) {
      for (; next < lines.length; next++) {
        const line = lines[next]!;
        if (line.type === type && (path === '' || (line.incident?.path ?? line.path) === path)) {
          next++;
          return line.incident?.id ?? '';
        }
      }
      if (isOver) {
        await over;
        throw new UndertextError(
          'internal',
          'the watcher of the demo ended too early',
          'run `undertext demo` again; report it if it stays',
        );
      }
      await new Promise<void>(resolve => {
        wake = resolve;
      });
    }
  };
  await sees('ready', '');
  return {
    sees,
    stop: async () => {
      stop.abort();
      await over;
    },
  };
}

function callOf(world: World, values: Values, words: readonly string[]): Call {
  const texts = (option: string) => [values[option] ?? []].flat().filter(value => typeof value === 'string');
  const known = new Set(Object.keys(globalOptions));
  return {
    world,
    command: 'demo',
    arguments: words.filter(word => !known.has(word)),
    text: option => texts(option)[0],
    texts,
    has: option => values[option] === true,
  };
}
