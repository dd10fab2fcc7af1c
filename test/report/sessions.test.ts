/** What `sessions` prints: the danger first. */
import { describe, expect, it } from 'vitest';
import { sessionsText } from '../../src/report/sessions-text.ts';
import { makeStyle } from '../../src/report/style.ts';
import { hidden } from '../../src/report/visible.ts';
import { columns } from '../../src/report/width.ts';
import { hostileSessions, liveCoverage, now, sessionsReport } from './samples.ts';

const narrow = makeStyle({ color: false, width: 80 });
const nothing = { ...sessionsReport, sessions: [], stale: [] };

describe('sessions', () => {
  it('begins with the stale copies, and what to do', () => {
    expect(sessionsText(sessionsReport, narrow, now, '/home/me')).toMatchInlineSnapshot(`
      "2 stale copies

      projects/-home-me-reader/memory/architecture.md
        session "Fix the double emit in og" read it 13:58:10; session
        "feat/voice-buffer" wrote it 14:02:50
        lost if it saved its copy now: section "Voice buffer invariants"
        have session "Fix the double emit in og" read the file again

      CLAUDE.md
        sub-agent a77 of session "feat/voice-buffer" was given it 13:41:00; somebody
        wrote it 13:50:00
        if it saved its copy now, what came since would be lost
        have sub-agent a77 of session "feat/voice-buffer" read the file again

      2 sessions alive; 1 session ended, active since 2026-11-19 22:00

      "feat/voice-buffer"  alive, since 13:40:02
        1b7c… · pid 4711 · feat/voice-buffer · ~/code/reader · 2.1.331
        wrote 14:02:50  projects/-home-me-reader/memory/architecture.md
        read  13:57:00  skills/_index.md

      sub-agent a77 of session "feat/voice-buffer"  alive, since 13:40:02
        1b7c… · pid 4711 · feat/voice-buffer · ~/code/reader · 2.1.331
        read  13:41:00  CLAUDE.md  stale

      "Fix the double emit in og"  perhaps alive, since 13:40:02
        e90d… · main · ~/code/og · 2.1.331
        read  13:58:10  projects/-home-me-reader/memory/architecture.md  stale

      "Tidy the skills"  ended, last seen 09:12:00
        77aa… · main · ~/code/og · 2.1.72
        wrote 09:00:00  skills/s0/SKILL.md
        wrote 09:01:00  skills/s1/SKILL.md
        wrote 09:02:00  skills/s2/SKILL.md
        wrote 09:03:00  skills/s3/SKILL.md
        wrote 09:04:00  skills/s4/SKILL.md
        … 3 paths more: --json

      files of sessions: 2 of dead processes, 1 whose pid another process has now
      "
    `);
  });

  it('says when there is nobody', () => {
    const live = { ...liveCoverage, files: 0, alive: 0, dead: 0, taken: 0 };
    const text = sessionsText({ ...nothing, coverage: { ...nothing.coverage, live } }, narrow, now);
    expect(text).toMatchInlineSnapshot(`
      "no session is alive, none was active since 2026-11-19 22:00

      no client says that it runs: who is alive is guessed from what was written last
      "
    `);
    expect(sessionsText({ ...nothing, since: null }, narrow, now)).toContain('no session is known');
  });

  it('says what an old copy would bring back', () => {
    const [row] = sessionsReport.stale;
    const back = { ...nothing, stale: [{ ...row!, units: [], back: row!.units }] };
    expect(sessionsText(back, narrow, now).split('\n')[4]).toBe(
      '  back if it saved its copy now: section "Voice buffer invariants"',
    );
  });

  it('of very many shows the first, and says how many are left', () => {
    const [row, stale] = [sessionsReport.sessions[0]!, sessionsReport.stale[0]!];
    const many = {
      ...sessionsReport,
      sessions: Array.from({ length: 300 }, (_, i) => ({ ...row, id: `${i}-x` })),
      stale: Array.from({ length: 50 }, () => stale),
    };
    const text = sessionsText(many, narrow, now);
    expect(text).toContain('… 260 sessions more: --json');
    expect(text).toContain('… 10 more: --json');
  });

  it('fits, obeys nothing, and says what could not be seen', () => {
    for (const width of [40, 80, 120]) {
      const lines = sessionsText(hostileSessions, makeStyle({ color: false, width }), now, '/home/me').split('\n');
      expect(lines.filter(line => columns(line) > width)).toEqual([]);
      expect(lines.filter(line => line.search(hidden) >= 0)).toEqual([]);
    }
    expect(sessionsText(hostileSessions, narrow, now).split('\n').slice(-6)).toMatchInlineSnapshot(`
      [
        "1 transcript could not be read: projects/\\x1b.jsonl (EACCES\\x07)",
        "12 damaged lines of transcripts: only what stands whole there was read",
        "files of sessions: 2 of dead processes, 1 whose pid another process has now, 3",
        "that are no records, 1 of another machine or container: nobody can say whether",
        "they live, 1 too many",
        "",
      ]
    `);
  });
});
