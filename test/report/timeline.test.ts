/** How a proven loss reads: the block, the way to it, the line that revises it. */
import { describe, expect, it } from 'vitest';
import { incidentBlock, incidentDetails } from '../../src/report/incident-block.ts';
import { auditText } from '../../src/report/incident-table.ts';
import { revisedText } from '../../src/report/revised-text.ts';
import { makeStyle } from '../../src/report/style.ts';
import { folder, timelineText } from '../../src/report/timeline.ts';
import { hidden } from '../../src/report/visible.ts';
import { columns } from '../../src/report/width.ts';
import { indexIncident, longIncident, now, provenIncident, report, sessionA, sessionC, today } from './samples.ts';

const narrow = makeStyle({ color: false, width: 80 });

describe('a proven incident', () => {
  it('in short, as watch prints it', () => {
    expect(incidentBlock(provenIncident, narrow, now)).toMatchInlineSnapshot(`
      "lost: section "Voice buffer invariants" in
      projects/-home-me-reader/memory/architecture.md
      overwritten 14:03:20 by session "Fix the double emit in og", working from its
      copy of 13:58:10
      the text was written 14:02:50 by session "feat/voice-buffer"
      certainty: proven · severity: high · state: open

      - ## Voice buffer invariants
      -
      - One buffer for each speaker.

      to bring it back: undertext restore p7v3nq
      if it was meant: undertext accept p7v3nq --reason "…"

      why (lost-update)
        1 section of 14:02:50 is missing since the write of 14:03:20, whose writer had
        last read it at 13:58:10
        · session "feat/voice-buffer" wrote exactly the version of 14:02:50
        · session "Fix the double emit in og" wrote exactly the version of 14:03:20,
          and had read the file whole at 13:58:10
        · 1 reason more: undertext show p7v3nq
      "
    `);
  });

  it('whole, as show prints it', () => {
    expect(
      incidentDetails(provenIncident, '--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n', narrow, now, '/home/me'),
    ).toMatchInlineSnapshot(`
      "lost: section "Voice buffer invariants" in
      projects/-home-me-reader/memory/architecture.md
      overwritten 14:03:20 by session "Fix the double emit in og", working from its
      copy of 13:58:10
      the text was written 14:02:50 by session "feat/voice-buffer"
      certainty: proven · severity: high · state: open

      - ## Voice buffer invariants
      -
      - One buffer for each speaker.

      to bring it back: undertext restore p7v3nq
      if it was meant: undertext accept p7v3nq --reason "…"

      why (lost-update)
        1 section of 14:02:50 is missing since the write of 14:03:20, whose writer had
        last read it at 13:58:10
        · session "feat/voice-buffer" wrote exactly the version of 14:02:50
        · session "Fix the double emit in og" wrote exactly the version of 14:03:20,
          and had read the file whole at 13:58:10
        · the lost text stands nowhere in its transcript before that write

      base   11:20:31          base2h4abc  known · unknown writer
      lost   14:02:50          lost4xkabc  last version with the text · session
                                           "feat/voice-buffer"
      cause  14:03:20          cause9wabc  removed here · session "Fix the double emit
                                           in og"

      who knew what

      13:58:02  A  read it
      13:58:10  B  read it
      14:02:50  A  edited it (+1 section)
      14:03:20  B  wrote it from its copy of 13:58:10 (+1 section −1 section)

      A = feat/voice-buffer · session 1b7c… · feat/voice-buffer · ~/code/reader
      B = Fix the double emit in og · session e90d… · main · ~/code/og

      what that write changed

      --- a
      +++ b
      @@ -1 +1 @@
      -x
      +y
      "
    `);
  });

  it('in the table of the audit, beside one that is only likely', () => {
    const unsigned = { ...indexIncident, cause: { ...indexIncident.cause!, writer: null } };
    expect(auditText(report([provenIncident, unsigned]), narrow, now)).toMatchInlineSnapshot(`
      "id      certainty  when      path                       what
      p7v3nq  proven     14:03:20  projects/-home-me-reader/  lost: section "Voice
                                   memory/architecture.md     buffer invariants"
                                                              by session "Fix the
                                                              double emit in og"
      k7f3qz  likely     14:03:20  skills/_index.md           lost: list item
                                                              "voice-buffer"

      2 open incidents (1 proven, 1 likely); 812 versions looked at

      not watched: 02:00:00 to 08:30:00: no watcher
      not kept: 1 × secret

      why: undertext show p7v3nq

      to bring the text back:
      undertext restore p7v3nq
      undertext restore k7f3qz
      "
    `);
  });

  it('of a writer that was shown the text: says so at what it was given, and from which version it went on', () => {
    const [, read, , wrote] = provenIncident.timeline!;
    const steps = [
      { ...read!, did: 'was given' as const, holdsLost: true as const },
      { ...wrote!, of: null, from: read!.at - 1_000 },
    ];
    expect(timelineText(steps, narrow, now).slice(2, 5)).toEqual([
      '13:58:10  A  was given it, with what is lost',
      '14:03:20  A  wrote it, going on from the version of 13:58:09 (+1 section −1',
      '             section)',
    ]);
  });

  it('without a timeline says from which version it grew', () => {
    const { timeline: _, ...bare } = provenIncident;
    expect(incidentBlock(bare, narrow, now).split('\n').slice(2, 5)).toMatchInlineSnapshot(`
      [
        "overwritten 14:03:20 by session "Fix the double emit in og", working from an old",
        "copy (11:20:31)",
        "the text was written 14:02:50 by session "feat/voice-buffer"",
      ]
    `);
    expect(incidentDetails(bare, '', narrow, now)).not.toContain('who knew what');
  });
});

