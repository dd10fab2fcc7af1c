/** A transcript as a client of 2.1.x writes one: a person asks, tools are called, results come. */
import { patchOf } from './contents/acts.ts';

export const noon = Date.parse('2026-11-20T12:00:00Z');

export class ASession {
  readonly id: string;
  readonly lines: string[] = [];
  readonly #cwd: string;
  #now: number;
  #count = 0;

  constructor(id: string, cwd = '/home/me/proj', start = noon) {
    this.id = id;
    this.#cwd = cwd;
    this.#now = start;
    this.#record({ type: 'user', message: { role: 'user', content: `what ${id} was asked` } });
  }

  /** Name of its file. */
  get file(): string {
    return `${this.id}.jsonl`;
  }

  get text(): string {
    return this.lines.map(line => `${line}\n`).join('');
  }

  at(time: number): this {
    this.#now = time;
    return this;
  }

  read(path: string, content: string): this {
    const lines = content.split('\n').length;
    const file = { filePath: path, content, numLines: lines, startLine: 1, totalLines: lines };
    return this.#call('Read', { file_path: path }, { type: 'text', file }, content);
  }

  write(path: string, before: string | null, content: string): this {
    const result =
      before === null
        ? { type: 'create', filePath: path, content, structuredPatch: [], originalFile: null }
        : { type: 'update', filePath: path, content, structuredPatch: patchOf(before, content), originalFile: before };
    return this.#call('Write', { file_path: path, content }, result, 'done');
  }

  /** Of a big file, clients do not tell what it was before. */
  edit(path: string, before: string, old: string, fresh: string, isBig = false): this {
    const result = {
      filePath: path,
      oldString: old,
      newString: fresh,
      originalFile: isBig ? null : before,
      structuredPatch: patchOf(
        before,
        before.replace(old, () => fresh),
      ),
      userModified: false,
      replaceAll: false,
    };
    return this.#call('Edit', { file_path: path, old_string: old, new_string: fresh }, result, 'done');
  }

  backup(path: string, name: string): this {
    const time = new Date(this.#now).toISOString();
    const trackedFileBackups = { [path]: { backupFileName: name, version: 1, backupTime: time } };
    this.lines.push(
      JSON.stringify({
        type: 'file-history-snapshot',
        messageId: 'm',
        snapshot: { trackedFileBackups, timestamp: time },
      }),
    );
    return this;
  }

  #call(name: string, input: object, result: object, text: string): this {
    const id = `toolu_${this.id}_${++this.#count}`;
    this.#record({
      type: 'assistant',
      message: { role: 'assistant', content: [{ type: 'tool_use', id, name, input }] },
    });
    this.#now += 40;
    const content = [{ type: 'tool_result', tool_use_id: id, content: text }];
    this.#record({ type: 'user', message: { role: 'user', content }, toolUseResult: result });
    this.#now += 60_000;
    return this;
  }

  #record(more: object): void {
    this.lines.push(
      JSON.stringify({
        parentUuid: null,
        isSidechain: false,
        cwd: this.#cwd,
        sessionId: this.id,
        version: '2.1.72',
        gitBranch: 'main',
        uuid: `${this.id}-${this.lines.length}`,
        timestamp: new Date(this.#now).toISOString(),
        ...more,
      }),
    );
  }
}
