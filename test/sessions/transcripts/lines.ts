/** Lines of transcripts as clients write them, and a home to put them into. */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import type { RawAct } from '../../../src/sessions/act.ts';
import { findTranscripts, type Transcript } from '../../../src/sessions/transcripts/find.ts';
import { lookAtRoot } from '../../../src/sessions/transcripts/look-at-root.ts';
import type { Mark } from '../../../src/sessions/transcripts/mark.ts';
import { type Places, placesOf } from '../../../src/sessions/transcripts/places.ts';
import { type Scanned, scanTranscript } from '../../../src/sessions/transcripts/scan.ts';

export const noon = Date.UTC(2026, 0, 5, 12);

/** Seconds after noon. */
export const clock = (seconds: number) => new Date(noon + seconds * 1000).toISOString();

export interface Frame {
  readonly at?: number;
  readonly session?: string;
  readonly agent?: string;
  readonly uuid?: string;
  readonly parent?: string | null;
  readonly isSidechain?: boolean;
  readonly cwd?: string;
  readonly version?: string;
  readonly branch?: string;
}

/** The fields that every record of a session has. */
export function frame({
  at = 0,
  session = 's1',
  agent,
  uuid,
  parent = null,
  isSidechain,
  cwd = '/home/me/app',
  version = '2.1.331',
  branch,
}: Frame) {
  return {
    parentUuid: parent,
    isSidechain: isSidechain ?? agent !== undefined,
    ...(agent === undefined ? {} : { agentId: agent }),
    cwd,
    sessionId: session,
    version,
    ...(branch === undefined ? {} : { gitBranch: branch }),
    uuid: uuid ?? `u${at}-${session}`,
    timestamp: clock(at),
  };
}

export function promptLine(words: string, of: Frame = {}) {
  return { ...frame(of), type: 'user', message: { role: 'user', content: words } };
}

export function callLine(id: string, name: string, input: object, of: Frame = {}) {
  const content = [{ type: 'tool_use', id, name, input }];
  return { ...frame(of), type: 'assistant', message: { id: 'msg_1', role: 'assistant', content } };
}

/** `result` is left out where a client writes none. */
export function answerLine(id: string, words: string | object[], result: unknown, of: Frame = {}) {
  const isError = typeof result === 'string';
  const block = { tool_use_id: id, type: 'tool_result', content: words, ...(isError ? { is_error: true } : {}) };
  const message = { role: 'user', content: [block] };
  return { ...frame(of), type: 'user', message, ...(result === undefined ? {} : { toolUseResult: result }) };
}

/** A refusal or a failure, as the client tells it to the model and keeps it. */
export function errorLine(id: string, words: string, of: Frame = {}) {
  return answerLine(id, `<tool_use_error>${words}</tool_use_error>`, `Error: ${words}`, of);
}

export function attachmentLine(attachment: object, of: Frame = {}) {
  return { ...frame(of), type: 'attachment', attachment };
}

export const jsonl = (...records: readonly object[]) => records.map(record => `${JSON.stringify(record)}\n`).join('');

/** What a Read shows: the whole text, or `lines` of it. */
export function readResult(filePath: string, content: string, more: object = {}) {
  const numLines = content.split('\n').length;
  return { type: 'text', file: { filePath, content, numLines, startLine: 1, totalLines: numLines, ...more } };
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export interface Home {
  readonly path: string;
  readonly places: Places;
  write(path: string, text: string | Uint8Array): void;
  file(path: string): Transcript;
  scan(path: string, mark?: Mark | null): Promise<Scanned>;
}

/** An empty home in a folder of its own, called `.claude`. `spelled` is what its transcripts call it. */
export function makeHome(files: Readonly<Record<string, string>> = {}): Home {
  const folder = mkdtempSync(join(tmpdir(), 'transcripts-'));
  folders.push(folder);
  const path = join(folder, '.claude');
  const write = (name: string, text: string | Uint8Array): void => {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  };
  mkdirSync(path, { recursive: true });
  for (const [name, text] of Object.entries(files)) write(name, text);
  let places: Places | undefined;
  const home: Home = {
    path,
    get places() {
      places ??= placesOf([lookAtRoot({ name: 'claude', path, beside: ['../.claude.json'] })]);
      return places;
    },
    write,
    file(name) {
      const found = findTranscripts(path).find(file => file.path === name);
      if (found === undefined) throw new Error(`no ${name}; ${statSync(path).size}`);
      return found;
    },
    scan: (name, mark = null) => scanTranscript(home.file(name), mark, { places: home.places, home: 'claude' }),
  };
  return home;
}

/** An act without what all acts have: to be compared at a glance. */
export function brief({
  kind,
  path,
  tool,
  agent,
  after,
  before,
  edits,
  patch,
  shell,
  why,
  firstLine,
  isTrimmed,
  isCopy,
  isLate,
  isUnchanged,
}: RawAct) {
  const all = {
    kind,
    tool,
    path,
    agent,
    before,
    after,
    edits,
    patch,
    shell,
    why,
    firstLine,
    isTrimmed,
    isCopy,
    isLate,
    isUnchanged,
  };
  return Object.fromEntries(
    Object.entries(all).filter(([key, value]) => value !== undefined && !(key === 'agent' && value === null)),
  );
}
