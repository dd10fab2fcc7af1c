/** What each shape of a record says, by version of the client. */
import { describe, expect, it } from 'vitest';
import {
  answerLine,
  attachmentLine,
  brief,
  callLine,
  clock,
  errorLine,
  frame,
  jsonl,
  makeHome,
  noon,
  promptLine,
  readResult,
} from './lines.ts';

const home = makeHome({ 'projects/-home-me-app/s0.jsonl': '', 'skills/a/SKILL.md': 'x' });
const memory = `${home.path}/projects/-home-me-app/memory/MEMORY.md`;
const path = 'projects/-home-me-app/memory/MEMORY.md';
let number = 0;

/** The acts of a transcript that holds these records. */
async function told(...records: readonly object[]) {
  const name = `projects/-home-me-app/t${++number}.jsonl`;
  home.write(name, jsonl(...records));
  return (await home.scan(name)).acts;
}

/** A call of a tool, and what came of it, without what they have in common. */
async function did(tool: string, input: object, words: string, result: unknown, version = '2.1.331') {
  const acts = await told(
    callLine('t1', tool, input, { at: 1, version }),
    answerLine('t1', words, result, { at: 2, version }),
  );
  return acts.map(brief);
}

const text = '# Memory\n- one\n';
const patch = [{ oldStart: 1, oldLines: 2, newStart: 1, newLines: 3, lines: [' # Memory', ' - one', '+- two'] }];

describe('reads', () => {
  it.each(['1.0.51', '2.0.64', '2.1.331'])('a whole file (%s)', async version => {
    expect(await did('Read', { file_path: memory }, '', readResult(memory, text), version)).toEqual([
      { kind: 'read', tool: 'Read', path, after: text },
    ]);
  });

  it('keeps who, when and where', async () => {
    const [act] = await told(
      promptLine('Do it', { at: 0 }),
      callLine('t1', 'Read', { file_path: memory }, { at: 1 }),
      answerLine('t1', '', readResult(memory, text), { at: 2 }),
    );
    const offset = jsonl(promptLine('Do it', { at: 0 })).length;
    expect(act).toMatchObject({
      id: 't1',
      session: 's1',
      agent: null,
      root: 'claude',
      asked: noon + 1000,
      at: noon + 2000,
      offset,
    });
    expect(act!.transcript).toBe(`projects/-home-me-app/t${number}.jsonl`);
  });

  it('a part: some lines, or cut by its size', async () => {
    const some = { numLines: 1, startLine: 2, totalLines: 3 };
    expect(
      await did('Read', { file_path: memory, offset: 2, limit: 1 }, '', readResult(memory, '- one', some)),
    ).toEqual([{ kind: 'part', tool: 'Read', path, after: '- one', firstLine: 2 }]);
    const cut = { truncatedByTokenCap: true };
    expect((await did('Read', { file_path: memory }, '', readResult(memory, text, cut)))[0]).toMatchObject({
      kind: 'part',
    });
  });

  it('unchanged since the last one', async () => {
    const result = { type: 'file_unchanged', file: { filePath: memory } };
    expect(await did('Read', { file_path: memory }, 'File unchanged since last read.', result)).toEqual([
      { kind: 'read', tool: 'Read', path, isUnchanged: true },
    ]);
    const after = await told(
      callLine('t1', 'Read', { file_path: memory }, { at: 1 }),
      answerLine('t1', '', readResult(memory, text), { at: 2 }),
      callLine('t2', 'Read', { file_path: memory }, { at: 3 }),
      answerLine('t2', '', result, { at: 4 }),
    );
    expect(after.map(brief)[1]).toEqual({ kind: 'read', tool: 'Read', path, after: text, isUnchanged: true });
  });

  it.each([
    ['     1→# Memory\n     2→- one\n     3→', '2.1.72'],
    ['1\t# Memory\n2\t- one\n3\t', '2.1.331'],
    ['<system-reminder>This memory is 3 days old.</system-reminder>\n1\t# Memory\n2\t- one\n3\t', '2.1.331'],
    [
      '     1→# Memory\n     2→- one\n     3→\n\n<system-reminder>\nThink about malware.\n</system-reminder>\n',
      '2.0.64',
    ],
  ])('without a result object, what was shown counts: %j', async (words, version) => {
    expect(await did('Read', { file_path: memory }, words, undefined, version)).toEqual([
      { kind: 'read', tool: 'Read', path, after: text, isCopy: true },
    ]);
  });

  it.each([
    ['2\t- one\n3\t', {}, 2],
    ['1\t# Memory\n3\t', {}, 1],
    ['1\t# Memory', { limit: 1 }, 1],
  ])('… and is a part where it may not be all: %j', async (words, more, firstLine) => {
    expect((await did('Read', { file_path: memory, ...more }, words, undefined))[0]).toMatchObject({
      kind: 'part',
      firstLine,
    });
  });

  it('quiet: what failed, pictures, and files elsewhere', async () => {
    expect(await told(callLine('t1', 'Read', { file_path: memory }), errorLine('t1', 'File does not exist.'))).toEqual(
      [],
    );
    expect(
      await did('Read', { file_path: memory }, '', { type: 'image', file: { base64: 'x', type: 'image/png' } }),
    ).toEqual([]);
    expect(
      await did(
        'Read',
        { file_path: '/home/me/app/.claude/skills/a/SKILL.md' },
        '',
        readResult('/home/me/app/.claude/skills/a/SKILL.md', 'x'),
      ),
    ).toEqual([]);
    expect(await did('Grep', { path: memory, pattern: 'x' }, 'x', { mode: 'content', content: 'x' })).toEqual([]);
  });
});

