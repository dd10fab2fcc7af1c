/** Whole files replaced, text that can no longer be read, files put where their reader does not look. */
import type { Words } from '../words.ts';
import { linesIn } from './members.ts';
import { day, hour, later, type Props, type Scene, Stage, slug, some } from './stage.ts';

/** An instruction that somebody wrote, of the kinds that the client reads. */
export function instruction({ random, words }: Props): readonly [path: string, text: string] {
  const name = slug(words);
  const path = random.pick([
    'CLAUDE.md',
    'AGENTS.md',
    `rules/${name}.md`,
    `commands/${name}.md`,
    `agents/${name}.md`,
    `skills/${name}/SKILL.md`,
    `output-styles/${name}.md`,
  ]);
  const hasFields = /^(agents|skills|output-styles|commands)\//.test(path);
  const head = hasFields ? `---\nname: ${name}\ndescription: Use for ${words.title()}\n---\n\n` : '';
  return [path, head + body({ random, words })];
}

function body({ random, words }: Props): string {
  const sections = some(random, 3, 7, () => {
    const items = some(random, 1, 6, () => `- ${words.sentence()}`).join('\n');
    return `## ${words.title()}\n\n${random.chance(0.6) ? `${words.sentence()}.\n\n` : ''}${items}`;
  });
  return `# ${words.title()}\n\n${sections.join('\n\n')}\n`;
}

const fieldsOf = (text: string) => /^---\n[\s\S]*?\n---\n\n/.exec(text)?.[0] ?? '';

/** What an installer puts in the place of a file. */
function stub({ random, words }: Props, text: string): string {
  const kind = random.weighted({ short: 4, whole: 4, line: 1 });
  if (kind === 'line') return `# ${words.title()}\n`;
  if (kind === 'short') return `${fieldsOf(text)}# ${words.title()}\n\nThis file is managed. ${words.sentence()}.\n`;
  return fieldsOf(text) + body({ random, words });
}

const said = (text: string) => linesIn(text.slice(fieldsOf(text).length)).filter(line => !line.startsWith('#'));

/** F1: an instruction that stood unchanged for long is replaced as a whole. */
export function replacedWhole(props: Props): Scene {
  const { random } = props;
  const stage = new Stage(props);
  const [path, text] = instruction(props);
  stage.found(path, text, (10 + random.int(200)) * day);
  later(stage);
  stage.event([[path, stub(props, text), said(text)]], false);
  return stage.scene;
}

/** F1: an installer copies its files over several of the same name. */
export function sameNames(props: Props): Scene {
  const { random, words } = props;
  const stage = new Stage(props);
  const folder = random.pick(['commands', 'agents', 'rules']);
  const names = [...new Set(some(random, 2, 5, () => slug(words)))];
  const fields = (name: string) =>
    folder === 'rules' ? '' : `---\nname: ${name}\ndescription: Use for ${words.title()}\n---\n\n`;
  const texts = names.map(name => [`${folder}/${name}.md`, fields(name) + body(props)] as const);
  for (const [path, text] of texts) stage.found(path, text, 60 * day);
  later(stage);
  stage.event(
    texts.map(([path, text]) => [path, stub(props, text), said(text)] as const),
    false,
  );
  return stage.scene;
}

/** M2: a file is made anew, and soon after made anew again: the second takes what had just come. */
export function secondRewrite(props: Props): Scene {
  const { random, words } = props;
  const stage = new Stage(props);
  const path = `memory/${slug(words)}.md`;
  const title = words.title();
  const text = (n: number) => `# ${title}\n\n${some(random, n, n, () => `- ${words.sentence()}`).join('\n')}\n`;
  stage.found(path, text(8 + random.int(6)), 20 * day);
  later(stage);
  const second = text(7 + random.int(6));
  stage.life([path, second]);
  stage.pass(hour / 6, 2 * hour);
  stage.event([[path, text(2), linesIn(second).slice(1)]], false);
  return stage.scene;
}

