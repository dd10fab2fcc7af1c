/** Real transcripts, where the corpus is present: beside a reader that parses every line, nothing may be missing. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lookAtRoot } from '../../../src/sessions/transcripts/look-at-root.ts';
import { everyPlace, placesOf } from '../../../src/sessions/transcripts/places.ts';
import { scanTranscript } from '../../../src/sessions/transcripts/scan.ts';
import { scanHome } from '../../../src/sessions/transcripts/scan-home.ts';
import { corpus, isCorpusHere, say } from '../corpus-place.ts';

const fileTools = new Set(['Read', 'Write', 'Edit', 'MultiEdit', 'NotebookEdit']);

interface Asked {
  readonly id: string;
  readonly tool: string;
  readonly path: string;
  readonly isAnswered: boolean;
  readonly isError: boolean;
}

/** What a reader finds that knows nothing of speed. */
function askedIn(file: string): readonly Asked[] {
  const calls = new Map<string, { tool: string; path: string }>();
  const answers = new Map<string, boolean>();
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    let record: { message?: { content?: unknown }; toolUseResult?: unknown };
    try {
      record = JSON.parse(line);
    } catch {
      continue;
    }
    const content = record?.message?.content;
    for (const block of Array.isArray(content) ? content : []) {
      if (block.type === 'tool_use' && fileTools.has(block.name)) {
        calls.set(block.id, { tool: block.name, path: block.input?.file_path ?? block.input?.notebook_path ?? '' });
      }
      if (block.type === 'tool_result')
        answers.set(block.tool_use_id, block.is_error === true || typeof record.toolUseResult === 'string');
    }
  }
  return [...calls].map(([id, call]) => ({
    id,
    ...call,
    isAnswered: answers.has(id),
    isError: answers.get(id) === true,
  }));
}

function transcriptsBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.jsonl'))
    .map(name => join(folder, name));
}

describe.skipIf(!isCorpusHere)('the corpus (skipped where ../shared/corpus is not present)', () => {
  it('every call on a file that was answered is an act: homes as clients left them, now at another place', async () => {
    const lines: string[] = [];
    for (const version of readdirSync(join(corpus, 'lab'))) {
      let acts = 0;
      for (const scenario of readdirSync(join(corpus, 'lab', version))) {
        const path = join(corpus, 'lab', version, scenario, '.claude');
        const places = placesOf([lookAtRoot({ name: 'claude', path, beside: ['../.claude.json'] })]);
        const found = new Set<string>();
        for await (const scanned of scanHome(path, () => null, { places, home: 'claude' })) {
          expect(scanned.damaged).toBe(0);
          for (const act of scanned.acts) found.add(act.id);
        }
        for (const { id, tool, path: spelled, isAnswered, isError } of transcriptsBelow(join(path, 'projects')).flatMap(
          askedIn,
        )) {
          if (!isAnswered || !spelled.includes('/.claude/') || (tool === 'Read' && isError)) continue;
          expect(found.has(id), `${version}/${scenario} ${tool} ${id}`).toBe(true);
        }
        acts += found.size;
      }
      lines.push(`${version}: ${acts} acts`);
    }
    say(lines.join(' · '));
  });

  it('every call on any file, in transcripts of 1.0.24 to 2.1.62', async () => {
    const places = everyPlace('all');
    let [asked, exact, changes] = [0, 0, 0];
    for (const file of transcriptsBelow(join(corpus, 'transcripts'))) {
      const { size, mtimeMs, ino } = statSync(file);
      const agent = /^agent-(.+)\.jsonl$/.exec(basename(file))?.[1] ?? null;
      const transcript = { home: dirname(file), path: basename(file), size, mtime: mtimeMs, ino, session: null, agent };
      const { acts } = await scanTranscript(transcript, null, { places, home: 'all' });
      for (const { id, tool, isAnswered, isError } of askedIn(file)) {
        if (!isAnswered || (tool === 'Read' && isError)) continue;
        asked++;
        const act = acts.find(act => act.id === id);
        expect(act, `${basename(file)} ${tool} ${id}`).toBeDefined();
        if (tool === 'Read' || isError) continue;
        changes++;
        if (act!.before !== undefined || act!.patch !== undefined) exact++;
      }
    }
    say(`${asked} calls, ${exact} of ${changes} changes with what was before them or a patch`);
    expect(exact).toBeGreaterThan(0.95 * changes);
  });
});
