/** Trees as git writes them: names in the order of their bytes, folders as if theirs ended in `/`. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeTree, encodeTree, type TreeEntry } from '../../src/store/tree.ts';

const oid = fc.stringMatching(/^[0-9a-f]{40}$/);
const name = fc
  .string({ unit: fc.constantFrom('a', 'b', '.', '-', '0', 'é', '中', '😀', '\uffff'), minLength: 1, maxLength: 4 })
  .filter(text => text !== '.' && text !== '..');
const entry = fc.record({ mode: fc.constantFrom('40000' as const, '100644' as const), oid });

/** The slow way: every name as its bytes. */
function byBytes(entries: ReadonlyMap<string, TreeEntry>): readonly string[] {
  const key = (name: string) => Buffer.from(entries.get(name)!.mode === '40000' ? `${name}/` : name);
  return [...entries.keys()].sort((a, b) => Buffer.compare(key(a), key(b)));
}

it('are read back as they were, in the order of git', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(name, entry), { maxLength: 12 }), rows => {
      const entries = new Map(rows);
      const back = decodeTree(encodeTree(entries));
      expect([...back.keys()]).toEqual(byBytes(entries));
      expect(new Map(back)).toEqual(entries);
    }),
  );
});

it.each([
  ['a folder after what begins like it', ['a.b', 'a/', 'a0']],
  ['capitals before small ones', ['B', 'a']],
])('%s', (_, names) => {
  const mode = (name: string) => (name.endsWith('/') ? '40000' : '100644');
  const rows = names.map(name => [name.replace('/', ''), { mode: mode(name), oid: '0'.repeat(40) }] as const);
  expect([...decodeTree(encodeTree(new Map(rows.toReversed()))).keys()]).toEqual(rows.map(([name]) => name));
});
