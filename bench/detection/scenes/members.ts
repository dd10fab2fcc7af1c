/** JSON, JSONC and TOML: what is put in, moved, overwritten, emptied. */
import { day, hour, later, type Props, type Put, type Scene, Stage, slug, some } from './stage.ts';

type Item = Readonly<Record<string, unknown>>;

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

type Naming = 'id' | 'name' | 'none' | 'doubled';

/** Elements with an id, without one, or with one that stands twice; some have members and lists that others lack. */
function itemsOf(props: Props, least: number, most: number): readonly Item[] {
  const how = props.random.weighted({ id: 4, name: 2, none: 3, doubled: 1 });
  return some(props.random, least, most, i => itemOf(i, how, props));
}

function itemOf(i: number, how: Naming, { random, words }: Props): Item {
  const said = {
    what: words.sentence(),
    ...(random.chance(0.5) ? { fix: words.title() } : {}),
    n: Number(words.number()),
    ...(random.chance(0.6) ? { tags: some(random, 1, 3, () => words.word()) } : {}),
    ...(random.chance(0.3) ? { seen: { by: words.word(), times: Number(words.number()) } } : {}),
  };
  if (how === 'id') return { id: `e-${String(i + 1).padStart(3, '0')}-${slug(words)}`, ...said };
  if (how === 'name') return { name: slug(words), ...said };
  return how === 'doubled' ? { id: `e-${i >> 1}`, ...said } : said;
}

const arrayPaths = ['memory/errors.json', 'docs/registry.json', 'docs/data.json', 'jobs/queue.json'];
const around = (key: string | null, items: readonly unknown[], n: number) =>
  json(key === null ? items : { version: n, [key]: items });

/** W5: an element is put into an array, at any place; now and then another one is worded anew. */
export function insertion(props: Props): Scene {
  const { random } = props;
  const stage = new Stage(props);
  const path = random.pick(arrayPaths);
  const key = random.chance(0.7) ? random.pick(['entries', 'items', 'tasks']) : null;
  let items = itemsOf(props, 3, 30);
  const keysOf = Object.keys(items[0]!);
  stage.found(path, around(key, items, 1), 8 * day);
  for (let i = 0; i < 1 + random.int(3); i++) {
    later(stage);
    const at = random.weighted({ start: 4, middle: 4, end: 2 });
    const place = at === 'start' ? 0 : at === 'end' ? items.length : random.int(items.length);
    const fresh = itemOf(500 + i, keysOf.includes('id') ? 'id' : keysOf.includes('name') ? 'name' : 'none', props);
    items = [...items.slice(0, place), fresh, ...items.slice(place)];
    stage.event([[path, around(key, items, random.chance(0.5) ? 1 : i + 2)]], random.chance(0.6));
  }
  return stage.scene;
}

/** W6: a member goes under another key of the same file. */
export function moved(props: Props): Scene {
  const { random, words } = props;
  const stage = new Stage(props);
  const path = random.pick(['manifest.json', 'docs/features.json', 'memory/map.json']);
  const group = () =>
    Object.fromEntries(
      some(
        random,
        2,
        5,
        () => [slug(words), { files: [`${slug(words)}.md`], since: words.number(), why: words.sentence() }] as const,
      ),
    );
  const from: Record<string, unknown> = group();
  const to: Record<string, unknown> = group();
  stage.found(path, json({ version: 3, features: from, components: to }), 7 * day);
  later(stage);
  const name = random.pick(Object.keys(from));
  const { [name]: member, ...rest } = from;
  const target = { ...to, [name]: random.chance(0.7) ? member : { ...(member as object), since: '9' } };
  stage.event([[path, json({ version: random.chance(0.5) ? 3 : 4, features: rest, components: target })]]);
  return stage.scene;
}

/** F7: two add to one array from the same base; the second write lacks what the first had added. */
export function overwrittenElement(props: Props): Scene {
  const { random, words } = props;
  const stage = new Stage(props);
  const path = random.pick(['teams/core/inboxes/lead.json', 'docs/registry.json', 'memory/errors.json']);
  const key = path.startsWith('teams/') ? null : 'entries';
  const message = (i: number): Item =>
    path.startsWith('teams/')
      ? {
          from: random.pick(['tester', 'writer', 'planner']),
          text: words.sentence(),
          timestamp: new Date(Date.UTC(2026, 9, 3) + i * hour).toISOString(),
          read: false,
        }
      : itemOf(i, 'id', props);
  const items = some(random, 2, 9, message);
  stage.found(path, around(key, items, 1), 2 * day);
  later(stage);
  const one = message(40);
  const two = message(41);
  stage.life([path, around(key, [...items, one], 1)]);
  stage.pass(1_000, hour / 2);
  stage.event([[path, around(key, [...items, two], 1), [String(one.text ?? one.what)]]], false);
  return stage.scene;
}

