import { describe, expect, it } from 'vitest';
import { entryOfDeparted } from '../../src/audit/departed.ts';
import { parseDocument } from '../../src/documents/document.ts';

const gone = ['skills/ship-site/SKILL.md', 'skills/ship-site/run.sh', 'rules/sql.md'];

/** The units of an index that go with those files. */
function seen(text: string, index = 'skills/_index.md', departures = gone): readonly string[] {
  const isEntry = entryOfDeparted(departures, index);
  return parseDocument(index, Buffer.from(text))
    .units.filter(isEntry)
    .map(({ name }) => name);
}

describe('an entry of a file that went', () => {
  it.each([
    ['a folder in a code span', '- `ship-site/` puts it there\n'],
    ['a path in a code span', '- Ships: `skills/ship-site/SKILL.md` puts it there\n'],
    ['a name and a path', '- `ship-site` (`skills/ship-site/`): Puts it there\n'],
    ['a path as a shell has it', '- `~/.claude/skills/ship-site/` puts it there\n'],
    ['in bold', '- **ship-site**: puts it there\n'],
    ['before a dash', '- ship-site — puts it there\n'],
    ['with a box', '- [x] ship-site: done\n'],
    ['a paragraph', 'What lies in `skills/ship-site/` puts it there.\n'],
    ['a rule', '- `rules/sql.md` no stars\n'],
    ['a rule by its name', '- sql.md: no stars\n'],
  ])('%s', (_, text) => expect(seen(text)).toHaveLength(1));

  it('a row, and what stands below its heading', () => {
    expect(seen('| skill | does |\n|---|---|\n| `ship-site` | ships |\n| `mail` | mails |\n')).toHaveLength(1);
    expect(seen('# All\n\n## ship-site\n\nPuts it there.\n\n## mail\n\nFinds it.\n')).toEqual([
      'ship-site',
      'Puts it there.',
    ]);
  });
});

describe('none of a file that went', () => {
  it.each([
    ['another name', '- `ship` puts it there\n'],
    ['a longer name', '- `ship-site-fast` puts it there\n'],
    ['a word within the text', '- Ask before you call ship-site from a hook\n'],
    ['a second code span', '- `mail` goes before `ship-site`\n'],
    ['another file of the name in another folder', '- `docs/sql.md` how it began\n'],
    ['a setting', '---\nship-site: yes\n---\n'],
  ])('%s', (_, text) => expect(seen(text)).toEqual([]));

  it('when nothing went', () => expect(seen('- `ship-site/`\n', 'skills/_index.md', [])).toEqual([]));
});
