/** Acts as the evidence keeps them. */
import type { Act, KnownContent, SessionFacts } from '../../../src/sessions/act.ts';

export const noon = Date.parse('2026-11-20T12:00:00Z');

export function kept(given: Partial<Act> = {}): Act {
  return {
    session: 'A',
    agent: null,
    id: 'toolu_1',
    kind: 'write',
    tool: 'Write',
    root: 'claude',
    path: 'notes.md',
    asked: noon,
    at: noon + 20,
    transcript: 'projects/p/A.jsonl',
    offset: 100,
    before: null,
    after: content('a'),
    ...given,
  };
}

export function content(letter: string, given: Partial<KnownContent> = {}): KnownContent {
  return { blob: letter.repeat(40), size: 1, tier: 'own record', isValidated: false, ...given };
}

export function facts(session: string, given: Partial<SessionFacts> = {}): SessionFacts {
  return {
    session,
    agent: null,
    label: `what ${session} was asked`,
    branch: null,
    cwd: '/proj',
    version: '2.1.72',
    first: noon,
    last: noon + 60_000,
    transcript: `projects/p/${session}.jsonl`,
    ...given,
  };
}