/** F7: beside an insertion one element goes that nobody meant. */
export function goneBesideInsertion(props: Props): Scene {
  const { random } = props;
  const stage = new Stage(props);
  const path = random.pick(arrayPaths);
  const items = some(random, 4, 20, i => itemOf(i, 'id', props));
  stage.found(path, around('entries', items, 1), 10 * day);
  later(stage);
  const at = random.int(items.length);
  const rest = items.filter((_, i) => i !== at);
  const place = random.int(rest.length + 1);
  const next = [...rest.slice(0, place), itemOf(900, 'id', props), ...rest.slice(place)];
  stage.event([[path, around('entries', next, 1), [String(items[at]!.what)]]], false);
  return stage.scene;
}

interface Hook {
  readonly matcher?: string;
  readonly hooks: readonly { readonly type: string; readonly command: string }[];
}

const hookOf = (command: string, matcher?: string): Hook => ({
  ...(matcher === undefined ? {} : { matcher }),
  hooks: [{ type: 'command', command }],
});

/** F6: an installer assigns its hooks instead of adding them; those of another program are gone. */
export function replacedHook(props: Props): Scene {
  const { random, words } = props;
  const stage = new Stage(props);
  const event = random.pick(['SessionStart', 'PreToolUse', 'Stop', 'UserPromptSubmit']);
  const own = `node ~/tools/${slug(words)}.mjs`;
  const other = hookOf(`~/tools/${slug(words)}.sh`, 'Bash');
  const matcher = random.pick([undefined, 'compact', 'Bash']);
  const before = { model: 'opus', hooks: { [event]: [hookOf(own, matcher)], PostToolUse: [other] } };
  stage.found('settings.json', json(before), 20 * day);
  later(stage);
  const theirs = some(random, 1, 4, i =>
    hookOf(`/opt/${slug(words)}/bin/run`, ['startup', 'resume', 'clear', 'compact'][i]),
  );
  const after = { ...before, hooks: { ...before.hooks, [event]: theirs } };
  stage.event([['settings.json', json(after), [own]]], false);
  return stage.scene;
}

/** F6: an update leaves an empty object where members stood, beside a counter that changes in every write. */
export function emptiedMembers(props: Props): Scene {
  const { random, words } = props;
  const stage = new Stage(props);
  const servers = Object.fromEntries(
    some(
      random,
      1,
      4,
      () => [slug(words), { type: 'stdio', command: `/opt/${slug(words)}`, args: ['--quiet'] }] as const,
    ),
  );
  const at = random.pick(['../.claude.json', '.mcp.json', 'settings.json', 'settings.local.json']);
  const project = `/home/me/${slug(words)}`;
  const text = (held: object, n: number) =>
    json(
      at === '../.claude.json'
        ? { numStartups: n, projects: { [project]: { allowedTools: [], mcpServers: held } } }
        : { numStartups: n, mcpServers: held, theme: 'dark' },
    );
  stage.found(at, text(servers, 11), 12 * day);
  later(stage);
  const lost = Object.values(servers).map(({ command }) => command);
  stage.event([[at, text({}, 12), lost]], false);
  return stage.scene;
}

/** F3: settings or a registry are deleted. */
export function deletedState(props: Props): Scene {
  const { random, words } = props;
  const stage = new Stage(props);
  const path = random.pick([
    'settings.json',
    'settings.local.json',
    'keybindings.json',
    'plugins/installed_plugins.json',
    'plugins/known_marketplaces.json',
  ]);
  const allowed = some(random, 3, 9, () => `Bash(${words.word()} ${words.word()}:*)`);
  const text = path.startsWith('plugins/')
    ? json({
        version: 1,
        plugins: Object.fromEntries(allowed.map(() => [slug(words), { version: words.number(), scope: 'user' }])),
      })
    : path === 'keybindings.json'
      ? json({ bindings: some(random, 2, 6, i => ({ key: `ctrl+${'abcdefg'[i]}`, action: slug(words) })) })
      : json({ permissions: { allow: allowed }, env: { TZ: 'UTC' }, model: 'opus' });
  stage.found(path, text, 25 * day);
  later(stage);
  stage.event([[path, null, linesIn(text)]], false);
  return stage.scene;
}

