import { describe, expect, it } from 'vitest';
import { parseDocument } from '../../src/documents/document.ts';
import { entryName, placeName, slotName } from '../../src/documents/entry-name.ts';

/** The names of all units of a Markdown file. */
function namesIn(text: string): readonly (string | null)[] {
  return parseDocument('notes.md', Buffer.from(text)).units.map(entryName);
}

describe('entryName', () => {
  it.each<[string, string, string | null]>([
    ['the file it leads to', '- [Phone](./phone.md): starts', 'link phone.md'],
    ['the same file under another title', '- **[Phone app](phone.md)** - runs', 'link phone.md'],
    ['a wiki link', '- [[phone|Phone]] starts', 'link phone'],
    ['a code span', '- `ship-site` (`skills/ship-site/`): puts it up', 'code ship-site'],
    ['a bold beginning', '- **Owner**: Ida', 'lead owner'],
    [
      'a title in bold, however long',
      '- [ ] **The relay feeds itself, so that one launch empties it**: shipped',
      'lead the relay feeds itself, so that one launch empties it',
    ],
    ['a sentence that is not in bold', '- the relay feeds itself, so that one launch empties it: shipped', null],
    ['a box before it', '- [ ] **Owner** Ida', 'lead owner'],
    ['a key', '- Current version: **1.3**', 'lead current version'],
    ['a dash', '- voice buffer — keeps what was said', 'lead voice buffer'],
    ['a paragraph with a bold key', '**Commit**: a1b2c3', 'lead commit'],
    ['a sentence with a colon far in it', '- all that we know of the doors of the house: they stick', null],
    ['a date counts', '- 2026-03-02: doors', null],
    ['a time counts', '- 14:30: doors', null],
    ['a remark of a kind', '- Note: doors', null],
    ['a web address', '- https://example.org', null],
    ['plain words', '- doors stick', null],
    ['a number in the first cell', '| 12 | doors |\n|---|---|\n', null],
  ])('%s', (_, text, name) => {
    expect(namesIn(text)[0]).toBe(name);
  });

  it('is the first cell of a row, and the file that leads to', () => {
    expect(
      namesIn('| name | use |\n|---|---|\n| scout | looks |\n| [memo](memo/SKILL.md) | notes |\n').slice(1),
    ).toEqual(['lead scout', 'link memo/SKILL.md']);
  });

  it.each([
    ['## Agents (3)', 'heading agents'],
    ['## Agents (4/7)', 'heading agents'],
    ['## Session 12', 'heading session 12'],
    ['# Context 2026-03-02', 'heading context'],
    ['## 2026-03-02', 'heading 2026-03-02'],
  ])('%s', (text, name) => {
    expect(namesIn(text)[0]).toBe(name.includes('2026') ? null : name);
  });
});

it.each([
  ['export DELAY=5', 'variable DELAY'],
  ['const delay = 5;', 'variable delay'],
  ['if a == b; then', null],
  ['run --delay=5', null],
])('of a line of a program: %s', (text, name) => {
  const { units } = parseDocument('run.sh', Buffer.from(`${text}\n`));
  expect(entryName({ ...units[0]!, kind: 'line' })).toBe(name);
});

it('names places without counters, and slots without any number', () => {
  expect(placeName('Context 2026-03-02 > Agents (3)')).toBe('context > agents');
  expect(placeName('Log > Session 12')).toBe('log > session 12');
  expect(slotName('Log > Session 12')).toBe('log > session #');
});
