/** How blame reads, at 80 columns and narrower. */
import { describe, expect, it } from 'vitest';
import { type BlameReport, blameText, type LineRow, type UnitRow } from '../../src/report/blame-text.ts';
import { makeStyle } from '../../src/report/style.ts';
import { hidden } from '../../src/report/visible.ts';
import { columns } from '../../src/report/width.ts';
import { blamed, blamedLines, now, unit } from './samples.ts';

const narrow = makeStyle({ color: false, width: 80 });

describe('blame', () => {
  it('shows units below their headings', () => {
    expect(blameText(blamed, narrow, now)).toMatchInlineSnapshot(`
      "skills/_index.md@mend3dkabc, of 15:01:12

      ≤2026-11-19 09:10  base2h  unknown                # Skills
       14:02:50          lost4x  ↺ "feat/voice-buffer"    - [voice-buffer](voice-buff…
       14:03:20          cause9  likely "Fix the dou…     - [citations](citations/SKI…

      ≤: it stood there already in the oldest version that was looked at
      ↺: it had been lost, and a restore put it back
      "
    `);
  });

  it('shows lines', () => {
    expect(blameText(blamedLines, narrow, now)).toMatchInlineSnapshot(`
      "skills/_index.md@mend3dkabc, of 15:01:12

      ≤2026-11-19 09:10  base2h  unknown                9  # Skills
       14:02:50          lost4x  ↺ "feat/voice-buffer"  10  - [voice-buffer](voice-bu…
       14:03:20          cause9  likely "Fix the dou…   11  - [citations](citations/S…

      ≤: it stood there already in the oldest version that was looked at
      ↺: it had been lost, and a restore put it back
      "
    `);
  });

  it('says when the file has changed since, when nothing stands in it, and what was left out', () => {
    const empty: BlameReport = { ...blamed, isPresent: false, units: [], limits: ['the history is long'] };
    expect(blameText(empty, narrow, now)).toMatchInlineSnapshot(`
      "skills/_index.md@mend3dkabc, of 15:01:12
      the file has changed since; \`undertext snapshot\` keeps it as it is now

      nothing stands in it

      the history is long
      "
    `);
    const many = { ...blamed, units: Array.from({ length: 502 }, () => blamed.units[0]!) };
    expect(blameText(many, narrow, now)).toContain('… 2 units more: undertext blame PATH --json');
    const lines = { ...blamedLines, lines: Array.from({ length: 502 }, () => blamedLines.lines![0]!) };
    expect(
      blameText(lines, narrow, now)
        .split('\n')
        .filter(line => line.includes('# Skills')),
    ).toHaveLength(502);
  });

  it('names a sub-agent behind its session', () => {
    const [row] = blamed.units;
    const units = [{ ...row!, writer: { ...blamed.units[1]!.writer!, agent: 'a77b0c1' } }];
    const text = blameText({ ...blamed, units }, narrow, now);
    expect(text).toContain('  "feat/voice-b…/a77b…  # Skills');
    expect(text).toContain('/: a sub-agent of that session');
  });

  it('fits, and obeys nothing that stands in a file', () => {
    const [row, line] = [blamed.units[0]!, blamedLines.lines![0]!];
    const label = '\u001b[2J中文'.repeat(9);
    const text =
      '## a\u001b[2J\u200bb\r\n\ttabbed 中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文';
    const writer = { ...row.writer!, label, certainty: 'likely' } as const;
    const units: readonly UnitRow[] = [{ ...row, writer, depth: 30, unit: unit('section', 'a', text) }];
    const lines: readonly LineRow[] = [{ ...line, writer, text }];
    for (const report of [
      { ...blamed, units, path: text },
      { ...blamed, units: [], lines },
    ]) {
      const told = blameText(report, narrow, now).split('\n');
      expect(told.filter(each => columns(each) > 80)).toEqual([]);
      expect(told.filter(each => each.search(hidden) >= 0)).toEqual([]);
    }
  });
});
