/** Tool calls of real transcripts, of any path: read for the measurement alone, every line parsed. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Hunk, RawAct } from '../../../src/sessions/act.ts';
import { wholeAct } from '../../../src/sessions/transcripts/owner.ts';
import { everyPlace } from '../../../src/sessions/transcripts/places.ts';
import { scanTranscript } from '../../../src/sessions/transcripts/scan.ts';

export interface CorpusAct extends RawAct {
  readonly version: string;
}

interface Call {
  readonly name: string;
  readonly input: Said;
  readonly at: number;
  readonly offset: number;
}

interface Rec {
  readonly type?: string;
  readonly data?: { readonly message?: Rec };
  readonly message?: { readonly content?: unknown };
  readonly toolUseResult?: unknown;
  readonly timestamp?: string;
  readonly sessionId?: string;
  readonly agentId?: string;
  readonly version?: string;
  readonly uuid?: string;
}

/** A result object, and an input: only what is asked for here. */
interface Said {
  readonly type?: string;
  readonly filePath?: string;
  readonly file?: {
    readonly filePath?: string;
    readonly content?: unknown;
    readonly startLine?: number;
    readonly numLines?: number;
    readonly totalLines?: number;
  };
  readonly content?: unknown;
  readonly originalFile?: unknown;
  readonly originalFileContents?: unknown;
  readonly structuredPatch?: readonly Hunk[];
  readonly edits?: readonly Said[];
  readonly oldString?: unknown;
  readonly newString?: unknown;
  readonly replaceAll?: unknown;
  readonly old_string?: unknown;
  readonly new_string?: unknown;
  readonly replace_all?: unknown;
  readonly file_path?: string;
}

/** Successful reads, writes and edits, by path (case and separators folded); a copied record once. */
export function corpusActs(folder: string): ReadonlyMap<string, readonly CorpusAct[]> {
  const best = new Map<string, CorpusAct>();
  for (const file of filesOf(folder)) {
    for (const act of actsOf(file)) {
      const known = best.get(act.id);
      if (!known || (known.isCopy && !act.isCopy) || (known.isCopy === act.isCopy && act.at < known.at)) {
        best.set(act.id, act);
      }
    }
  }
  const paths = new Map<string, CorpusAct[]>();
  for (const act of best.values()) {
    const key = act.path.replaceAll('\\', '/');
    const known = paths.get(key);
    if (known) known.push(act);
    else paths.set(key, [act]);
  }
  return paths;
}

/** The same as our own scanner tells it. */
export async function scannedActs(folder: string): Promise<ReadonlyMap<string, readonly CorpusAct[]>> {
  const copies = new Map<string, CorpusAct[]>();
  for (const file of filesOf(folder)) {
    const { size, mtimeMs, ino } = statSync(file);
    const agent = /agent-(.+)\.jsonl$/.exec(file)?.[1] ?? null;
    const session = agent === null ? basename(file, '.jsonl') : null;
    const transcript = { home: folder, path: file.slice(folder.length + 1), size, mtime: mtimeMs, ino, session, agent };
    const { acts, session: facts } = await scanTranscript(transcript, null, { places: everyPlace('any'), home: 'any' });
    for (const act of acts) {
      const key = `${act.id}\0${act.path}`;
      copies.set(key, [...(copies.get(key) ?? []), { ...act, version: facts?.version ?? '?' }]);
    }
  }
  const paths = new Map<string, CorpusAct[]>();
  for (const all of copies.values()) {
    const act = wholeAct(all) as CorpusAct;
    paths.set(act.path, [...(paths.get(act.path) ?? []), act]);
  }
  return paths;
}

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.jsonl'))
    .sort()
    .map(name => join(folder, name));
}

function actsOf(file: string): readonly CorpusAct[] {
  const calls = new Map<string, Call>();
  const acts: CorpusAct[] = [];
  let version = '?';
  for (const [offset, line] of readFileSync(file, 'utf8').split('\n').entries()) {
    let record: Rec;
    try {
      record = JSON.parse(line);
    } catch {
      continue;
    }
    if (!record || typeof record !== 'object') continue;
    version = record.version ?? version;
    const inner = record.data?.message ?? record;
    const at = Date.parse(record.timestamp ?? '') || 0;
    const content = inner.message?.content;
    for (const block of Array.isArray(content) ? content : []) {
      if (block?.type === 'tool_use') calls.set(block.id, { name: block.name, input: block.input ?? {}, at, offset });
      if (block?.type !== 'tool_result' || block.is_error) continue;
      const call = calls.get(block.tool_use_id);
      if (!call) continue;
      const result = inner.toolUseResult ?? record.toolUseResult;
      const told = typeof result === 'object' && result !== null ? (result as Said) : null;
      const about = { session: record.sessionId ?? basename(file), agent: record.agentId ?? null };
      const isNew = told === null && JSON.stringify(block.content ?? '').includes('File created successfully');
      const act = actOf(call, isNew ? { type: 'create' } : told, {
        ...about,
        id: block.tool_use_id,
        at,
        transcript: file,
        version: record.version ?? version,
      });
      if (act) acts.push(act);
    }
  }
  return acts;
}

function actOf(
  { name, input, at: asked, offset }: Call,
  told: Said | null,
  about: Pick<CorpusAct, 'session' | 'agent' | 'id' | 'at' | 'transcript' | 'version'>,
): CorpusAct | null {
  const path = told?.filePath ?? told?.file?.filePath ?? input.file_path ?? '';
  const base = {
    ...about,
    tool: name,
    root: 'any',
    path,
    asked,
    offset,
    ...(told?.filePath || told?.file ? {} : { isCopy: true }),
  };
  const original = told?.originalFile ?? told?.originalFileContents;
  const patch = told?.structuredPatch ? { patch: told.structuredPatch } : {};
  if (name === 'Read') {
    const { file } = told ?? {};
    if (told?.type !== 'text' || typeof file?.content !== 'string') return null;
    if (file.startLine !== 1 || file.numLines !== file.totalLines) return null;
    return { ...base, kind: 'read', after: lf(file.content) };
  }
  if (name === 'Write') {
    const before = told?.type === 'create' ? null : typeof original === 'string' ? lf(original) : undefined;
    const after = lf(String(told?.content ?? input.content ?? ''));
    return { ...base, kind: 'write', after, ...patch, ...(before === undefined ? {} : { before }) };
  }
  if (name !== 'Edit' && name !== 'MultiEdit') return null;
  const one = (each: Said) => ({
    old: lf(String(each.old_string ?? each.oldString ?? '')),
    new: lf(String(each.new_string ?? each.newString ?? '')),
    all: Boolean(each.replace_all ?? each.replaceAll),
  });
  const list = told?.edits ?? input.edits;
  const edits = Array.isArray(list) ? list.map(one) : [one(told?.oldString === undefined ? input : told)];
  return { ...base, kind: 'edit', edits, ...patch, ...(typeof original === 'string' ? { before: lf(original) } : {}) };
}

function lf(text: string): string {
  return text.replaceAll('\r\n', '\n');
}
