/** A line that an index lacks goes where its siblings stand. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addProposed } from '../../src/documents/mend-proposed.ts';

const add = (text: string, lines: readonly string[], path = 'memory/MEMORY.md') => {
  const mended = addProposed(path, Buffer.from(text), lines);
  return mended && { text: Buffer.from(mended.bytes).toString('utf8'), names: mended.restored.map(unit => unit.name) };
};
const line = '- [Deploy](project_deploy.md) — how it is shipped';

describe('a proposed line goes', () => {
  it.each<[string, string, string, string]>([
    [
      'behind the last entry, before what follows the list',
      '# Index\n\n- [A](a.md) — one\n- [B](b.md) — two\n\nSee also the wiki.\n',
      line,
      `# Index\n\n- [A](a.md) — one\n- [B](b.md) — two\n${line}\n\nSee also the wiki.\n`,
    ],
    [
      'under the heading where its kind stands, though another list is longer',
      '# I\n\n## Feedback\n\n- [A](feedback_a.md)\n- [B](feedback_b.md)\n- [C](feedback_c.md)\n\n## Projects\n\n- [X](project_x.md)\n\n## User\n\n- [U](user_u.md)\n',
      line,
      `# I\n\n## Feedback\n\n- [A](feedback_a.md)\n- [B](feedback_b.md)\n- [C](feedback_c.md)\n\n## Projects\n\n- [X](project_x.md)\n${line}\n\n## User\n\n- [U](user_u.md)\n`,
    ],
    [
      'to the list of its folder',
      '# S\n\n- [a](https://a.example)\n- [b](https://b.example)\n- [c](x/c.md)\n- [d](x/d.md)\n\n## Skills\n\n- [pdf](pdf/SKILL.md)\n',
      '- [voice](voice/SKILL.md)',
      '# S\n\n- [a](https://a.example)\n- [b](https://b.example)\n- [c](x/c.md)\n- [d](x/d.md)\n\n## Skills\n\n- [pdf](pdf/SKILL.md)\n- [voice](voice/SKILL.md)\n',
    ],
    [
      'behind what is nested in the last entry',
      '- [A](a.md)\n- [B](b.md)\n  - a remark\n',
      line,
      `- [A](a.md)\n- [B](b.md)\n  - a remark\n${line}\n`,
    ],
    [
      'with the marker of the list',
      '* [A](a.md)\n* [B](b.md)\n',
      line,
      `* [A](a.md)\n* [B](b.md)\n${line.replace('-', '*')}\n`,
    ],
    [
      'with the gap between the entries',
      '- [A](a.md)\n\n- [B](b.md)\n',
      line,
      `- [A](a.md)\n\n- [B](b.md)\n\n${line}\n`,
    ],
    ['with its line ends', '# I\r\n\r\n- [A](a.md)\r\n', line, `# I\r\n\r\n- [A](a.md)\r\n${line}\r\n`],
    [
      'without a final line end where there was none',
      '- [A](a.md)\n- [B](b.md)',
      line,
      `- [A](a.md)\n- [B](b.md)\n${line}`,
    ],
    ['to the end where no list has links', '# I\n\nSome words.\n', line, `# I\n\nSome words.\n\n${line}\n`],
    ['under a lone heading', '# I\n', line, `# I\n\n${line}\n`],
    ['behind the frontmatter', '---\nname: x\n---\n', line, `---\nname: x\n---\n\n${line}\n`],
    ['into an empty file', '', line, `${line}\n`],
    [
      'as a row behind the rows',
      '| skill | what |\n|---|---|\n| [a](a.md) | one |\n\nend\n',
      '| [d](project_d.md) | two |',
      '| skill | what |\n|---|---|\n| [a](a.md) | one |\n| [d](project_d.md) | two |\n\nend\n',
    ],
    [
      'never into a fence',
      '- [A](a.md)\n\n```\n- [B](b.md)\n- [C](c.md)\n```\n',
      line,
      `- [A](a.md)\n${line}\n\n\`\`\`\n- [B](b.md)\n- [C](c.md)\n\`\`\`\n`,
    ],
    [
      'indented like the entries it joins',
      '- group\n  - [A](a.md)\n  - [B](b.md)\n- other\n',
      line,
      `- group\n  - [A](a.md)\n  - [B](b.md)\n  ${line}\n- other\n`,
    ],
  ])('%s', (_, before, proposed, after) => {
    expect(add(before, [proposed])?.text).toBe(after);
    expect(add(after, [proposed])).toEqual({ text: after, names: [] });
  });
});

describe('nothing is added when', () => {
  it.each([
    ['an entry names the file in other words', '- [Ship](./project_deploy.md): shipping\n'],
    ['a paragraph does', 'How we ship: [deploy](project_deploy.md#steps).\n'],
    ['a wiki link does', '- [[project_deploy.md|Deploy]]\n'],
  ])('%s', (_, text) => {
    expect(add(text, [line])).toEqual({ text, names: [] });
  });

  it('the file has no lines: JSON, or binary', () => {
    expect(add('{}', [line], 'settings.json')).toBeNull();
    expect(add('a\0b', [line])).toBeNull();
  });
});

it('several lines, each at its place, in their order', () => {
  const text = '## P\n\n- [X](project_x.md)\n\n## F\n\n- [Y](feedback_y.md)\n';
  expect(add(text, ['- [a](project_a.md)', '- [b](feedback_b.md)', '- [c](project_c.md)'])).toEqual({
    text: '## P\n\n- [X](project_x.md)\n- [a](project_a.md)\n- [c](project_c.md)\n\n## F\n\n- [Y](feedback_y.md)\n- [b](feedback_b.md)\n',
    names: ['a', 'c', 'b'],
  });
});

it('whatever the file is, all of it stays, the line comes once, and twice is once', () => {
  const part = fc.constantFrom(
    '# A',
    '## B',
    '- [a](a.md)',
    '* [b](b/c.md)',
    '  - [n](n.md)',
    '1. one',
    'text',
    '',
    '```',
    '| a |',
    '|---|',
    '<!--',
    '---',
    'k: v',
    '> q',
  );
  const texts = fc
    .tuple(fc.array(part, { maxLength: 10 }), fc.constantFrom('\n', '\r\n'), fc.boolean())
    .map(([lines, end, isEnded]) => lines.join(end) + (isEnded ? end : ''));
  fc.assert(
    fc.property(fc.oneof(texts, fc.string()), text => {
      const once = add(text, [line], 'x.md')!;
      let at = 0;
      for (const char of once.text) if (char === text[at]) at++;
      expect(at).toBe(text.length);
      expect(once.text.split('[Deploy](project_deploy.md) — how it is shipped')).toHaveLength(2);
      expect(add(once.text, [line], 'x.md')?.text).toBe(once.text);
    }),
    { numRuns: 800 },
  );
});
