/** What a commit says of the text that it takes away: its author knew of it, or he did not. */
import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import { saidOf } from '../../src/audit/said.ts';
import { parseDocument } from '../../src/documents/document.ts';
import type { Finding } from '../../src/rule.ts';
import { audit, noon, type Row, rows } from '../helpers/stories.ts';

function said(path: string, message: string, goes: Finding['goes'], lost: string, after = ''): string | null {
  const units = (text: string) => parseDocument('a.md', Buffer.from(text)).units;
  const finding = { path, goes, units: units(lost) } as unknown as Finding;
  return saidOf({ finding, message, after: units(after) });
}

const guide =
  '# Guide\n\nAsk before you publish.\n\n## Style\n\n- short names\n- no abbreviations\n- plain verbs\n- one idea each\n';

describe('a commit that takes a whole file or text away', () => {
  it.each<[string, path: string, message: string, line: string | null]>([
    ['names the file and says that it goes', 'rules/style.md', 'chore: remove style.md', 'chore: remove style.md'],
    ['names its stem', 'agents/backend-data.md', 'retire backend-data agent', 'retire backend-data agent'],
    ['names the bundle', 'skills/mcp-builder/x.py', 'remove mcp-builder skill (#69)', 'remove mcp-builder skill (#69)'],
    ['says how much is left', 'CLAUDE.md', 'polish\n\n- CLAUDE.md (113 → 39 lines)', '- CLAUDE.md (113 → 39 lines)'],
    [
      'says first what it does, then to what',
      'hooks/a-b.sh',
      'Trim hooks\n\n- a-b.sh: one check',
      '- a-b.sh: one check',
    ],
    [
      'goes on in the next line',
      'CLAUDE.md',
      'tidy\n\n- it was\n  rewritten: CLAUDE.md',
      '- it was rewritten: CLAUDE.md',
    ],
    ['quiet: adds to the file', 'CLAUDE.md', 'docs: add the deploy notes to CLAUDE.md', null],
    ['quiet: is of a program that lists what changed', 'CLAUDE.md', 'auto: update CLAUDE.md +3 more', null],
    ['quiet: takes another file away', 'CLAUDE.md', 'publish\n\nremove old-notes.md\nCLAUDE.md says who', null],
    ['quiet: says nothing', 'CLAUDE.md', '[sync] 2026-03-12 16:48:16', null],
    ['quiet: names the kind of file', 'commands/help.md', '- new commands: health, cleanup, quick', null],
    ['quiet: names a folder that holds much else', 'skills/x/SKILL.md', 'clean up the skills', null],
  ])('%s', (_, path, message, line) => {
    expect(said(path, message, 'file', guide)).toBe(line);
  });
});

describe('a commit that takes an entry away', () => {
  const entry = '- [ ] Self-feeding relay loop, so that one launch drains the backlog (id:60e1)\n';
  it.each<[string, message: string, after: string, isSaid: boolean]>([
    ['repeats words that only the entry had', 'todo: id:60e1 done, self-feeding loop verified', '- [ ] lamp\n', true],
    ['quiet: speaks of what it adds', 'todo: a lamp for the door', '- [ ] lamp\n', false],
    ['quiet: repeats words that stand there still', 'relay: launch the loop', '- [ ] launch the relay loop\n', false],
    ['quiet: has one word in common', 'backlog of today', '- [ ] lamp\n', false],
    ['quiet: was made by a program', 'auto: update TODO.md', '- [ ] lamp\n', false],
  ])('%s', (_, message, after, isSaid) => {
    expect(said('TODO.md', message, 'text', entry, after) !== null).toBe(isSaid);
  });

  it('says it of a key with all that stood below it', () => {
    const units = parseDocument(
      'a.json',
      Buffer.from('{ "back": { "old-api": { "a": { "n": 1 }, "b": { "n": 2 }, "c": { "n": 3 }, "d": { "n": 4 } } } }'),
    ).units;
    const finding = { path: 'a.json', goes: 'text', units } as unknown as Finding;
    const line = (message: string) => saidOf({ finding, message, after: [] });
    expect(line('feat: migrate from old-api to new-cli')).toBe('feat: migrate from old-api to new-cli');
    expect(line('feat: document old-api')).toBeNull();
  });

  it('quiet: of a long text some words stand in any message', () => {
    const long = guide.replace(/^# Guide\n/, '');
    expect(said('a.md', 'names without abbreviations', 'text', long)).toBeNull();
    expect(said('a.md', 'short names, no abbreviations', 'file', long)).toBeNull();
  });
});

describe('an audit', () => {
  const imported = { how: 'import' } as const;
  const steps = rows([
    ['CLAUDE.md', guide, imported],
    ['CLAUDE.md', '# Stub\n', { ...imported, after: 9 * 3_600_000 }],
  ] satisfies readonly Row[]);
  const told = async (message: string | null) => {
    const { incidents, failedRules } = await audit(steps, rules, {
      messageOf: version => (version.at > noon ? message : null),
    });
    expect(failedRules).toEqual([]);
    const found = incidents.find(({ findings }) => findings.some(({ rule }) => rule === 'lost-section'));
    return { severity: found?.severity, why: found?.findings.flatMap(({ evidence }) => evidence)[0] };
  };

  it('tells a text that was replaced, and quietly where its commit speaks of it', async () => {
    expect((await told(null)).severity).toBe('high');
    expect((await told('weekly snapshot')).severity).toBe('high');
    expect(await told('condense CLAUDE.md')).toEqual({
      severity: 'low',
      why: 'its commit speaks of it: "condense CLAUDE.md"',
    });
  });
});
