/** Transcripts as a client of 2.1 writes them, line by line, for homes that are made up. */
import { randomUUID } from 'node:crypto';

export interface Played {
  readonly id: string;
  readonly label: string;
  readonly cwd?: string;
  readonly branch?: string;
  readonly version?: string;
}

/** One session: each deed adds its call and its result, 20 ms apart; `at` is when the result came. */
export class Transcript {
  readonly #lines: string[] = [];
  readonly #who: Played;
  #calls = 0;

  constructor(who: Played, at: number) {
    this.#who = who;
    this.#add('user', at, { message: { role: 'user', content: who.label } });
  }

  get text(): string {
    return this.#lines.map(line => `${line}\n`).join('');
  }

  read(path: string, content: string, at: number): this {
    const lines = content.split('\n').length;
    const file = { filePath: path, content, numLines: lines, startLine: 1, totalLines: lines };
    return this.#call('Read', { file_path: path }, { type: 'text', file }, at);
  }

  /** `before`: null for a file that is new. */
  write(path: string, before: string | null, content: string, at: number): this {
    const type = before === null ? 'create' : 'update';
    const result = { type, filePath: path, content, originalFile: before, structuredPatch: [] };
    return this.#call('Write', { file_path: path, content }, result, at);
  }

  #call(name: string, input: object, toolUseResult: object, at: number): this {
    const id = `toolu_${this.#who.id}_${this.#calls++}`;
    this.#add('assistant', at - 20, {
      message: { role: 'assistant', content: [{ type: 'tool_use', id, name, input }] },
    });
    const content = [{ tool_use_id: id, type: 'tool_result', content: 'done' }];
    this.#add('user', at, { message: { role: 'user', content }, toolUseResult });
    return this;
  }

  #add(type: string, at: number, more: object): void {
    const { id, cwd = '/home/me/code', branch = 'main', version = '2.1.331' } = this.#who;
    const frame = {
      parentUuid: null,
      isSidechain: false,
      userType: 'external',
      cwd,
      sessionId: id,
      version,
      gitBranch: branch,
    };
    const about = { uuid: randomUUID(), timestamp: new Date(at).toISOString() };
    this.#lines.push(JSON.stringify({ ...frame, type, ...more, ...about }));
  }
}
