import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { backupNames, backupTimes, findBackups, nameOf } from '../../../src/sessions/past/backups.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'undertext-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(file: string, text = 'x'): string {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const root = (beside: readonly string[] = []) => ({ name: 'claude', path: folder, beside });

describe('copies that the client made', () => {
  it('are found by their names, and nothing else is, nor a link', () => {
    put('file-history/s1/0123456789abcdef@v1');
    put('file-history/s1/0123456789abcdef@v12');
    put('file-history/s1/README');
    put('file-history/stray@v1');
    put('backups/.claude.json.backup.1795216851930');
    put('backups/.claude.json.corrupted.1795216851930');
    const elsewhere = put('elsewhere');
    symlinkSync(elsewhere, join(folder, 'file-history/s1/0000000000000000@v1'));
    symlinkSync(elsewhere, join(folder, 'backups/.claude.json.backup.1795216851931'));
    const found = findBackups(root()).map(({ file, session, at }) => [file, session, at]);
    expect(found.sort()).toEqual([
      ['backups/.claude.json.backup.1795216851930', null, 1795216851930],
      ['file-history/s1/0123456789abcdef@v1', 's1', null],
      ['file-history/s1/0123456789abcdef@v12', 's1', null],
    ]);
    expect(findBackups({ ...root(), path: join(folder, 'nowhere') })).toEqual([]);
  });

  it.each([
    ['a path of the root', '/home/me/.claude/CLAUDE.md', ['/home/me/.claude'], ['CLAUDE.md'], 'CLAUDE.md'],
    ['of where the root was before', '/old/.claude/a/b.md', ['/home/me/.claude', '/old/.claude'], ['a/b.md'], 'a/b.md'],
    ['what stands beside the root', '/home/me/.claude.json', ['/home/me/.claude'], [], '../.claude.json'],
    ['of Windows', 'c:\\Users\\me\\.claude\\a\\b.md', ['C:/Users/me/.claude'], ['a/b.md'], 'a/b.md'],
    ['another file', '/home/me/proj/x.md', ['/home/me/.claude'], ['x.md'], null],
  ])('name their path: %s', (_, spelled, folders, paths, expected) => {
    put(`file-history/s/${nameOf(spelled)}@v3`);
    const beside = ['../.claude.json'];
    expect(backupNames(root(beside), folders, paths)(findBackups(root(beside))[0]!)).toBe(expected);
  });

  it('a copy of the configuration is one of where it stands', () => {
    put('backups/.claude.json.backup.1795216851930');
    const [backup] = findBackups(root());
    expect(backupNames(root(['../.claude.json']), [], [])(backup!)).toBe('../.claude.json');
    expect(backupNames(root(), [], [])(backup!)).toBe('.claude.json');
  });

  it('their transcripts say when: both shapes of a record, the first time of several, across chunks', async () => {
    const entry = (name: string, time: string) => `{"backupFileName":"${name}","version":1,"backupTime":"${time}"}`;
    const [a, b, c] = ['a', 'b', 'c'].map(letter => `${letter.repeat(16)}@v1`) as [string, string, string];
    const early = '2026-11-20T12:00:00.000Z';
    const late = '2026-11-20T13:00:00.000Z';
    const edge = 1024 * 1024;
    const lines = [
      `{"type":"file-history-snapshot","snapshot":{"trackedFileBackups":{"/x":${entry(a, late)},"/y":${entry(a, early)}}}}`,
      `{"type":"file-history-delta","backup":${entry(b, late)}}`,
    ].join('\n');
    const text = `${lines}${' '.repeat(edge - lines.length - 40)}${entry(c, early)}\n`;
    const times = await backupTimes([put('t.jsonl', text), join(folder, 'gone.jsonl')]);
    expect([...times]).toEqual([
      [a, Date.parse(early)],
      [b, Date.parse(late)],
      [c, Date.parse(early)],
    ]);
  });
});
