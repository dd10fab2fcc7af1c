/** What a person sees of an import. */
import { describe, expect, it } from 'vitest';
import { evidenceLines } from '../../src/report/evidence-text.ts';
import { importText } from '../../src/report/import-text.ts';
import { logTable, type VersionSource } from '../../src/report/log-table.ts';
import { makeStyle } from '../../src/report/style.ts';
import { columns } from '../../src/report/width.ts';
import { importing, now, version } from './samples.ts';

const narrow = makeStyle({ color: false, width: 80 });

describe('an import', () => {
  it('says what came from where, and how sure it is', () => {
    expect(importText(importing, narrow, now)).toMatchInlineSnapshot(`
      "imported 41 versions of 6 files, 38 validated, the oldest of 2026-10-22 09:10

      source                  known by                     versions  files  validated
      transcripts             the record itself            33        6      33
      transcripts             from one record to the next  5         2      2
      copies in file-history  a whole copy                 3         1      3

      203 transcripts, 14 of them new or changed
      2 damaged lines of transcripts: only what stands whole there was read
      transcripts of Claude Code 9.9.9 are newer than any this was tested with: what
      they tell may be incomplete
      skipped file-history/7c1e/8908430481df61fc@v1: nothing says when it was made
      could not read projects/p/\\x1b[31mred.jsonl: it could not be opened

      what was lost in them: undertext audit
      "
    `);
  });

  it('tells a home without transcripts from one of which all is kept', () => {
    const none = { ...importing, versions: 0, files: 0, validated: 0, since: null, sources: [], skipped: [] };
    const found = (number: number) => ({ found: number, read: 0, damaged: 0, newer: [] });
    const textOf = (number: number) => importText({ ...none, transcripts: found(number), unreadable: [] }, narrow, now);
    expect(textOf(0)).toBe('nothing to import: there are no transcripts\n');
    expect(textOf(1)).toBe(
      'nothing to import: all that is told is kept already\n\n1 transcript, 0 of them new or changed\n',
    );
  });

  it('out of git', () => {
    const git = { kind: 'git', tier: 'git', versions: 2, files: 1, validated: 2 } as const;
    const report = { ...importing, versions: 2, files: 1, validated: 2, sources: [git], transcripts: null };
    const text = importText({ ...report, git: '/home/me/\u001b[2Jdotfiles', skipped: [], unreadable: [] }, narrow, now);
    expect(text).toMatchInlineSnapshot(`
      "imported 2 versions of 1 file, all validated, the oldest of 2026-10-22 09:10

      source  known by  versions  files  validated
      git     a commit  2         1      2

      out of the git history of /home/me/\\x1b[2Jdotfiles

      what was lost in them: undertext audit
      "
    `);
  });

  it('that found nothing, and one that only looked', () => {
    const nothing = {
      ...importing,
      versions: 0,
      files: 0,
      validated: 0,
      since: null,
      sources: [],
      skipped: [],
      unreadable: [],
    };
    expect(importText({ ...nothing, transcripts: { found: 1, read: 0, damaged: 0, newer: [] } }, narrow, now)).toBe(
      'nothing to import: all that is told is kept already\n\n1 transcript, 0 of them new or changed\n',
    );
    const dry = importText({ ...importing, isDry: true }, narrow, now);
    expect(dry).toContain('would import 41 versions of 6 files, 38 validated');
    expect(dry).not.toContain('undertext audit');
  });

  it.each([40, 80, 120])('fits %i columns, also with more than anybody reads', width => {
    const unreadable = Array.from({ length: 30 }, (_, i) => ({
      root: 'claude',
      path: `${'x'.repeat(90)}${i}`,
      why: 'EACCES',
    }));
    const text = importText({ ...importing, unreadable }, makeStyle({ color: false, width }), now);
    expect(text).toContain('… and 10 more');
    expect(text.split('\n').filter(line => columns(line) > width)).toEqual([]);
  });
});

describe('log', () => {
  it.each<[VersionSource | null, string]>([
    [null, 'first seen'],
    [{ kind: 'transcript', tier: 'own record', validated: true }, 'first seen · imported from a transcript'],
    [
      { kind: 'transcript', tier: 'chain', validated: false },
      'first seen · imported from a transcript (chain, not validated)',
    ],
    [
      { kind: 'transcript', tier: 'own record', validated: false },
      'first seen · imported from a transcript (not validated)',
    ],
    [{ kind: 'file-history', tier: 'backup', validated: true }, 'first seen · imported from a copy of the client'],
    [{ kind: 'backup', tier: 'backup', validated: true }, 'first seen · imported from a backup'],
    [{ kind: 'git', tier: 'git', validated: true }, 'first seen · imported from git'],
  ])('%j', (source, expected) => {
    const row = { version: version('base2h4abc', now), writer: null, forgotten: null, source, change: 'first seen' };
    const text = logTable({ root: 'claude', path: 'a.md', rows: [row] }, makeStyle({ color: false, width: 120 }), now);
    expect(text.trimEnd().endsWith(`unknown  ${expected}`), text).toBe(true);
  });
});

describe('what transcripts gave to an audit', () => {
  const nothing = { versions: 0, files: 0, since: null };
  const none = { transcripts: 2, read: 0, imported: nothing, damaged: 0, newer: [], skipped: [], unreadable: [] };

  it('is nothing where nothing is new and nothing is wrong', () => {
    expect(evidenceLines(none, now)).toEqual({ gave: [], warnings: [] });
  });

  it('says what was damaged, left out, not read, or is too new to be sure of', () => {
    const unseen = { root: 'claude', path: 'a\u001b.jsonl', why: 'no reason' };
    const report = { ...none, damaged: 1, newer: ['9.9.9', '9.9.10'], skipped: [unseen, unseen], unreadable: [unseen] };
    expect(evidenceLines(report, now)).toEqual({
      gave: [
        '1 damaged line of transcripts: only what stands whole there was read',
        'left out: a\\x1b.jsonl (no reason) and 1 more',
      ],
      warnings: [
        'could not be read: a\\x1b.jsonl (no reason)',
        'transcripts of Claude Code 9.9.9, 9.9.10 are newer than any this was tested with: what they tell may be incomplete',
      ],
    });
  });
});