describe('the timeline', () => {
  const text = timelineText(longIncident.timeline!, narrow, now, '/home/me');

  it('of a long way shows its beginning and its end', () => {
    expect(text.join('\n')).toMatchInlineSnapshot(`
      "who knew what

      13:57:00  ?  wrote it
      13:58:10  A  read it
      13:58:11  B  read it
      … 10 steps more: --json
      13:58:22  A  read it
      13:58:23  B  read it
      13:58:24  A  read it
      13:58:25  C  read it
      13:58:26  A  read it
      13:58:27  D  read it
      14:02:49  E  was refused a write: not the content it knew
      14:02:50  A  likely appended to it (+1 section +4 list items +1 table row +…)
      14:03:20  E  overwrote it by a shell command from its copy of 13:58:10 (−1
                   section)

      A = feat/voice-buffer · session 1b7c… · feat/voice-buffer · ~/code/reader
      B = Fix the double emit in og · sub-agent a1 of session e90d… · main · ~/code/og
      C = Fix the double emit in og · sub-agent a3 of session e90d… · main · ~/code/og
      D = Fix the double emit in og · sub-agent a5 of session e90d… · main · ~/code/og
      E = Fix the double emit in og · session e90d… · main · ~/code/og
      ? = nobody we know
      "
    `);
  });

  it('of another day says the day once', () => {
    const tomorrow = now + 86_400_000;
    const lines = timelineText(provenIncident.timeline!, narrow, tomorrow);
    expect(lines.slice(0, 3)).toEqual(['who knew what, on 2026-11-20', '', '13:58:02  A  read it']);
    const twoDays = [...provenIncident.timeline!, { ...provenIncident.timeline![0]!, at: tomorrow }];
    expect(timelineText(twoDays, narrow, tomorrow)[2]).toBe('2026-11-20 13:58:02.000  A  read it');
  });

  it('fits and hides nothing', () => {
    for (const width of [40, 60, 80, 120]) {
      const lines = timelineText(longIncident.timeline!, makeStyle({ color: false, width }), now, '/home/me');
      expect(lines.filter(line => columns(line) > width)).toEqual([]);
      expect(lines.filter(line => line.search(hidden) >= 0)).toEqual([]);
    }
  });

  it('of nothing is nothing', () => expect(timelineText([], narrow, now)).toEqual([]));

  it('gives letters in order of appearance, one to each, however many', () => {
    const steps = Array.from({ length: 12 }, (_, i) => ({
      ...provenIncident.timeline![0]!,
      who: { ...sessionA, id: `${i % 3}0000000` },
    }));
    const letters = timelineText(steps, narrow, now)
      .slice(2, 14)
      .map(line => line.slice(10, 11));
    expect(letters.join('')).toBe('ABCABCABCABC');
  });

  it.each([
    ['/home/me/code', '~/code'],
    ['/home/me', '~'],
    ['/home/mete', '/home/mete'],
    ['C:\\Users\\me\\x', 'C:\\Users\\me\\x'],
    ['/a\u001b', '/a\\x1b'],
  ])('the folder %j', (path, told) => expect(folder(path, '/home/me')).toBe(told));
});

describe('a revised incident', () => {
  it('is one line where it fits', () => {
    const soon = today('14:03:25');
    expect(revisedText(provenIncident, narrow, soon)).toMatchInlineSnapshot(`
      "14:03:25  p7v3nq is proven now: session "Fix the double emit in og" wrote it,
      from its copy of 13:58:10"
    `);
    expect(revisedText({ ...provenIncident, timeline: [] }, narrow, soon)).toMatchInlineSnapshot(`
      "14:03:25  p7v3nq is proven now: session "Fix the double emit in og" wrote it,
      from what stood there at 11:20:31"
    `);
    const unknown = { ...provenIncident.cause!, writer: null };
    expect(revisedText({ ...provenIncident, certainty: 'likely', cause: unknown }, narrow, soon)).toMatchInlineSnapshot(
      `"14:03:25  p7v3nq is likely now"`,
    );
    const twins = { ...provenIncident.cause!, writer: { ...sessionC, label: sessionA.label } };
    expect(revisedText({ ...provenIncident, cause: twins }, narrow, soon)).toContain('" (e90d…)');
  });
});
