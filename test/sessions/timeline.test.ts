/** The way to a loss, told out of acts and versions: what matters is told, and once. */
import { describe, expect, it } from 'vitest';
import type { VersionAt } from '../../src/model.ts';
import type { Act, Actor, SessionFacts } from '../../src/sessions/act.ts';
import type { Evidence } from '../../src/sessions/evidence.ts';
import { testify } from '../../src/sessions/testify.ts';
import { timelineOf } from '../../src/sessions/timeline.ts';
import { acts, noon, versions } from './acts.ts';

const place = { root: 'home', path: 'notes.md' };

function evidenceOf(all: readonly Act[]): Evidence {
  const session = ({ session, agent }: Actor): SessionFacts => ({
    session,
    agent,
    label: session,
    branch: `branch of ${session}`,
    cwd: '/code',
    version: null,
    first: 0,
    last: 0,
    transcript: '',
  });
  return {
    acts: () => all,
    paths: () => [place],
    session,
    sessions: () => [],
    signature: () => '',
    hadText: async () => null,
    wasPrompted: async () => null,
  };
}

/** The steps from the base to the last version; the one before it is the lost one, unless it is said which. */
async function told(deeds: readonly string[], contents: readonly string[], { base = 0, lost = -2 } = {}) {
  const evidence = evidenceOf(acts(deeds));
  const stood = versions(contents);
  const testimony = testify({ evidence, versions: () => stood, read: async () => new Uint8Array(), clock: String });
  const version = (i: number): VersionAt => ({
    version: stood.at(i)!.id,
    at: stood.at(i)!.at,
    writer: null,
    blob: null,
  });
  const incident = {
    ...place,
    lost: version(lost),
    cause: version(-1),
    base: { ...version(base), how: 'known' as const },
  };
  const steps = await timelineOf(incident, { evidence, testimony });
  const index = (id: string | null) => stood.findIndex(each => each.id === id);
  const seconds = (at: number) => Math.round((at - noon) / 1000);
  return steps.map(({ at, who, did, version, of, from, holdsLost }) => {
    const copy = of === null ? '' : ` of ${seconds(of)}`;
    const more = `${copy}${from === undefined ? '' : ` from ${seconds(from)}`}${holdsLost ? ' with it' : ''}`;
    return `${seconds(at)} ${who?.id ?? '?'}${who?.agent ? `/${who.agent}` : ''} ${did} ${index(version)}${more}`;
  });
}

describe('the way to a loss', () => {
  it('is the story that everybody tells: two read, one wrote, the other wrote from its copy', async () => {
    const steps = await told(
      ['A read v0', 'C read v0', '+60s A edit v0 -> v1', 'C write v1 -> v2'],
      ['v0', '+90s v1', 'v2'],
    );
    expect(steps).toEqual(['0 A read 0', '30 C read 0', '90 A edited 1', '120 C wrote 2 of 30']);
  });

  it('names what each was given, and which part it saw', async () => {
    const steps = await told(
      ['C given v0', 'A part ?', 'A edit v0 -> v1', 'C write v1 -> v2'],
      ['v0', '+60s v1', 'v2'],
    );
    expect(steps).toEqual(['0 C was given 0', '30 A read a part of -1', '60 A edited 1', '90 C wrote 2 of 0']);
  });

  it('tells of a refusal, and of the shell that went around it', async () => {
    const steps = await told(
      ['C read v0', 'A edit v0 -> v1', 'C refused ?', 'C heredoc v1 -> v2'],
      ['v0', 'v1', '+60s v2'],
    );
    expect(steps).toEqual(['0 C read 0', '30 A edited 1', '60 C was refused -1', '90 C overwrote 2 of 0']);
  });

  it('tells what somebody knows by its own write as that version, once', async () => {
    const steps = await told(['C write - -> v0', 'A edit v0 -> v1', 'C write v1 -> v2'], ['v0', 'v1', 'v2']);
    expect(steps).toEqual(['0 C wrote 0', '30 A edited 1', '60 C wrote 2 of 0']);
  });

  it('says what its writer was shown, and from which version it went on all the same', async () => {
    const steps = await told(['A edit v0 -> v1', 'C given v1', '+60s C write v1 -> v2'], ['v0', 'v1', '+90s v2']);
    expect(steps).toEqual(['30 A edited 1', '30 C was given 1 with it', '120 C wrote 2 from 0']);
    const resumed = await told(
      ['C read v0', 'A edit v0 -> v1', 'C given v1', 'C heredoc v1 -> v2'],
      ['v0', 'v1', '+60s v2'],
    );
    expect(resumed).toEqual(['0 C read 0', '30 A edited 1', '60 C was given 1 with it', '90 C overwrote 2 from 0']);
  });

  it('has no copy to name where its writer had read the newest', async () => {
    const steps = await told(
      ['B read v0', 'A edit v0 -> v1', 'C read v1', 'C write v1 -> v2'],
      ['v0', 'v1', '+60s v2'],
    );
    expect(steps.at(-1)).toMatch(/C wrote 2$/);
  });

  it('does not know what nobody tells', async () => {
    const steps = await told(['C read v0', '+60s C write v1 -> v2'], ['v0', 'v1', 'v2']);
    expect(steps).toEqual(['0 C read 0', '30 ? wrote 1', '60 C wrote 2 of 0']);
    expect(await told([], ['v0', 'v1', 'v2'])).toEqual([]);
  });

  it('tells a sub-agent and its session apart', async () => {
    const steps = await told(['C read v0', 'C/x edit v0 -> v1', 'C write v1 -> v2'], ['v0', 'v1', 'v2']);
    expect(steps).toEqual(['0 C read 0', '30 C/x edited 1', '60 C wrote 2 of 0']);
  });

  it('of very much tells twelve steps, and always the lost one and the cause', async () => {
    const many = Array.from({ length: 24 }, (_, i) => `${'ABD'[i % 3]} edit v${i} -> v${i + 1}`);
    const steps = await told(
      ['C read v0', ...many, 'C write v24 -> v25'],
      Array.from({ length: 26 }, (_, i) => `v${i}`),
    );
    expect(steps).toHaveLength(12);
    expect(steps[0]).toBe('0 C read 0');
    expect(steps.at(-1)).toMatch(/C wrote 25 of 0$/);
    expect(steps.at(-2)).toMatch(/ edited 24$/);
  });

  it('knows branch and folder of those who took part', async () => {
    const evidence = evidenceOf(acts(['C read v0', 'A edit v0 -> v1', 'C write v1 -> v2']));
    const stood = versions(['v0', 'v1', 'v2']);
    const testimony = testify({ evidence, versions: () => stood, read: async () => new Uint8Array(), clock: String });
    const at = (i: number) => ({ version: stood[i]!.id, at: stood[i]!.at, writer: null, blob: null });
    const steps = await timelineOf(
      { ...place, lost: at(1), cause: at(2), base: { ...at(0), how: 'known' } },
      { evidence, testimony },
    );
    expect(steps[0]!.who).toEqual({
      kind: 'session',
      id: 'C',
      label: 'C',
      certainty: 'proven',
      branch: 'branch of C',
      cwd: '/code',
    });
    expect(steps.at(-1)!.edit).toEqual({ before: stood[1], after: stood[2] });
  });
});
