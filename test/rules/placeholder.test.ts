import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { phraseIn } from '../../rules/placeholder/phrases.ts';
import placeholder from '../../rules/placeholder.ts';
import type { Testimony } from '../../src/audit/testimony.ts';
import { testRule } from '../helpers/rule-tests.ts';
import type { Row } from '../helpers/stories.ts';
import { audit, noon, rows, writersOf } from '../helpers/stories.ts';

const head = '# Project\n\nUse tabs.\n';
const deploy = '\n## Deploy\n\nFrom main only, and never on a Friday.\n';
const tests = '\n## Tests\n\nThey run before each commit.\n';
const code = (inner: string) => `# Run\n\n\`\`\`sh\n${inner}\`\`\`\n`;
const list = (...items: readonly string[]) => items.map(item => `- ${item}\n`).join('');
const long = [
  'Tabs are used for blanks',
  'Names are whole words',
  'Nobody pushes on Fridays',
  'Ask before you delete',
].map(text => `${text}, whatever the other projects of this house do about that.`);

const steps = ['fetch', 'unpack', 'check', 'compare', 'write down'].map(what => `echo first we ${what} it\n`).join('');
const short = long.map(text => `${text.slice(0, text.lastIndexOf(' ', 60))}…`).join(', ');

const caught: readonly (readonly [title: string, lines: readonly Row[], said: readonly string[]])[] = [
  [
    'the rest of the file',
    [
      ['CLAUDE.md', head + deploy + tests],
      ['CLAUDE.md', `${head}Ask first.\n\n[Rest of the existing file content remains unchanged...]\n`],
    ],
    ['likely high: Deploy, Tests'],
  ],
  [
    'the part before',
    [
      ['CLAUDE.md', head + deploy],
      ['CLAUDE.md', `(previous sections remain the same)\n${deploy}${tests}`],
    ],
    ['likely high: Project, Use tabs.'],
  ],
  [
    'a section in the middle keeps its heading',
    [
      ['CLAUDE.md', head + deploy + tests],
      ['CLAUDE.md', `${head}\n## Deploy\n\n<!-- keep existing -->\n${tests}`],
    ],
    ['likely high: From main only, and never on a Friday.'],
  ],
  [
    'entries of a list',
    [
      ['notes.md', list('one', 'two', 'three', 'four')],
      ['notes.md', list('one', '... existing entries ...', 'four', 'five')],
    ],
    ['likely high: two, three'],
  ],
  [
    'a script',
    [
      ['hooks/run.sh', 'set -e\nmake\nmake test\nmake install\n'],
      ['hooks/run.sh', 'set -eu\nmake\n# ... rest of the script unchanged\n'],
    ],
    ['likely high: make test'],
  ],
  [
    'the file grows all the same',
    [
      ['CLAUDE.md', head + deploy],
      ['CLAUDE.md', `${head}\n[existing content continues]\n${tests}${tests.replace('Tests', 'Checks').repeat(3)}`],
    ],
    ['likely high: Deploy'],
  ],
  [
    'a block of code is cut short: it may be an example',
    [
      ['skills/run/SKILL.md', code('set -e\nmake\nmake test\nmake install\n')],
      ['skills/run/SKILL.md', code('set -eu\nmake\n# ... rest of the script unchanged\n')],
    ],
    ['possible medium: set -e make make test make install ```'],
  ],
  [
    'a smaller part of a block of code',
    [
      ['skills/run/SKILL.md', code(`${steps}make one\nmake two\nmake three\n`)],
      ['skills/run/SKILL.md', code(`${steps}# ... existing code ...\n`)],
    ],
    [`possible medium: ${`${steps}make one make two make three`.replaceAll('\n', ' ').slice(0, 58).trim()}…`],
  ],
  [
    'dots in the place of most of the file',
    [
      ['rules.md', `# Rules\n\n${list(...long)}`],
      ['rules.md', '# Rules\n\n- Ask first.\n\n...\n'],
    ],
    [`likely high: ${short}`],
  ],
  [
    'dots in the place of a smaller part',
    [
      ['rules.md', `# Rules\n\n${list(...long)}${deploy}${tests}\n## More\n\nOne.\n\nTwo.\n`],
      ['rules.md', `# Rules\n\n[...]\n${deploy}${tests}\n## More\n\nOne.\n\nTwo.\n`],
    ],
    [`possible medium: ${short}`],
  ],
  [
    'in another tongue',
    [
      ['CLAUDE.md', head + deploy],
      ['CLAUDE.md', `${head}Ask first.\n\n[Rest der Datei bleibt unverändert]\n`],
    ],
    ['likely high: Deploy'],
  ],
  [
    'it had read what it left out',
    [
      ['CLAUDE.md', head + deploy, { who: 'A' }],
      ['CLAUDE.md', `${head}\n... rest unchanged\n`, { who: 'B' }],
    ],
    ['likely high: Deploy'],
  ],
];

