/** Entries that are worded anew under their name, examples, index lines that go with their file. */
import { day, hour, later, type Props, type Scene, Stage, slug, some } from './stage.ts';

interface Entry {
  readonly name: string;
  readonly slug: string;
  readonly says: string;
}

/** How the lines of a list name what they speak of. */
const forms: readonly ((entry: Entry) => string)[] = [
  ({ name, slug, says }) => `- [${name}](${slug}.md): ${says}`,
  ({ name, slug, says }) => `- [${name}](${slug}.md) — ${says}`,
  ({ slug, says }) => `- \`${slug}\` (\`skills/${slug}/\`): ${says}`,
  ({ slug, says }) => `- \`${slug}\`: ${says}`,
  ({ name, says }) => `- **${name}**: ${says}`,
  ({ name, says }) => `- **${name}** — ${says}`,
  ({ name, says }) => `- ${name}: ${says}`,
  ({ name, slug, says }) => `| [${name}](${slug}.md) | ${says} |`,
  ({ name, says }) => `| ${name} | ${says} |`,
];

/** W3: an entry that came since the older version is worded anew, often as another one comes: it looks like a stale write. */
export function reworded(props: Props): Scene {
  const { random, words } = props;
  const stage = new Stage(props);
  const path = random.pick(['docs/index.md', 'docs/knowledge.md', 'agents.md', 'docs/values.md', 'CATALOG.md']);
  const form = random.pick(forms);
  const isTable = form({ name: '', slug: '', says: '' }).startsWith('|');
  const entry = (): Entry => ({ name: words.title(), slug: slug(words), says: says(props) });
  let entries = some(random, 2, 8, entry);
  const text = () =>
    `# Index\n\n${isTable ? '| name | what |\n|---|---|\n' : ''}${entries.map(each => form(each)).join('\n')}\n`;
  stage.found(path, text(), 6 * day);
  for (let i = 0; i < 1 + random.int(3); i++) {
    later(stage);
    entries = [...entries, entry()];
    stage.life([path, text()]);
    stage.pass(hour / 6, 2 * day);
    // Most often the newest, which the older version lacks.
    const at = random.chance(0.7) ? entries.length - 1 : random.int(entries.length);
    entries = entries.with(at, { ...entries[at]!, says: says(props) });
    if (random.chance(0.5)) entries = [...entries, entry()];
    stage.event([[path, text()]], random.chance(0.7));
  }
  return stage.scene;
}

function says({ random, words }: Props): string {
  return some(random, 1, 2, () => words.sentence()).join('; ');
}

/** W9: an example or a terminal dump has a placeholder of its own, and is exchanged for another one. */
export function example(props: Props): Scene {
  const { random, words } = props;
  const stage = new Stage(props);
  const path = random.pick(['docs/how-to.md', 'skills/README.md', 'CLAUDE.md', 'docs/output.md']);
  const title = words.title();
  const dump = () =>
    [
      `$ ${words.word()} --${words.word()}`,
      ...some(random, 2, 6, i => `${i + 1}. ${words.sentence()}`),
      random.pick([
        '...',
        '… (12 more lines)',
        '... rest of the output',
        '[... unchanged ...]',
        '# ... existing code ...',
      ]),
    ].join('\n');
  const sections = some(random, 2, 4, () => `## ${words.title()}\n\n${words.sentence()}.`);
  const form = random.pick([
    (said: string) => `\`\`\`\n${said}\n\`\`\``,
    (said: string) => `\`\`\`console\n${said}\n\`\`\``,
    (said: string) =>
      said
        .split('\n')
        .map(line => `    ${line}`)
        .join('\n'),
  ]);
  const text = (said: string) => `# ${title}\n\n${sections.join('\n\n')}\n\n## Example\n\n${form(said)}\n`;
  stage.found(path, text(dump()), 9 * day);
  for (let i = 0; i < 1 + random.int(2); i++) {
    later(stage);
    stage.event([[path, text(dump())]]);
  }
  return stage.scene;
}

/** W10: a file goes, and in the same stroke its line, which names it or its folder in a code span. */
export function withItsFile(props: Props): Scene {
  const { random, words } = props;
  const stage = new Stage(props);
  const folder = random.pick(['skills', 'docs/tools', 'agents']);
  const index = `${folder}/${random.pick(['_index.md', 'INDEX.md', 'README.md'])}`;
  const entries = [...new Set(some(random, 3, 7, () => slug(words)))];
  const fileOf = (name: string) => (folder === 'skills' ? `${folder}/${name}/SKILL.md` : `${folder}/${name}.md`);
  const says = new Map(entries.map(name => [name, words.sentence()]));
  const isBare = random.chance(0.5);
  const line = (name: string) => {
    const at = folder === 'skills' ? `${folder}/${name}/` : `${folder}/${name}.md`;
    return isBare ? `- \`${at}\`: ${says.get(name)}` : `- \`${name}\` (\`${at}\`): ${says.get(name)}`;
  };
  const list = (names: readonly string[]) => `# Tools\n\n${names.map(line).join('\n')}\n`;
  stage.found(index, list(entries), 20 * day);
  for (const name of entries) {
    const text = `---\nname: ${name}\ndescription: Use for ${words.title()}\n---\n\n# ${name}\n\n${words.sentence()}.\n`;
    stage.found(fileOf(name), text, 20 * day);
  }
  later(stage);
  const gone = random.pick(entries);
  const left = entries.filter(name => name !== gone);
  const both = [[fileOf(gone), null] as const, [index, list(left)] as const];
  stage.event(random.chance(0.5) ? both : both.toReversed(), random.chance(0.5));
  return stage.scene;
}
