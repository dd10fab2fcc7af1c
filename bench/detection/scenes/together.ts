/** Several files in one stroke: git, an update, a formatter, a sync, a stale tree, a bad copy. */
import { instruction } from './damage.ts';
import { linesIn } from './members.ts';
import { day, hour, later, type Props, type Put, type Scene, Stage, slug, some } from './stage.ts';

type Tree = ReadonlyMap<string, string>;

/** A few files of a home, all as they stood for weeks. */
function tree(props: Props, least: number, most: number): Tree {
  const { random, words } = props;
  const files = new Map<string, string>();
  for (let n = least + random.int(most - least + 1); files.size < n; ) {
    const [path, text] = random.chance(0.5)
      ? instruction(props)
      : ([
          `docs/${slug(words)}.md`,
          `# ${words.title()}\n\n${some(random, 2, 6, () => `- ${words.sentence()}`).join('\n')}\n`,
        ] as const);
    files.set(path, text);
  }
  return files;
}

/** Each file with a few lines more, or now and then one reworded. */
function grown(files: Tree, { random, words }: Props): Tree {
  return new Map(
    [...files].map(([path, text]) => {
      const more = `${text}${some(random, 1, 4, () => `- ${words.sentence()}\n`).join('')}`;
      return [path, random.chance(0.3) ? more.replace(/^- .*$/m, `- ${words.sentence()}`) : more] as const;
    }),
  );
}

const puts = (files: Tree): Put[] => [...files].map(([path, text]) => [path, text]);
const gone = (before: string, after: string) => {
  const left = new Set(linesIn(after));
  return linesIn(before).filter(line => !left.has(line));
};

function found(stage: Stage, files: Tree, age: number): void {
  for (const [path, text] of files) stage.found(path, text, age);
}

/** Another branch of the same home: some files differ, some are missing, one is its own. */
function branchOf(files: Tree, props: Props): ReadonlyMap<string, string | null> {
  const { random, words } = props;
  const other = new Map<string, string | null>();
  for (const [path, text] of files) {
    const how = random.weighted({ same: 2, shorter: 4, none: 2 });
    if (how === 'none') other.set(path, null);
    else if (how === 'shorter') other.set(path, `${text.split('\n').slice(0, 4).join('\n')}\n- ${words.sentence()}\n`);
  }
  other.set(`docs/${slug(words)}.md`, `# ${words.title()}\n\n${words.sentence()}.\n`);
  return other;
}

/** git: another branch is checked out, and later the first one again. Every text stands in git. */
export function checkout(props: Props): Scene {
  const stage = new Stage(props);
  const files = tree(props, 3, 6);
  found(stage, files, 20 * day);
  later(stage);
  const other = branchOf(files, props);
  stage.holds([...files.values(), ...other.values()], -20 * day);
  stage.git('checkout', 'checkout: moving from main to laptop', [...other]);
  stage.pass(hour / 12, 3 * hour);
  const back = [...other.keys()].map((path): Put => [path, files.get(path) ?? null]);
  stage.git('checkout', 'checkout: moving from laptop to main', back);
  return stage.scene;
}

/** git: what another machine pushed is pulled; it rewrites and removes on purpose. */
export function pull(props: Props): Scene {
  const { random, words } = props;
  const stage = new Stage(props);
  const files = tree(props, 3, 6);
  found(stage, files, 20 * day);
  later(stage);
  const theirs = [...files].map(([path, text]): Put => {
    const lines = text.split('\n').filter(line => !(line.startsWith('- ') && random.chance(0.4)));
    return [path, random.chance(0.15) ? null : `${lines.join('\n')}- ${words.sentence()}\n`];
  });
  stage.holds(files.values(), -20 * day);
  stage.holds(theirs.map(([, text]) => text));
  stage.git('pull', 'pull: Fast-forward', theirs);
  return stage.scene;
}

/** git: work is put away with `stash` and taken out again: between the two it stands in git. */
export function stash(props: Props): Scene {
  const stage = new Stage(props);
  const files = tree(props, 2, 5);
  found(stage, files, 20 * day);
  later(stage);
  const work = grown(files, props);
  stage.life(...puts(work));
  stage.pass(hour / 12, hour);
  stage.holds(files.values(), -20 * day);
  stage.holds(work.values());
  stage.git('stash', 'stash: WIP on main', puts(files));
  stage.pass(hour / 60, hour);
  stage.life(...puts(work));
  return stage.scene;
}

