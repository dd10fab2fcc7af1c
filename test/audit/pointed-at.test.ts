import { describe, expect, it } from 'vitest';
import { acceptNote, openNote } from '../../src/audit/ledger.ts';
import { pointedAt, whatPointsTo } from '../../src/audit/pointed-at.ts';
import type { Incident } from '../../src/model.ts';
import { driftIncident, indexIncident, session } from '../report/samples.ts';

const day = 86_400_000;
const now = Date.parse('2026-11-20T22:00:00Z');
const recent = 90 * day;
const transcript = 'projects/-home-me/7c1e.jsonl';

const look = (incident: Incident, closedBefore: number | null = null) => {
  const notes =
    closedBefore === null ? [openNote(incident, now)] : [acceptNote(incident, 'meant', now - closedBefore * day)];
  return pointedAt([incident], notes, { now, recent });
};

describe('what incidents point to', () => {
  it('an open one: the versions it names, its path, and the transcript of whoever wrote them', () => {
    const pointed = look(indexIncident);
    expect([...pointed.versions.keys()]).toEqual(['lost4xkabc', 'cause9wabc', 'base2h4abc']);
    expect(whatPointsTo(pointed, 'claude', 'skills/_index.md')).toBe('incident k7f3qz');
    expect(whatPointsTo(pointed, 'claude', transcript)).toBe('incident k7f3qz');
    expect(whatPointsTo(pointed, 'notes', 'skills/_index.md')).toBeNull();
    expect(whatPointsTo(pointed, 'claude', 'projects/-home-me/8d2f.jsonl')).toBeNull();
  });

  it('one without a lost version or a base', () => {
    expect([...look(driftIncident).versions.keys()]).toEqual(['cause9wabc']);
  });

  it.each([
    ['closed a month ago: it may be opened again', 30, 3],
    ['closed long ago', 91, 0],
  ])('%s', (_, days, versions) => {
    const pointed = look({ ...indexIncident, state: 'accepted' }, days);
    expect(pointed.versions.size).toBe(versions);
    expect(whatPointsTo(pointed, 'claude', transcript) === null).toBe(versions === 0);
  });

  it('open for years', () => {
    expect(pointedAt([indexIncident], [openNote(indexIncident, 0)], { now, recent }).versions.size).toBe(3);
  });

  it('only a session has a transcript', () => {
    const person = { ...session, kind: 'person' as const };
    const pointed = look({ ...indexIncident, cause: { ...indexIncident.cause!, writer: person } });
    expect(pointed.sessions.size).toBe(0);
  });
});