const quiet: readonly (readonly [title: string, lines: readonly Row[]])[] = [
  [
    'nothing went',
    [
      ['CLAUDE.md', head],
      ['CLAUDE.md', `${head}\n[rest of the file unchanged]\n`],
    ],
  ],
  ['it was made so', [['CLAUDE.md', `${head}\n[your text here]\n\n[rest of the file unchanged]\n`]]],
  [
    'the phrase stood there before',
    [
      ['CLAUDE.md', `${head}\n[rest of the file unchanged]\n${deploy}`],
      ['CLAUDE.md', `${head}\n[rest of the file unchanged]\n`],
    ],
  ],
  [
    'the phrase stood there before, in a text that is worded anew',
    [
      ['CLAUDE.md', `${head}\nSee the wiki:\n[rest of the file unchanged]\n${deploy}`],
      ['CLAUDE.md', `${head}\nLook at the wiki:\n[rest of the file unchanged]\n`],
    ],
  ],
  [
    'a text about such phrases',
    [
      [
        'rules/whole-files.md',
        '# Write whole files\n\n[rest unchanged]\n\nNor this:\n\n... existing code ...\n\nAnd leave nothing out.\n',
      ],
      [
        'rules/whole-files.md',
        '# Write whole files\n\n[rest unchanged]\n\nNor this:\n\n... existing code ...\n\n[content truncated]\n',
      ],
    ],
  ],
  [
    'one that is quoted',
    [
      ['rules/a.md', '# Write whole files\n\nNobody may shorten a file as it is saved.\n'],
      [
        'rules/a.md',
        '# Write whole files\n\n> [rest of the file unchanged]\n\n"Rest of the file unchanged."\n\n`[rest unchanged]`\n\nNever "... rest unchanged".\n',
      ],
    ],
  ],
  [
    'a sentence',
    [
      ['a.md', `# Team\n\nAnna leads it.\n${deploy}`],
      [
        'a.md',
        '# Team\n\nBob leads it. The rest of the team remains unchanged.\n\nKeep existing tests unchanged.\n\nOther sections of the report are unchanged.\n',
      ],
    ],
  ],
  [
    'and so on',
    [
      ['a.md', list('apples', 'pears', 'plums')],
      ['a.md', list('apples', 'and so on …')],
    ],
  ],
  [
    'what went stood elsewhere in the file',
    [
      ['a.md', `${head}${deploy}${tests}`],
      ['a.md', `# Project\n\n[rest of this part as before]\n\nUse tabs.\n${tests}`],
    ],
  ],
  [
    'the text moved to a file of its own',
    [
      ['a.md', `${head}${deploy}`],
      ['deploy.md', deploy],
      ['a.md', `${head}\n[existing content continues]\n`],
    ],
  ],
  [
    'few words, and dots',
    [
      ['a.md', list('one', 'two', 'three', 'four')],
      ['a.md', list('one', '...', 'four')],
    ],
  ],
  [
    'dots in an example',
    [
      ['a.md', code(long.map(text => `${text}\n`).join(''))],
      ['a.md', code(`${long[0]}\n...\n`)],
    ],
  ],
  [
    'it is back a moment later',
    [
      ['a.md', `${head}${deploy}`],
      ['a.md', `${head}\n[rest unchanged]\n`],
      ['a.md', `${head}${deploy}`, { after: 1_000 }],
    ],
  ],
];

const shown = (...lines: readonly string[]): readonly Row[] => [
  ['rules/edit.md', `# Edit\n\n${list(...long)}`],
  ['rules/edit.md', `# Edit\n\n${lines.join('\n')}\n`],
];