/** git: `reset --hard` over work that was never committed or stashed: no object of git has it. */
export function hardReset(props: Props): Scene {
  const stage = new Stage(props);
  const files = tree(props, 2, 5);
  found(stage, files, 20 * day);
  later(stage);
  const work = grown(files, props);
  stage.life(...puts(work));
  stage.pass(hour / 12, hour);
  stage.holds(files.values(), -20 * day);
  const back = puts(files).map(([path, text]): Put => [path, text, gone(work.get(path)!, text!)]);
  stage.git('reset', 'reset: moving to HEAD', back);
  return stage.scene;
}

/** A plugin or a skill is brought up to date: its own files are replaced, some are no longer part of it. */
export function update(props: Props): Scene {
  const { random, words } = props;
  const stage = new Stage(props);
  const name = slug(words);
  const folder = random.chance(0.5) ? `skills/${name}` : `plugins/data/${name}`;
  const part = () => `# ${words.title()}\n\n${some(random, 3, 9, () => `- ${words.sentence()}`).join('\n')}\n`;
  const skill = (version: string) =>
    `---\nname: ${name}\ndescription: Use for ${words.title()}\nversion: ${version}\n---\n\n${part()}`;
  const parts = some(random, 2, 5, i => `${folder}/reference/part-${i}.md`);
  stage.found(`${folder}/SKILL.md`, skill('1.0.0'), 30 * day);
  for (const path of parts) stage.found(path, part(), 30 * day);
  later(stage);
  const left = parts.filter(() => random.chance(0.7));
  const dropped = parts.filter(path => !left.includes(path));
  stage.event(
    [
      [`${folder}/SKILL.md`, skill('2.0.0')],
      ...left.map(path => [path, part()] as const),
      ...dropped.map(path => [path, null] as const),
      [`${folder}/reference/part-9.md`, part()],
    ],
    false,
  );
  return stage.scene;
}

/** A formatter goes over all: other marks, wrapped lines, a blank line more. */
export function formatter(props: Props): Scene {
  const { random } = props;
  const stage = new Stage(props);
  const files = tree(props, 3, 8);
  found(stage, files, 15 * day);
  later(stage);
  const mark = random.pick(['*', '+']);
  const width = 40 + random.int(30);
  const formed = puts(files).map(([path, text]): Put => {
    const lines = text!.split('\n').flatMap(line => {
      if (line.startsWith('- ')) return [line.replace('-', mark)];
      return /^[A-Za-z]/.test(line) && !/^\w+:/.test(line)
        ? [line.replace(new RegExp(`(.{${width}}) (?![-*+#>|\\d])`, 'g'), '$1\n')]
        : [line];
    });
    return [path, lines.join('\n')];
  });
  stage.event(formed, false);
  return stage.scene;
}

/** A sync brings the newer texts of another machine: several files at once, nothing goes. */
export function sync(props: Props): Scene {
  const stage = new Stage(props);
  let files = tree(props, 3, 8);
  found(stage, files, 15 * day);
  for (let i = 0; i < 1 + props.random.int(2); i++) {
    later(stage);
    files = new Map([...files].map(([path, text]) => [path, `${text}- ${props.words.sentence()}\n`] as const));
    stage.event(puts(files), false);
  }
  return stage.scene;
}

/** M7: a stale tree is copied over: several files go back to the byte, and what came since vanishes. */
export function staleTree(props: Props): Scene {
  const { random, words } = props;
  const stage = new Stage(props);
  const files = tree(props, 3, 6);
  found(stage, files, 10 * day);
  later(stage);
  const now = grown(files, props);
  const young = `docs/${slug(words)}.md`;
  const isYoung = random.chance(0.6);
  const note = `# ${words.title()}\n\n${some(random, 2, 5, () => `- ${words.sentence()}`).join('\n')}\n`;
  stage.life(...puts(now), ...(isYoung ? [[young, note] as const] : []));
  stage.pass(hour / 20, 2 * hour);
  const back = puts(files).map(([path, text]): Put => [path, text, gone(now.get(path)!, text!)]);
  stage.event([...back, ...(isYoung ? [[young, null, linesIn(note)] as const] : [])], false);
  return stage.scene;
}

/** A bad copy: several files get what they had before, each with a few lines of another machine. */
export function badCopy(props: Props): Scene {
  const stage = new Stage(props);
  const files = tree(props, 3, 6);
  found(stage, files, 10 * day);
  later(stage);
  const now = grown(files, props);
  stage.life(...puts(now));
  stage.pass(hour / 20, 5 * hour);
  const theirs = puts(files).map(([path, text]): Put => {
    const copy = `${text}- ${props.words.sentence()}\n`;
    return [path, copy, gone(now.get(path)!, copy)];
  });
  stage.event(theirs, false);
  return stage.scene;
}