describe('writes and edits', () => {
  it.each([
    ['create, 1.0.51: no key', { type: 'create', content: text, structuredPatch: [] }, { before: null, after: text }],
    [
      'create',
      { type: 'create', content: text, structuredPatch: [], originalFile: null },
      { before: null, after: text },
    ],
    [
      'update, 1.0.51: the patch alone',
      { type: 'update', content: text, structuredPatch: patch },
      { after: text, patch },
    ],
    [
      'update',
      { type: 'update', content: text, structuredPatch: patch, originalFile: '# Memory\n' },
      { before: '# Memory\n', after: text, patch },
    ],
    [
      'update of a long one, 2.1.331',
      { type: 'update', content: text, structuredPatch: patch, originalFile: null },
      { after: text, patch },
    ],
    [
      'CRLF',
      { type: 'update', content: 'a\r\nb\r\n', structuredPatch: [], originalFile: 'a\r\n' },
      { before: 'a\n', after: 'a\nb\n' },
    ],
  ])('Write: %s', async (_, result, expected) => {
    const acts = await did('Write', { file_path: memory, content: 'what was asked' }, '', {
      filePath: memory,
      ...result,
    });
    expect(acts).toEqual([{ kind: 'write', tool: 'Write', path, ...expected }]);
  });

  it('Write without a result object: as it was asked, unless the client may have stamped it', async () => {
    const topic = memory.replace('MEMORY', 'topic');
    expect(
      await did('Write', { file_path: memory, content: text }, `File created successfully at: ${memory}`, undefined),
    ).toEqual([{ kind: 'write', tool: 'Write', path, before: null, after: text, isCopy: true }]);
    const stamped = '---\nname: t\n---\nx\n';
    const words = `The file ${topic} has been updated.`;
    expect((await did('Write', { file_path: topic, content: stamped }, words, undefined))[0]).not.toHaveProperty(
      'after',
    );
    const sure = `${words} (file state is current in your context — no need to Read it back)`;
    expect((await did('Write', { file_path: topic, content: stamped }, sure, undefined))[0]).toMatchObject({
      after: stamped,
    });
  });

  it('Edit', async () => {
    const input = { file_path: memory, old_string: 'one', new_string: 'two', replace_all: false };
    const result = {
      filePath: memory,
      oldString: 'one',
      newString: 'two',
      originalFile: text,
      structuredPatch: patch,
      replaceAll: true,
    };
    const edits = [{ old: 'one', new: 'two', all: true }];
    expect(await did('Edit', input, '', result)).toEqual([
      { kind: 'edit', tool: 'Edit', path, before: text, edits, patch },
    ]);
    expect(await did('Edit', input, 'The file has been updated.', undefined)).toEqual([
      { kind: 'edit', tool: 'Edit', path, edits: [{ old: 'one', new: 'two', all: false }], isCopy: true },
    ]);
    expect((await did('Edit', input, '', { ...result, staleRecovered: true }))[0]).toMatchObject({
      why: 'stale-recovered',
    });
    expect((await did('Edit', input, '', { ...result, originalFile: null }))[0]).not.toHaveProperty('before');
  });

  it('Edit of nothing makes a file', async () => {
    const result = { filePath: memory, oldString: '', newString: text, originalFile: '', structuredPatch: [] };
    expect(await did('Edit', { file_path: memory, old_string: '', new_string: text }, '', result)).toEqual([
      { kind: 'write', tool: 'Edit', path, before: null, after: text },
    ]);
  });

  it('MultiEdit (1.0.x)', async () => {
    const edits = [
      { old_string: 'a', new_string: 'b' },
      { old_string: 'c', new_string: 'd', replace_all: true },
    ];
    const result = { filePath: memory, edits, originalFileContents: text, structuredPatch: [] };
    expect(await did('MultiEdit', { file_path: memory, edits }, '', result)).toEqual([
      {
        kind: 'edit',
        tool: 'MultiEdit',
        path,
        before: text,
        edits: [
          { old: 'a', new: 'b', all: false },
          { old: 'c', new: 'd', all: true },
        ],
      },
    ]);
  });

  it('NotebookEdit, with and without originals', async () => {
    const notebook = `${home.path}/skills/a/n.ipynb`;
    const input = { notebook_path: notebook, cell_id: 'c', new_source: 'y' };
    const result = { notebook_path: notebook, original_file: '{"x":1}', updated_file: '{"x":2}', error: '' };
    expect(await did('NotebookEdit', input, '', result)).toEqual([
      { kind: 'write', tool: 'NotebookEdit', path: 'skills/a/n.ipynb', before: '{"x":1}', after: '{"x":2}' },
    ]);
    expect(await did('NotebookEdit', input, '', { new_source: 'y' })).toEqual([
      { kind: 'edit', tool: 'NotebookEdit', path: 'skills/a/n.ipynb', edits: [] },
    ]);
    expect((await did('NotebookEdit', input, '', { ...result, error: 'no such cell' }))[0]).toMatchObject({
      kind: 'refused',
    });
  });

  it.each([
    ['File has been modified since read, either by the user or by a linter.', 'modified'],
    ['File has been modified on box since this session read it.', 'modified'],
    ['File content has changed since it was last read. This commonly happens with linters.', 'modified'],
    ['File has not been read yet. Read it first before writing to it.', 'unread'],
    ['String to replace not found in file.', 'other'],
    ['Found 2 matches of the string to replace, but replace_all is false.', 'other'],
    ["The user doesn't want to proceed with this tool use.", 'other'],
    ['Sibling tool call errored', 'other'],
  ])('refused: %s', async (words, why) => {
    const acts = await told(callLine('t1', 'Write', { file_path: memory, content: text }), errorLine('t1', words));
    expect(acts.map(brief)).toEqual([{ kind: 'refused', tool: 'Write', path, why }]);
    const subagent = answerLine('t1', words, undefined);
    subagent.message.content[0] = { ...subagent.message.content[0]!, is_error: true };
    expect(
      (await told(callLine('t1', 'Write', { file_path: memory, content: text }), subagent)).map(brief)[0],
    ).toMatchObject({ kind: 'refused', why });
  });

  it('kept for a person to look at is not written', async () => {
    const result = {
      type: 'update',
      filePath: memory,
      content: text,
      structuredPatch: [],
      originalFile: 'x',
      staged: true,
    };
    expect((await did('Write', { file_path: memory, content: text }, '', result))[0]).toMatchObject({
      kind: 'refused',
    });
  });

  it('a result whose call was lost still tells', async () => {
    const result = { type: 'create', filePath: memory, content: text, structuredPatch: [], originalFile: null };
    expect((await told(answerLine('t1', '', result, { at: 2 }))).map(brief)).toEqual([
      { kind: 'write', tool: 'Write', path, before: null, after: text },
    ]);
  });
});