const onlyShown: typeof quiet = [
  [
    'a numbered list of such phrases',
    shown('Phrases that a reader cannot use', '', '1. [rest unchanged]', '2. // ... existing code ...'),
  ],
  [
    'an item below a line that announces examples',
    shown('Never write, for example:', '', '- [rest of the file unchanged]', '- whole files'),
  ],
  ['example 3', shown('**Example 3**', '', '[rest of the file unchanged]')],
  ['a dump of a terminal', shown('$ cat edit.md', '[rest of the file unchanged]', 'done')],
  ['a list that a terminal printed', shown('$ git diff --stat', '- [rest of the file unchanged]')],
  ['a dump in a fence', shown('```', '⏺ Update(a.ts)', '// ... existing code ...', '```')],
  ['lines with their numbers', shown('```', '11 | const a = 1;', '12 | // ... existing code ...', '```')],
  [
    'lines with their numbers, as the client reads them',
    shown('    11→const a = 1;', '    12→// ... existing code ...'),
  ],
  [
    'a quotation over several lines',
    shown('He wrote "first the head,', '[rest of the file unchanged]', 'and no more" to me.'),
  ],
  ['a quote of which only the first line is marked', shown('> first the head,', '[rest of the file unchanged]')],
  ['a form with numbers', shown('1. ...', '2. ...', '3. ...')],
];

const stillCaught: typeof caught = [
  [
    'an item with a number in the place of the others',
    [
      ['a.md', '1. Fetch it.\n2. Unpack it.\n3. Look at it.\n4. Write it down.\n'],
      ['a.md', '1. Fetch it.\n2. Unpack it.\n3. ... remaining steps unchanged\n'],
    ],
    ['likely high: Look at it., Write it down.'],
  ],
  [
    'an item below a line that announced examples before',
    [
      ['a.md', `For example:\n\n${list('one', 'two', 'three', 'four')}`],
      ['a.md', `For example:\n\n${list('one', '[rest unchanged]')}`],
    ],
    ['likely high: two, three, four'],
  ],
  [
    'a line that ends with a colon, and is no example',
    [
      ['a.md', `# Rules\n\nWe agreed:\n\n${list('one', 'two', 'three')}`],
      ['a.md', `# Rules\n\nAll of us agreed:\n\n${list('[existing entries remain unchanged]')}`],
    ],
    ['likely high: We agreed:, one, two, three'],
  ],
  [
    'two in a script, one below the other',
    [
      ['a.sh', 'set -e\nmake one\nmake two\nmake three\n'],
      ['a.sh', 'set -e\n# ... existing code ...\n# ... rest of the script unchanged\n'],
    ],
    ['likely high: make one'],
  ],
];

testRule({
  rule: placeholder,
  told: rows,
  // An edit takes away what its writer named, and so had read.
  extra: steps => {
    const writers = writersOf(steps);
    const known = { isPiecemeal: true, sight: null, isUnclear: false, began: 0, hasStart: true };
    const knowledge: Testimony['knowledge'] = async ({ after }) => {
      const writer = await writers.writer(after);
      return writer && { writer, ...known, hadText: async texts => texts.map(() => true) };
    };
    return { testimony: { ...writers, knowledge } };
  },
  caught: [...caught, ...stillCaught],
  quiet: [...quiet, ...onlyShown],
  mutants: [
    ['what a terminal shows is a phrase', 'if (terminal.test(unit) || /^\\s*>/.test(unit)) return true;', ''],
    ['what a terminal shows around it is none', "terminal.test(around.join('\\n')) || ", ''],
    ['a quotation ends with its line', " || isWithinQuotes(lines.slice(from, index).join('\\n'))", ''],
    ['a list of phrases is a phrase', 'if (isItem && (', 'if (false && ('],
    ['every line above announces examples', '!exampleWords.test(lead)', 'false'],
    ['what was announced before is new', 'known.has(lead) || ', ''],
    ['line numbers are nothing', ' || copied.test(line.trim())', ''],
    ['what the writer had read was meant', "fate === 'seen' || ", ''],
    ['anything that is new will do', 'if (units.length === 0 || ', 'if ('],
    ['wherever it stands', 'i > from && i < to && ', ''],
    ['the phrase need not be new', '!known.has(each.line) && ', ''],
    ['a text about phrases is one of them', 'length >= ABOUT_THEM', 'length >= 99'],
    ['dots are phrases', 'units.length < MANY_UNITS || size < MUCH_TEXT', 'false'],
    ['an example is as sure', 'those.every(({ isExample }) => isExample) || ', ''],
    ['quotes are phrases', '/^[>"\'`“‘«|]/.test(bare)', 'false'],
    ['sentences are phrases', "if (odd > (mark === 'comment' ? 1 : 0) || !isRest) return false;", ''],
    ['cut blocks are whole', " || (gone.get(other.start) === 'part' && isCut(other))", ''],
  ],
});