/** F4: a tool reads another encoding than it writes, or keeps only the low byte of each sign. */
export function damaged(props: Props): Scene {
  const { random, words } = props;
  const stage = new Stage(props);
  const how = random.pick(['replaced', 'mojibake', 'nul'] as const);
  const sign = how === 'nul' ? '─' : random.pick(['é', 'ü', '→', '█', '日']);
  const [path, plain] = instruction(props);
  const text = plain
    .split('\n')
    .map(line =>
      /^- /.test(line) && random.chance(0.6) ? line.replace(/ /g, () => (random.chance(0.3) ? ` ${sign}` : ' ')) : line,
    )
    .concat(`- ${words.sentence()} ${sign}${sign}`, '')
    .join('\n');
  const broken: Readonly<Record<typeof how, (line: string) => string>> = {
    replaced: line => line.replaceAll(sign, sign === 'é' || sign === 'ü' ? '\uFFFD' : '\uFFFD\uFFFD\uFFFD'),
    mojibake: line => line.replaceAll(sign, Buffer.from(sign).toString('latin1')),
    nul: line => line.replaceAll(sign, '\0'),
  };
  stage.found(path, text, 40 * day);
  later(stage);
  const after = broken[how](text);
  const edited = random.chance(0.5) ? `${after}- ${words.sentence()}\n` : after;
  stage.event(
    [
      [
        path,
        edited,
        text
          .split('\n')
          .filter(line => line.includes(sign))
          .map(line => line.trim()),
      ],
    ],
    false,
  );
  return stage.scene;
}

/** F5: files are put where their reader does not look. */
export function putAway(props: Props): Scene {
  const { random, words } = props;
  const stage = new Stage(props);
  const where = random.pick(['.trash', '.disabled', 'bak'] as const);
  const names = [...new Set(some(random, 1, 5, () => slug(words)))];
  const kept = [...new Set(some(random, 1, 3, () => slug(words)))];
  const text = (name: string) => `---\nname: ${name}\ndescription: Use for ${words.title()}\n---\n\n${body(props)}`;
  const files = [...names, ...kept].map(name => [name, text(name)] as const);
  for (const [name, said] of files) stage.found(`skills/${name}/SKILL.md`, said, 50 * day);
  later(stage);
  const stamp = `${1_700_000_000_000 + random.int(1e9)}-${random.int(9_000)}`;
  const to = (name: string) =>
    where === 'bak'
      ? `skills/${name}/SKILL.md.bak`
      : `skills/${where}/${where === '.trash' ? `${stamp}/` : ''}${name}/SKILL.md`;
  const moved = files
    .slice(0, names.length)
    .flatMap(([name, said]) => [[`skills/${name}/SKILL.md`, null, linesIn(said)] as const, [to(name), said] as const]);
  stage.event(moved, false);
  return stage.scene;
}

/** F8: a Markdown file collapses into one line: every word stands, and nothing can be read any more. */
export function flattened(props: Props): Scene {
  const stage = new Stage(props);
  const [path, text] = instruction(props);
  stage.found(path, text, 30 * day);
  later(stage);
  const flat = fieldsOf(text) + text.slice(fieldsOf(text).length).split('\n').filter(Boolean).join(' ');
  stage.event([[path, `${flat}\n`, said(text)]], false);
  return stage.scene;
}

/** F8: what came a moment ago goes again, and nothing comes in its place. */
export function goneAtOnce(props: Props): Scene {
  const { random, words } = props;
  const stage = new Stage(props);
  const [path, before, after] = random.chance(0.5) ? settings(words, props) : notes(words, props);
  stage.found(path, before, 10 * day);
  later(stage);
  stage.life([path, after]);
  stage.pass(3_000, 60_000);
  const had = new Set(before.split('\n').map(line => line.trim()));
  stage.event([[path, before, linesIn(after).filter(line => !had.has(line))]], false);
  return stage.scene;
}

function settings(words: Words, { random }: Props): readonly [string, string, string] {
  const member = () => [slug(words), { command: `/opt/${slug(words)}`, args: [words.word()] }] as const;
  const few = some(random, 1, 3, member);
  const text = (all: readonly (readonly [string, unknown])[]) =>
    `${JSON.stringify({ servers: Object.fromEntries(all) }, null, 2)}\n`;
  return ['docs/servers.json', text(few), text([...few, ...some(random, 20, 60, member)])];
}

function notes(words: Words, { random }: Props): readonly [string, string, string] {
  const item = () => `- ${words.sentence()}`;
  const few = some(random, 2, 5, item);
  const text = (all: readonly string[]) => `# Notes\n\n${all.join('\n')}\n`;
  return [`memory/${slug(words)}.md`, text(few), text([...few, ...some(random, 12, 30, item)])];
}
