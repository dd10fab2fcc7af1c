/**
 * Homes as the client leaves them: what sessions did, told as moves, becomes their transcripts in the shapes of three
 * versions of it, the copies it keeps, and the files as they end. All texts are those of the stories.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { structuredPatch } from 'diff';

export const dialects = ['1.0.51', '2.1.72', '2.1.331'] as const;
export type Dialect = (typeof dialects)[number];

/** One thing that happens; each takes ten seconds, and a call half a second of them. Paths are relative to the home. */
export type Move =
  /** A prompt; the first of a session starts it, and the newest client then gives it the index of its memory. */
  | { readonly by: string; readonly asks: string }
  | { readonly by: string; readonly reads: string; readonly lines?: number }
  | { readonly by: string; readonly writes: string; readonly text: string }
  | { readonly by: string; readonly edits: string; readonly old: string; readonly new: string }
  /** A Write that the client refuses, as the file has changed since it was read. */
  | { readonly by: string; readonly refused: string; readonly text: string }
  | { readonly by: string; readonly heredoc: string; readonly text: string }
  | { readonly by: string; readonly cats: string }
  | { readonly by: string; readonly removes: string }
  /** A person, in an editor. */
  | { readonly by: null; readonly types: string; readonly text: string };

export interface Play {
  readonly dialect: Dialect;
  readonly files: Readonly<Record<string, string>>;
  readonly moves: readonly Move[];
  /** When the first move happens. */
  readonly at: number;
  /** The home as the transcripts spell it, where that is not where it lies now. */
  readonly spelled?: string;
}

export const project = 'projects/-home-me-reader';
const cwd = '/home/me/reader';