/** F8: a settings dialog writes the file anew, without its comments: they held what was switched off. */
export function droppedComments(props: Props): Scene {
  const { random, words } = props;
  const stage = new Stage(props);
  const path = random.pick(['settings.json', 'docs/servers.jsonc', '.mcp.json']);
  const off = some(random, 1, 4, () => `// "${slug(words)}": { "command": "/opt/${slug(words)}" },`);
  const servers = some(random, 1, 3, () => [slug(words), { command: `/opt/${slug(words)}` }] as const);
  const plain = json({ model: 'opus', mcpServers: Object.fromEntries(servers) });
  const withComments = plain.replace(
    /^( *"mcpServers": \{\n)/m,
    (_, head: string) => `${head}${off.map(line => `    ${line}\n`).join('')}`,
  );
  stage.found(path, withComments, 15 * day);
  later(stage);
  stage.event(
    [[path, random.chance(0.5) ? plain : plain.replace('opus', 'sonnet'), off.map(line => line.slice(3))]],
    false,
  );
  return stage.scene;
}

/** F8: records keep their ids and lose what they said. */
export function blankedRecords(props: Props): Scene {
  const { random, words } = props;
  const stage = new Stage(props);
  const isLog = random.chance(0.5);
  const records = some(random, 8, 30, i => ({ uuid: `u-${i}-${slug(words)}`, at: i, content: words.sentence() }));
  const path = isLog ? 'docs/journal.jsonl' : 'docs/notes.json';
  const text = (all: readonly object[]) =>
    isLog ? all.map(each => `${JSON.stringify(each)}\n`).join('') : json({ notes: all });
  stage.found(path, text(records), 3 * day);
  later(stage);
  const blanked = records.map((record, i) => (i % 7 === 3 ? record : { ...record, content: '' }));
  const lost = records.filter((_, i) => i % 7 !== 3).map(({ content }) => content);
  stage.event([[path, text(blanked), lost]], false);
  return stage.scene;
}

/** F1: a configuration in TOML is written whole by a second owner; the tables of the first are gone. */
export function droppedTables(props: Props): Scene {
  const { random, words } = props;
  const stage = new Stage(props);
  const path = random.pick(['docs/config.toml', 'config.toml']);
  const tables = some(
    random,
    2,
    5,
    () => `[mcp_servers.${slug(words)}]\ncommand = "/opt/${slug(words)}"\nargs = ["--${words.word()}"]`,
  );
  const head = 'model = "large"\napproval = "ask"';
  const text = (all: readonly string[]) => `${[head, ...all].join('\n\n')}\n`;
  stage.found(path, text(tables), 30 * day);
  later(stage);
  const theirs = `[agents.${slug(words)}]\nlevel = "high"`;
  stage.event([[path, text([theirs]), tables.flatMap(linesIn)]], false);
  return stage.scene;
}

export function linesIn(text: string): readonly string[] {
  return text
    .split('\n')
    .map(line => line.trim())
    .filter(line => /\p{L}{3}/u.test(line));
}

/** W5 again, in what a program keeps: entries come and are worded anew, none goes. */
export function registryGrows(props: Props): Scene {
  const { random, words } = props;
  const stage = new Stage(props);
  const path = 'plugins/installed_plugins.json';
  let plugins: Record<string, object> = Object.fromEntries(
    some(random, 2, 8, () => [`${slug(words)}@market`, { version: words.number(), at: words.number() }] as const),
  );
  const put = (): Put => [path, json({ version: 2, plugins })];
  stage.found(path, put()[1]!, 6 * day);
  for (let i = 0; i < 1 + random.int(3); i++) {
    later(stage);
    const names = Object.keys(plugins);
    const name = random.pick(names);
    plugins = { ...plugins, [name]: { version: words.number(), at: words.number() } };
    if (random.chance(0.5)) plugins = { [`${slug(words)}@market`]: { version: '1', at: '1' }, ...plugins };
    stage.event([put()], false);
  }
  return stage.scene;
}