describe('shell', () => {
  const ok = { stdout: '', stderr: '', interrupted: false };

  it('the content of a here-document', async () => {
    const command = `cat > '${memory}' <<'EOF'\n${text}EOF`;
    expect(await did('Bash', { command }, '', ok)).toEqual([
      { kind: 'shell', tool: 'Bash', path, shell: 'write', after: text },
    ]);
  });

  it('… and as 1.0.51 runs it: its last word never ends it', async () => {
    const command = `cat > '${memory}' <<'EOF'\n${text}EOF`;
    const stdout = "/bin/bash: line 9: warning: here-document at line 4 delimited by end-of-file (wanted `EOF')";
    expect((await did('Bash', { command }, stdout, { ...ok, stdout }, '1.0.51'))[0]).toMatchObject({
      after: `${text}EOF < /dev/null\n`,
    });
    // Another one had no end: this one is as it stands.
    const two = `cat > '${memory}' <<'EOF'\none\nEOF\ncat > /x <<'EOF'\n${text}EOF`;
    expect((await did('Bash', { command: two }, stdout, { ...ok, stdout }, '1.0.51'))[0]).toMatchObject({
      after: 'one\n',
    });
    const both = `cat > '${memory}' <<'EOF'\none\nEOF\ncat >> '${memory}' <<'EOF'\n${text}EOF`;
    expect((await did('Bash', { command: both }, stdout, { ...ok, stdout }, '1.0.51'))[0]).not.toHaveProperty('after');
  });

  it('what is added', async () => {
    const edits = [{ old: '', new: '- two\n', all: false }];
    expect(await did('Bash', { command: `echo '- two' >> ${memory}` }, '', ok)).toEqual([
      { kind: 'shell', tool: 'Bash', path, shell: 'append', edits },
    ]);
  });

  it('what failed, was stopped, or goes on may have changed it, and nobody knows how', async () => {
    const command = `echo x > ${memory}`;
    expect(
      (await told(callLine('t1', 'Bash', { command }), answerLine('t1', 'Exit code 1', 'Error: Exit code 1'))).map(
        brief,
      ),
    ).toEqual([{ kind: 'shell', tool: 'Bash', path, shell: 'write' }]);
    expect((await did('Bash', { command }, '', { ...ok, interrupted: true }))[0]).not.toHaveProperty('after');
    expect((await did('Bash', { command }, '', { ...ok, backgroundTaskId: 'b1' }))[0]).toMatchObject({ shell: 'run' });
  });

  it('what was not run changed nothing', async () => {
    const words = "The user doesn't want to proceed with this tool use.";
    expect(
      (await told(callLine('t1', 'Bash', { command: `rm ${memory}` }), errorLine('t1', words))).map(brief),
    ).toEqual([{ kind: 'refused', tool: 'Bash', path, why: 'other' }]);
  });

  it('a lone cat is a read, anything else shows a part', async () => {
    expect(await did('Bash', { command: `cat ${memory}` }, text, { ...ok, stdout: text.trimEnd() })).toEqual([
      { kind: 'read', tool: 'Bash', path, after: text.trimEnd(), isTrimmed: true },
    ]);
    expect((await did('Bash', { command: `head -1 ${memory}` }, '', { ...ok, stdout: '# Memory' }))[0]).toMatchObject({
      kind: 'part',
      after: '# Memory',
    });
    expect(
      await did('Bash', { command: `cat ${memory}` }, '', { ...ok, stdout: 'x', persistedOutputPath: '/tmp/x' }),
    ).toMatchObject([{ kind: 'part' }]);
  });

  it('a diff that found something ends with a number and shows it all the same', async () => {
    const words = 'Exit code 1\n< - one\n> - two';
    expect(
      (
        await told(callLine('t1', 'Bash', { command: `diff x ${memory}` }), answerLine('t1', words, `Error: ${words}`))
      ).map(brief),
    ).toEqual([{ kind: 'part', tool: 'Bash', path, after: '< - one\n> - two' }]);
  });

  it('what the client noticed by itself', async () => {
    const hint =
      "[This command modified 1 file you've previously read: ../../..HOME/projects/-home-me-app/memory/MEMORY.md. Call Read before editing.]";
    const relative = hint.replace('../../..HOME', `../../..${home.path}`);
    expect(await did('Bash', { command: './tidy.sh' }, relative, { ...ok, staleReadFileStateHint: relative })).toEqual([
      { kind: 'shell', tool: 'Bash', path, shell: 'run' },
    ]);
    const bashEditDiff = { files: [{ filePath: memory, hunks: patch }], moreFiles: 0 };
    expect(await did('Bash', { command: `sed -i s/a/b/ ${memory}` }, '', { ...ok, bashEditDiff })).toEqual([
      { kind: 'shell', tool: 'Bash', path, shell: 'edit', patch },
    ]);
    expect(
      await did('Bash', { command: 'make' }, '', { ...ok, bashEditDiff: { ...bashEditDiff, shared: true } }),
    ).toEqual([{ kind: 'shell', tool: 'Bash', path, shell: 'run' }]);
    expect(
      await did('Bash', { command: 'make' }, '', { ...ok, bashEditDiff: { files: [], changedFiles: [memory] } }),
    ).toEqual([{ kind: 'shell', tool: 'Bash', path, shell: 'run' }]);
  });
});

