import { describe, expect, it } from 'vitest';
import { isWhole, lastKnown, mayBeGivenUnsaid } from '../../src/sessions/knowledge.ts';
import { acts, nameOf } from './acts.ts';

/** What the author of the last act knew before it. */
function knew(lines: readonly string[]): string {
  const all = acts(lines);
  const last = all.at(-1)!;
  const { whole, isUnclear } = lastKnown(all, { ...last, at: last.asked });
  const content = ['v0', 'v1', 'v2', 'v3'].find(text => nameOf(text) === whole?.content.blob);
  return isUnclear ? `unclear, ${content}` : whole ? `${content} ${whole.act.kind}` : 'nothing';
}

describe('what a writer last knew', () => {
  it.each<[string, readonly string[], string]>([
    ['what it read', ['C read v0', 'A edit v0 -> v1', 'C write v1 -> v2'], 'v0 read'],
    ['the newest it read', ['C read v0', 'A edit v0 -> v1', 'C read v1', 'C write v1 -> v2'], 'v1 read'],
    ['what it wrote', ['C read v0', 'C write v0 -> v1', 'C write v1 -> v2'], 'v1 write'],
    ['its own edit of what it had', ['C read v0', 'C edit v0 -> v1', 'C write v1 -> v2'], 'v1 edit'],
    [
      'its own edit of what others had changed: still its old copy',
      ['C read v0', 'A edit v0 -> v1', 'C edit v1 -> v2', 'C write v2 -> v3'],
      'v0 read',
    ],
    ['what it was given at its start', ['C given v0', 'A edit v0 -> v1', 'C write v1 -> v2'], 'v0 given'],
    ['what others read is not known to it', ['A read v0', 'C write v0 -> v1'], 'nothing'],
    ['a sub-agent knows only what it read itself', ['C read v0', 'C/x write v0 -> v1'], 'nothing'],
    ['nor does the session know what its sub-agent read', ['C/x read v0', 'C write v0 -> v1'], 'nothing'],
    ['a part is no whole', ['C part v0', 'C write v0 -> v1'], 'nothing'],
    ['a refusal tells nothing', ['C read v0', 'A edit v0 -> v1', 'C refused v1', 'C heredoc v1 -> v2'], 'v0 read'],
    [
      'a read still under way is not known yet',
      ['C read v0', 'A edit v0 -> v1', 'C read v1', '+1ms C write v1 -> v2'],
      'v0 read',
    ],
    ['a read of what is not known', ['C read v0', 'C read ?', 'C write v1 -> v2'], 'unclear, v0'],
    [
      'a fork knows what was read before it',
      ['O read v0 copied to F', 'A edit v0 -> v1', 'F write v1 -> v2'],
      'v0 read',
    ],
  ])('%s', (_, lines, expected) => {
    expect(knew(lines)).toBe(expected);
  });

  it('sed and edits take away only what they name; a heredoc puts a whole there', () => {
    const all = acts([
      'A sed v0 -> v1',
      'A edit v1 -> v2',
      'A heredoc v2 -> v3',
      'A script v3 -> ?',
      'A write v3 -> v0',
    ]);
    expect(all.map(isWhole)).toEqual([false, false, true, true, true]);
  });

  it.each([
    ['CLAUDE.md', true],
    ['RTK.md', true],
    ['rules/style.md', true],
    ['projects/-home-me-x/memory/MEMORY.md', true],
    ['projects/-home-me-x/memory/topic.md', false],
    ['skills/_index.md', false],
    ['settings.json', false],
  ])('%s may be given at the start without a word: %s', (path, expected) => {
    expect(mayBeGivenUnsaid(path)).toBe(expected);
  });

  it.each([
    ['1.0.88', false],
    ['2.1.45', false],
    ['2.1.72', true],
    ['2.1.331', true],
    ['of somebody else', true],
  ])('the index of the memory, by a client %s: %s', (version, expected) => {
    expect(mayBeGivenUnsaid('projects/-home-me-x/memory/MEMORY.md', version)).toBe(expected);
    expect(mayBeGivenUnsaid('CLAUDE.md', version)).toBe(true);
  });
});
