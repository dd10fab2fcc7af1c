/** A section comes back as it stood. */
import { describe, expect, it } from 'vitest';
import { parseDocument } from '../../src/documents/document.ts';
import { mendSection } from '../../src/documents/mend-section.ts';
import { findSection } from '../../src/documents/sections.ts';

function restored(path: string, lost: string, present: string, name: string) {
  const { section } = findSection(parseDocument(path, Buffer.from(lost)), name);
  const mended = mendSection({ path, lost: Buffer.from(lost), present: Buffer.from(present), section: section! });
  if (mended === null) return null;
  const texts = (units: readonly { text: string }[]) => units.map(unit => unit.text);
  return {
    text: Buffer.from(mended.bytes).toString('utf8'),
    restored: texts(mended.restored),
    removed: texts(mended.removed),
    conflicts: mended.conflicts.length,
  };
}

describe('a section', () => {
  const lost = '# T\n\n## Style\n\nold style\n\n- kept\n\n### Why\n\nbecause\n\n## Other\n\nold other\n';
  const present = '# T\n\n## Style\n\nnew style now\n\n- kept\n- newer\n\n\n## Other\n\nnew other\n';

  it('replaces the present one and says what gave way', () => {
    expect(restored('x.md', lost, present, 'Style')).toEqual({
      text: '# T\n\n## Style\n\nold style\n\n- kept\n\n### Why\n\nbecause\n\n\n## Other\n\nnew other\n',
      restored: ['old style', '### Why', 'because'],
      removed: ['new style now', '- newer'],
      conflicts: 0,
    });
  });
  it('a second time changes nothing', () => {
    const { text } = restored('x.md', lost, present, 'Style')!;
    expect(restored('x.md', lost, text, 'Style')).toEqual({ text, restored: [], removed: [], conflicts: 0 });
  });
  it('takes on the line ends of the present file', () => {
    expect(restored('x.md', lost, '# T\r\n\r\n## Other\r\n\r\nx\r\n', 'Other')!.text).toBe(
      '# T\r\n\r\n## Other\r\n\r\nold other\r\n',
    );
  });
  it('is replaced where it stands now, below another heading', () => {
    expect(restored('x.md', lost, '# New\n\n## Other\n\nnew other\n', 'Other')!.text).toBe(
      '# New\n\n## Other\n\nold other\n',
    );
  });
  it('that is not there any more is inserted', () => {
    expect(restored('x.md', lost, '# T\n\n## Other\n\nnew other\n', 'Style')).toMatchObject({
      text: '# T\n\n## Style\n\nold style\n\n- kept\n\n### Why\n\nbecause\n\n## Other\n\nnew other\n',
      removed: [],
    });
  });
  it.each([
    ['stands there twice', lost, '# T\n\n## Style\n\na\n\n## Style\n\nb\n'],
    ['would swallow what follows', '# T\n\n## Style\n\n```\nopen\n', present],
  ])('that %s is left to a person', (_, old, now) => expect(restored('x.md', old, now, 'Style')).toBeNull());

  it('of a frontmatter is a field', () => {
    expect(restored('x.md', '---\nname: a\n---\n\nx\n', '---\nname: b\nn: 1\n---\n\ny\n', 'name')).toEqual({
      text: '---\nname: a\nn: 1\n---\n\ny\n',
      restored: ['name: a'],
      removed: ['name: b'],
      conflicts: 0,
    });
  });

  const settings = '{\n  "env": {\n    "A": "1"\n  },\n  "permissions": {\n    "allow": ["Read", "Bash(ls)"]\n  }\n}\n';
  it.each([
    [
      'an object',
      '/env',
      '{\n    "env": {"B": "2"},\n    "x": 1\n}\n',
      '{\n    "env": {\n        "A": "1"\n    },\n    "x": 1\n}\n',
      ['"B": "2"'],
    ],
    [
      'a set',
      'permissions.allow',
      '{"permissions":{"allow":["Edit","Read"]},"x":1}',
      '{"permissions":{"allow":["Read","Bash(ls)"]},"x":1}',
      ['"Edit"'],
    ],
    ['one that is gone', 'env', '{"x":1}', '{"x":1,"env":{"A":"1"}}', []],
  ])('of JSON: %s', (_, name, now, text, removed) => {
    expect(restored('x.json', settings, now, name)).toMatchObject({ text, removed, conflicts: 0 });
  });
});