describe('what is put before a session', () => {
  const whole = text.trim();
  it.each([
    [
      'instructions',
      { files: [{ path: memory, type: 'AutoMem', content: whole }] },
      { kind: 'given', after: whole, isTrimmed: true },
    ],
    [
      'instructions',
      {
        files: [
          {
            path: memory,
            content: `${whole}\n\n> WARNING: MEMORY.md is 240 lines (limit: 200). Only part of it was loaded: 40 lines were cut off. Keep index entries short.`,
          },
        ],
      },
      { kind: 'part', after: whole },
    ],
    [
      'nested_memory',
      { path: memory, content: { path: memory, type: 'Project', content: whole } },
      { kind: 'given', after: whole, isTrimmed: true },
    ],
    [
      'nested_memory',
      { path: memory, content: { content: whole, contentDiffersFromDisk: true } },
      { kind: 'part', after: whole },
    ],
    [
      'relevant_memories',
      { memories: [{ path: memory, content: whole, mtimeMs: 1 }] },
      { kind: 'given', after: whole, isTrimmed: true },
    ],
    ['file', { filename: memory, content: readResult(memory, text) }, { kind: 'given', after: text }],
    [
      'file',
      { filename: memory, content: readResult(memory, text, { totalLines: 99 }), truncated: true },
      { kind: 'part', after: text, firstLine: 1 },
    ],
    [
      'edited_text_file',
      { filename: memory, snippet: '2\t- one\n3\t- two', rereadEntry: { contentHash: 'x' } },
      { kind: 'part', after: '- one\n- two', firstLine: 2 },
    ],
  ])('%s %#', async (type, attachment, expected) => {
    const acts = await told(attachmentLine({ type, ...attachment }, { at: 3, uuid: 'u9' }));
    expect(acts.map(brief)).toEqual([{ tool: type, path, ...expected }]);
    expect(acts[0]).toMatchObject({ id: 'u9#0', asked: noon + 3000, at: noon + 3000 });
  });

  it('is told as fast when it is long and says "is" all the time', async () => {
    const long = `${'this is. that is. '.repeat(20_000)}\n- one`;
    const acts = await told(attachmentLine({ type: 'instructions', files: [{ path: memory, content: long }] }));
    expect(acts[0]).toMatchObject({ kind: 'given', after: long });
  });

  it('the text of a skill that was called', async () => {
    const content = [{ type: 'text', text: `Base directory for this skill: ${home.path}/skills/a\n\n# A\nDo it.` }];
    const acts = await told({ ...frame({}), type: 'user', isMeta: true, message: { role: 'user', content } });
    expect(acts.map(brief)).toEqual([{ kind: 'part', tool: 'Skill', path: 'skills/a/SKILL.md', after: '# A\nDo it.' }]);
  });

  it('quiet: requests, backups and prompts that name the file', async () => {
    const records = [
      {
        type: 'api-request-blob',
        sessionId: 's1',
        hash: 'x',
        message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: memory }] },
      },
      { type: 'file-history-snapshot', snapshot: { trackedFileBackups: { [memory]: {} }, timestamp: clock(1) } },
      attachmentLine({ type: 'prompt_snapshot', systemPrompt: [`Memory is at ${memory}`] }),
      promptLine(`Look at ${memory}`),
    ];
    expect(await told(...records)).toEqual([]);
  });
});