const phrases = `... rest unchanged
[existing content continues]
(previous sections remain the same)
<!-- keep existing -->
// ... existing code ...
# rest of file unchanged
[Content truncated]
… (same as before) …
[... rest of the existing content remains the same ...]
[Previous content from line 1-305 remains exactly the same]
// Lines 1-50 remain unchanged
Rest of the file unchanged.
*(rest of CLAUDE.md unchanged)*
**[Rest of document remains the same]**
/* rest of the styles unchanged */
{/* ... rest of component ... */}
<rest of original document>
(all existing rules from lines 20-180)
[... 45 lines omitted ...]
(unchanged)
## [Other sections remain unchanged]
// ... (rest of the helper functions)
[Insert existing content here]
[everything else stays the same]
/* ... existing styles ... */
(keeping all other sections as they were)
[Same content as before]
[... content continues ...]
[See original file for remaining content]
{{rest of file}}
<truncated>
[snip]
-- keep everything else as is --
[le reste du fichier est inchangé]
(resto del archivo sin cambios)
[o restante do arquivo permanece igual]
[il resto del file rimane invariato]
[rest van het bestand ongewijzigd]
[остальная часть файла без изменений]
（其余内容保持不变）
[以下省略]
(나머지 동일)`;

const sentences = `[rest of the guide](guide.md)
[your text here]
Keep existing tests unchanged.
# keep existing files
The rest is history.
> [rest unchanged]
\`[rest unchanged]\`
Never write "... rest unchanged ..." in files
(see above)
(see other files)
[Existing users](#existing-users)
[ ] other tests
<content>
(original)
...other than that...
(remaining budget: 20)
[TODO: the rest]
---
***
- [ ]
[x]
## Previous work
## Existing content
# Remaining
[Unreleased]
...and then it failed
Wait for the rest...
(continued)
[link]: http://x
All other sections of the report are unchanged since May.
<details>
{{ content }}
{existing_content}
(same as above)
[Same rules as for tests]
Other sections: unchanged`;

describe('a phrase', () => {
  it.each(phrases.split('\n'))('%s', line => expect(phraseIn(line)).toBe('said'));
  it.each(['...', '…', '[...]', '(…)', '- ...', '# ...', '// ...', '<!-- ... -->'])('%s', line =>
    expect(phraseIn(line)).toBe('dots'),
  );
  it.each(sentences.split('\n'))('is not: %s', line => expect(phraseIn(line)).toBeNull());
  it('is looked for in any line, in bounded time', () => {
    const parts = fc.constantFrom(
      '[',
      ']',
      '(',
      ')',
      '<!--',
      '-->',
      '...',
      '…',
      '*',
      '**',
      '#',
      '//',
      ' ',
      'rest',
      '-',
      '{/*',
      '*/}',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(parts, fc.string()), { maxLength: 40 }), pieces => {
        phraseIn(pieces.join(''));
      }),
    );
  });
});

describe('placeholder', () => {
  it('names the line, and can put back what it stands for', async () => {
    const { incidents } = await audit(rows(caught[0]![1]), [placeholder]);
    const [incident] = incidents;
    expect(incident!.message).toContain(
      '"[Rest of the existing file content remains unchanged...]" stands there instead',
    );
    expect(incident!.restore).toBe(`undertext restore ${incident!.id}`);
    expect(incident!.lost!.at).toBe(noon);
  });

  it('leaves dots alone when asked', async () => {
    const dots = caught.find(([title]) => title.startsWith('dots in the place of most'))!;
    const { incidents } = await audit(rows(dots[1]), [placeholder], { options: { placeholder: { dots: false } } });
    expect(incidents).toEqual([]);
  });
});
