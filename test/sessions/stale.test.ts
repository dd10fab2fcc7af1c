/** Who holds a copy that others have written over: stories of two sessions, *stale* beside *fresh*. */
import { describe, expect, it } from 'vitest';
import { attribute } from '../../src/sessions/attribute.ts';
import type { Named } from '../../src/sessions/named.ts';
import { staleOf, useOf } from '../../src/sessions/stale.ts';
import { acts, noon, versions } from './acts.ts';

const place = { root: 'home', path: 'notes.md' };
const named = (lines: readonly string[]): readonly Named[] =>
  versions(lines).map(version => ({ version, name: version.blob }));

/** Whether `who` holds a stale copy after all that happened: what it knows and since when, or null. */
async function staleFor(who: string, deeds: readonly string[], contents: readonly string[]) {
  const [session = '', agent = null] = who.split('/');
  const all = acts(deeds);
  const stood = named(contents);
  const moment = { session, agent, at: noon + 3_600_000 };
  const use = useOf(place, all, stood, moment);
  if (!use) return null;
  const writers = attribute(stood, all);
  const isOwn = async ({ id }: { readonly id: string }) => {
    const act = writers.get(id)?.act;
    return act !== undefined && act.session === session && act.agent === agent;
  };
  const stale = await staleOf(use, stood, isOwn);
  const at = (id: string | undefined) => stood.findIndex(({ version }) => version.id === id);
  return (
    stale && `${stale.knows.how} ${at(stale.knows.version?.id)}, since ${at(stale.first.id)}, now ${at(stale.now.id)}`
  );
}

describe('stale', () => {
  it.each([
    ['it read, another wrote', 'C', ['C read v0', 'A write v0 -> v1'], ['v0', 'v1'], 'read 0, since 1, now 1'],
    ['it was given it at its start', 'C', ['C given v0', 'A edit v0 -> v1'], ['v0', 'v1'], 'given 0, since 1, now 1'],
    ['it wrote, another wrote', 'C', ['C write v0 -> v1', 'A edit v1 -> v2'], ['v1', 'v2'], 'wrote 0, since 1, now 1'],
    ['somebody nobody knows wrote', 'C', ['C read v0'], ['v0', '+2m v1'], 'read 0, since 1, now 1'],
    ['a restore wrote', 'C', ['C read v0'], ['v0', '+2m restore v1'], 'read 0, since 1, now 1'],
    [
      'two wrote since',
      'C',
      ['C read v0', 'A edit v0 -> v1', 'B edit v1 -> v2'],
      ['v0', 'v1', 'v2'],
      'read 0, since 1, now 2',
    ],
    ['it saw only a part', 'C', ['+1m C part ?', 'A edit v0 -> v1'], ['v0', '+1m v1'], 'part 0, since 1, now 1'],
    ['what it read is not kept', 'C', ['C read w', 'A edit v0 -> v1'], ['+1m v1'], 'read -1, since 0, now 0'],
    [
      'its own edit did not show it what others wrote',
      'C',
      ['C read v0', 'A edit v0 -> v1', 'C edit v1 -> v2'],
      ['v0', 'v1', 'v2'],
      'read 0, since 1, now 2',
    ],
    [
      'the main session does not know what its sub-agent wrote',
      'C',
      ['C read v0', 'C/x edit v0 -> v1'],
      ['v0', 'v1'],
      'read 0, since 1, now 1',
    ],
    [
      'a fork knows what its origin had read',
      'F',
      ['C read v0 copied to F', 'A edit v0 -> v1'],
      ['v0', 'v1'],
      'read 0, since 1, now 1',
    ],
  ] as const)('%s', async (_, who, deeds, contents, told) => {
    expect(await staleFor(who, deeds, contents)).toBe(told);
  });
});

describe('fresh', () => {
  it.each([
    ['it read last', 'C', ['C read v0', 'A edit v0 -> v1', 'C read v1'], ['v0', 'v1']],
    ['it alone wrote since', 'C', ['C read v0', 'C write v0 -> v1'], ['v0', 'v1']],
    ['it read again, but nobody knows what', 'C', ['C read v0', 'A edit v0 -> v1', 'C read ?'], ['v0', 'v1']],
    [
      'another wrote, and it is as it was again',
      'C',
      ['C read v0', 'A edit v0 -> v1', 'A edit v1 -> v0'],
      ['v0', 'v1', 'v0'],
    ],
    ['the file is gone: nothing is left to be lost', 'C', ['C read v0', 'A rm v0 -> -'], ['v0', '(gone)']],
    ['it never saw the file', 'B', ['C read v0', 'A edit v0 -> v1'], ['v0', 'v1']],
    ['nothing was written after it read what is not kept', 'C', ['+2m C read w'], ['v0', 'v1']],
  ] as const)('%s', async (_, who, deeds, contents) => {
    expect(await staleFor(who, deeds, contents)).toBeNull();
  });
});