/** The id of a session by its name in the moves. */
export function sessionId(name: string): string {
  const hex = createHash('sha256').update(`session ${name}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

const noDelimiter = "/bin/bash: line 9: warning: here-document at line 1 delimited by end-of-file (wanted `EOF')";

type Plain = Readonly<Record<string, unknown>>;

/** Writes the home below `home`: the transcripts, the kept copies, and the files with the times of their last writes. */
export function buildHome(home: string, { dialect, files, moves, at, spelled = home }: Play): void {
  const disk = new Map(Object.entries(files).map(([path, text]) => [path, { text, time: at - 3_600_000 }]));
  const kept = new Map<string, string>();
  const sessions = new Map<string, Transcript>();
  moves.forEach((move, i) => {
    const asked = at + i * 10_000;
    if (move.by === null) {
      disk.set(move.types, { text: move.text, time: asked });
      return;
    }
    const session = sessions.get(move.by) ?? new Transcript(dialect, move.by);
    sessions.set(move.by, session);
    const read = (path: string) => disk.get(path)?.text ?? null;
    const name = (path: string) => `${spelled}/${path}`;
    const put = (path: string, text: string, by: 'tool' | 'shell') => {
      const before = read(path);
      // What the shell writes is not the client's to copy.
      if (before !== null && by === 'tool' && dialect !== '1.0.51') {
        const copy = `${createHash('sha256').update(name(path)).digest('hex').slice(0, 16)}@v1`;
        const place = `file-history/${sessionId(session.name)}/${copy}`;
        if (!kept.has(place)) {
          kept.set(place, before);
          session.keeps(name(path), copy, asked + 400);
        }
      }
      disk.set(path, { text, time: asked + 490 });
    };
    session.plays(move, asked, { read, name, put, remove: path => void disk.delete(path) });
  });

  const write = (path: string, text: string, time: number) => {
    const file = join(home, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    utimesSync(file, time / 1000, time / 1000);
  };
  const end = at + moves.length * 10_000;
  for (const [path, { text, time }] of disk) write(path, text, time);
  for (const [path, text] of kept) write(path, text, end);
  for (const session of sessions.values()) write(`${project}/${sessionId(session.name)}.jsonl`, session.text, end);
}

interface Disk {
  readonly read: (path: string) => string | null;
  readonly name: (path: string) => string;
  readonly put: (path: string, text: string, by: 'tool' | 'shell') => void;
  readonly remove: (path: string) => void;
}

/** Grows line by line, as the client appends. */
class Transcript {
  text = '';
  readonly name: string;
  readonly #dialect: Dialect;
  #number = 0;
  #parent: string | null = null;

  constructor(dialect: Dialect, name: string) {
    this.#dialect = dialect;
    this.name = name;
  }

  plays(move: Exclude<Move, { by: null }>, at: number, disk: Disk): void {
    if ('asks' in move) this.#asks(move.asks, at, disk);
    else if ('reads' in move) {
      const text = disk.read(move.reads) ?? '';
      const all = text.split('\n');
      const lines = move.lines === undefined ? all : all.slice(0, move.lines);
      const file = { filePath: disk.name(move.reads), content: lines.join('\n'), numLines: lines.length };
      const limit = move.lines === undefined ? {} : { limit: move.lines };
      this.#calls('Read', { file_path: file.filePath, ...limit }, at, {
        told: this.#numbered(lines),
        result: { type: 'text', file: { ...file, startLine: 1, totalLines: all.length } },
      });
    } else if ('refused' in move) {
      const why =
        'File has been modified since read, either by the user or by a linter. Read it again before attempting to write it.';
      this.#calls('Write', { file_path: disk.name(move.refused), content: move.text }, at, {
        told: this.#dialect === '1.0.51' ? why : `<tool_use_error>${why}</tool_use_error>`,
        result: `Error: ${why}`,
      });
    } else if ('writes' in move) {
      const before = disk.read(move.writes);
      disk.put(move.writes, move.text, 'tool');
      const filePath = disk.name(move.writes);
      this.#calls('Write', { file_path: filePath, content: move.text }, at, {
        told: before === null ? `File created successfully at: ${filePath}` : `The file ${filePath} has been updated.`,
        result: {
          type: before === null ? 'create' : 'update',
          filePath,
          content: move.text,
          structuredPatch: before === null ? [] : hunks(before, move.text),
          ...(this.#dialect === '1.0.51' ? {} : { originalFile: before }),
          ...(this.#dialect === '2.1.331' ? { userModified: false } : {}),
        },
      });
    } else if ('edits' in move) {
      const before = disk.read(move.edits) ?? '';
      const after = before.replace(move.old, () => move.new);
      disk.put(move.edits, after, 'tool');
      const filePath = disk.name(move.edits);
      this.#calls('Edit', { file_path: filePath, old_string: move.old, new_string: move.new }, at, {
        told: `The file ${filePath} has been updated.`,
        result: {
          filePath,
          oldString: move.old,
          newString: move.new,
          originalFile: before,
          structuredPatch: hunks(before, after),
          userModified: false,
          replaceAll: false,
        },
      });
    } else if ('heredoc' in move) {
      // 1.0.51 puts ` < /dev/null` behind the command, so that its last line is no delimiter and becomes text.
      const [tail, told] = this.#dialect === '1.0.51' ? ['EOF < /dev/null\n', noDelimiter] : ['', ''];
      disk.put(move.heredoc, move.text + tail, 'shell');
      this.#shell(`cat > '${disk.name(move.heredoc)}' <<'EOF'\n${move.text}EOF`, told, at);
    } else if ('removes' in move) {
      disk.remove(move.removes);
      this.#shell(`rm '${disk.name(move.removes)}'`, '', at);
    } else this.#shell(`cat '${disk.name(move.cats)}'`, (disk.read(move.cats) ?? '').replace(/\n$/, ''), at);
  }

  /** Says that a copy of a file was made before it was changed. */
  keeps(path: string, copy: string, at: number): void {
    const time = new Date(at).toISOString();
    const backup = { backupFileName: copy, version: 1, backupTime: time };
    if (this.#dialect === '2.1.331') {
      const delta = { messageId: this.#uuid(), snapshotMessageId: this.#uuid(), trackingPath: path, backup };
      this.#line({ type: 'file-history-delta', ...delta, timestamp: time });
    } else {
      const snapshot = { messageId: this.#uuid(), trackedFileBackups: { [path]: backup }, timestamp: time };
      this.#line({ type: 'file-history-snapshot', messageId: this.#uuid(), snapshot, isSnapshotUpdate: true });
    }
  }

  #asks(prompt: string, at: number, disk: Disk): void {
    const isFirst = this.text === '';
    const sessionId_ = sessionId(this.name);
    if (this.#dialect !== '1.0.51') {
      const queue = { type: 'queue-operation', timestamp: new Date(at).toISOString(), sessionId: sessionId_ };
      this.#line({ ...queue, operation: 'enqueue', content: prompt });
      this.#line({ ...queue, operation: 'dequeue' });
    }
    this.#record({ type: 'user', message: { role: 'user', content: prompt } }, at);
    const index = `${project}/memory/MEMORY.md`;
    const content = disk.read(index)?.trim();
    if (isFirst && this.#dialect === '2.1.331' && content !== undefined) {
      const files = [{ path: disk.name(index), type: 'AutoMem', content }];
      const rendered = [
        { content: `<system-reminder>\nContents of ${disk.name(index)}:\n\n${content}\n</system-reminder>` },
      ];
      const attachment = { type: 'instructions', files };
      this.#record({ type: 'attachment', attachment, rendered, renderedRole: 'user' }, at + 30);
    }
  }

  #shell(command: string, stdout: string, at: number): void {
    this.#calls('Bash', { command, description: 'as asked' }, at, {
      told: stdout,
      result: { stdout, stderr: '', interrupted: false, isImage: false },
    });
  }

  /** A call and its result, half a second later. */
  #calls(tool: string, input: Plain, at: number, { told, result }: { told: string; result: Plain | string }): void {
    const id = `toolu_${createHash('sha256').update(`${this.name} ${this.#number}`).digest('hex').slice(0, 22)}`;
    const call = { type: 'tool_use', id, name: tool, input };
    const message = { id: `msg_${id.slice(6)}`, type: 'message', role: 'assistant', model: 'claude', content: [call] };
    this.#record({ type: 'assistant', message }, at);
    const isError = typeof result === 'string';
    const answer = { tool_use_id: id, type: 'tool_result', content: told, ...(isError ? { is_error: true } : {}) };
    this.#record({ type: 'user', message: { role: 'user', content: [answer] }, toolUseResult: result }, at + 500);
  }

  #record(plain: Plain, at: number): void {
    const uuid = this.#uuid();
    this.#line({
      parentUuid: this.#parent,
      isSidechain: false,
      userType: 'external',
      cwd,
      sessionId: sessionId(this.name),
      version: this.#dialect,
      ...(this.#dialect === '1.0.51' ? {} : { gitBranch: `feat/${this.name}` }),
      ...plain,
      uuid,
      timestamp: new Date(at).toISOString(),
    });
    this.#parent = uuid;
  }

  #line(plain: Plain): void {
    this.text += `${JSON.stringify(plain)}\n`;
  }

  #uuid(): string {
    return sessionId(`${this.name} record ${this.#number++}`);
  }

  #numbered(lines: readonly string[]): string {
    const head = (i: number) => (this.#dialect === '2.1.331' ? `${i + 1}\t` : `${String(i + 1).padStart(6)}→`);
    return lines.map((line, i) => head(i) + line).join('\n');
  }
}

function hunks(before: string, after: string): readonly Plain[] {
  return structuredPatch('', '', before, after, '', '', { context: 3 }).hunks.map(
    ({ oldStart, oldLines, newStart, newLines, lines }) => ({ oldStart, oldLines, newStart, newLines, lines }),
  );
}
