/** A deleted file is called one, wherever an incident is named; and what is too young to be judged is counted. */
import { describe, expect, it } from 'vitest';
import { auditJson } from '../../src/report/audit-json.ts';
import { incidentBlock } from '../../src/report/incident-block.ts';
import { auditText } from '../../src/report/incident-table.ts';
import { auditMarkdown } from '../../src/report/markdown.ts';
import { noticesOf } from '../../src/report/notices.ts';
import { auditSarif } from '../../src/report/sarif.ts';
import { makeStyle } from '../../src/report/style.ts';
import { indexIncident, now, report } from './samples.ts';

const style = makeStyle({ color: false, width: 100 });
const deleted = {
  ...indexIncident,
  path: 'settings.json',
  cause: { ...indexIncident.cause!, blob: null },
  base: null,
};
const changed = { ...indexIncident, cause: { ...indexIncident.cause!, blob: 'a'.repeat(40) } };

describe('a deleted file', () => {
  it('is called one in every format', () => {
    expect(auditText(report([deleted]), style, now)).toMatch(/settings\.json +file deleted, with list item/);
    expect(incidentBlock(deleted, style, now)).toMatch(/^deleted: settings\.json, with list item/);
    expect(incidentBlock(deleted, style, now)).toContain('\ndeleted 14:03:20 by session ');
    expect(auditMarkdown(report([deleted]))).toContain('deleted `settings.json`, with list item');
    expect(auditSarif(report([deleted]))).toContain('file deleted, with list item');
    expect(noticesOf([deleted])[0]!.body).toMatch(/^file deleted, with list item/);
  });

  it('is one of several in a row', () => {
    const four = ['a', 'b', 'c', 'd'].map(name => ({ ...deleted, id: `k7f3q${name}`, path: `rules/${name}.md` }));
    expect(auditText(report(four), style, now)).toContain('4 files deleted, with 4 list items');
  });

  it('is none when text went out of a file that stands, or was forgotten', () => {
    for (const incident of [changed, { ...deleted, forgotten: now }]) {
      expect(auditText(report([incident]), style, now)).toMatch(/lost: list item/);
      expect(incidentBlock(incident, style, now)).toMatch(/^lost: list item/);
    }
  });
});

describe('a deletion that is not judged yet', () => {
  const { coverage } = report([]);
  const waiting = ['a.md', 'b.md', 'c.md'].map(path => ({ root: 'claude', path, until: now + 30_000 }));
  const young = report([], { coverage: { ...coverage, waiting } });

  it('is counted below what is open', () => {
    expect(auditText(young, style, now)).toMatch(
      /^no open incidents; .*\n3 deletions not judged yet: run undertext audit/,
    );
    expect(auditText(report([]), style, now)).not.toContain('not judged');
    expect(auditMarkdown(young)).toContain('`a.md` was deleted a moment ago');
  });

  it('is named in JSON', () => {
    const { coverage: said } = JSON.parse(auditJson(young));
    expect(said.waiting[0]).toEqual({ root: 'claude', path: 'a.md', until: new Date(now + 30_000).toISOString() });
    expect(JSON.parse(auditJson(report([]))).coverage.waiting).toEqual([]);
  });
});