describe('whose act it is', () => {
  const read = (id: string, of: object) => [
    callLine(id, 'Read', { file_path: memory }, of),
    answerLine(id, '', readResult(memory, text), { ...of, uuid: `${id}r` }),
  ];

  it('a sub-agent in its own file', async () => {
    home.write('projects/-home-me-app/s1/subagents/agent-a7.jsonl', jsonl(...read('t1', { agent: 'a7', at: 1 })));
    const { acts, session } = await home.scan('projects/-home-me-app/s1/subagents/agent-a7.jsonl');
    expect(acts[0]).toMatchObject({ session: 's1', agent: 'a7' });
    expect(session).toMatchObject({ session: 's1', agent: 'a7' });
  });

  it('sub-agents inline (1.0.x): each is called by its first record', async () => {
    const side = (uuid: string, parent: string | null, at: number) => ({ uuid, parent, at, isSidechain: true });
    const records = [
      promptLine('first', side('p1', null, 1)),
      promptLine('second', side('p2', null, 2)),
      callLine('t1', 'Read', { file_path: memory }, side('c1', 'p1', 3)),
      callLine('t2', 'Read', { file_path: memory }, side('c2', 'p2', 4)),
      answerLine('t2', '', readResult(memory, text), side('r2', 'c2', 5)),
      answerLine('t1', '', readResult(memory, text), side('r1', 'c1', 6)),
    ];
    expect((await told(...records)).map(({ id, agent }) => [id, agent])).toEqual([
      ['t2', 'p2'],
      ['t1', 'p1'],
    ]);
  });

  it('what a sub-agent did, told again in its parent', async () => {
    const wrapped = read('t1', { at: 5 }).map(({ type, message, uuid, timestamp }) => ({
      ...frame({ at: 6 }),
      type: 'progress',
      data: { type: 'agent_progress', agentId: 'a7', message: { type, message, uuid, timestamp } },
    }));
    // The words of the result are all that is told again.
    const [, result] = wrapped;
    (result!.data.message.message as { content: { content: string }[] }).content[0]!.content =
      '1\t# Memory\n2\t- one\n3\t';
    expect((await told(promptLine('Do it', { at: 0 }), ...wrapped)).map(brief)).toEqual([
      { kind: 'read', tool: 'Read', path, agent: 'a7', after: text, isCopy: true },
    ]);
  });

  it('a fork repeats what was before it: late', async () => {
    const acts = await told(
      { type: 'queue-operation', operation: 'enqueue', timestamp: clock(90), sessionId: 's2' },
      ...read('t1', { at: 1, session: 's2' }),
      ...read('t2', { at: 91, session: 's2' }),
    );
    expect(acts.map(({ id, isLate }) => [id, isLate])).toEqual([
      ['t1', true],
      ['t2', undefined],
    ]);
  });
});

describe('the session', () => {
  it('is known by its first prompt, its folder, its branch, its version', async () => {
    home.write(
      'projects/-home-me-app/s9.jsonl',
      jsonl(
        promptLine('<command-name>/clear</command-name>', { at: 0, session: 's9', version: '2.1.300', branch: 'main' }),
        promptLine('Tidy\u001b[31m the\nmemory, and then a great many other things that no table has room for', {
          at: 1,
          session: 's9',
        }),
        callLine('t1', 'Read', { file_path: memory }, { at: 2, session: 's9', cwd: '/home/me/app/sub' }),
        answerLine('t1', '', readResult(memory, text), { at: 3, session: 's9', branch: 'feat/x' }),
      ),
    );
    const { session } = await home.scan('projects/-home-me-app/s9.jsonl');
    expect(session).toEqual({
      session: 's9',
      agent: null,
      label: '/clear',
      branch: 'feat/x',
      cwd: '/home/me/app',
      version: '2.1.331',
      first: noon,
      last: noon + 3000,
      transcript: 'projects/-home-me-app/s9.jsonl',
    });
  });

  it.each([
    [[], 'Do it'],
    [[{ type: 'ai-title', aiTitle: 'Made up', sessionId: 's8' }], 'Made up'],
    [
      [
        { type: 'custom-title', customTitle: 'Mine', sessionId: 's8' },
        { type: 'ai-title', aiTitle: 'Made up', sessionId: 's8' },
      ],
      'Mine',
    ],
    [
      [
        { type: 'custom-title', customTitle: 'Old', sessionId: 's8' },
        { type: 'custom-title', customTitle: 'New', sessionId: 's8' },
      ],
      'New',
    ],
    [
      [
        { type: 'custom-title', customTitle: 'Given', sessionId: 's8' },
        { type: 'agent-name', agentName: 'Given first', sessionId: 's8' },
      ],
      'Given',
    ],
    [
      [
        { type: 'agent-name', agentName: 'Named', sessionId: 's8' },
        { type: 'ai-title', aiTitle: 'Made up', sessionId: 's8' },
      ],
      'Named',
    ],
    [[{ type: 'agent-name', agentName: "Another's", sessionId: 's7' }], 'Do it'],
    [[{ type: 'custom-title', customTitle: "Another's", sessionId: 's7' }], 'Do it'],
    [[{ type: 'summary', summary: 'Something else', leafUuid: 'x' }], 'Do it'],
  ])('has a title, or its first prompt: %j', async (titles, label) => {
    const of = { session: 's8' };
    const records = [
      promptLine('Do it', of),
      ...titles,
      callLine('t1', 'Read', { file_path: memory }, of),
      answerLine('t1', '', readResult(memory, text), of),
    ];
    home.write('projects/-home-me-app/s8.jsonl', jsonl(...records));
    expect((await home.scan('projects/-home-me-app/s8.jsonl')).session?.label).toBe(label);
  });
});
