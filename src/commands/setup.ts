/** What every command starts with: the configuration, the roots, the store, and how its output looks. */
import { resolve } from 'node:path';
import { UndertextError } from '../errors.ts';
import { classifier } from '../home/classes.ts';
import type { Config } from '../home/config.ts';
import { storePlace } from '../home/places.ts';
import { resolveRoots } from '../home/roots.ts';
import type { FileClass, Note, Root, Time } from '../model.ts';
import { makeStyle, type Style } from '../report/style.ts';
import type { Rule } from '../rule.ts';
import { openGitStore } from '../store/git-store.ts';
import { holderInWords } from '../store/lock.ts';
import { memoryStore } from '../store/memory-store.ts';
import { withSoundRecords } from '../store/sound-records.ts';
import type { Holder, Store } from '../store/store.ts';
import type { Call, ExitCode, Terminal, World } from './command.ts';
import { configured } from './configured.ts';
import { hereOf } from './here.ts';

export interface Setup {
  readonly world: World;
  readonly config: Config;
  readonly roots: readonly Root[];
  readonly store: Store;
  readonly storePath: string;
  readonly access: Access;
  readonly style: Style;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly hasOwnRules: boolean;
  /** The rules that are not switched off. */
  readonly rules: readonly Rule[];
  readonly classify: (root: Root, path: string) => FileClass;
  print(text: string): Promise<void>;
  warn(text: string): Promise<void>;
}

/**
 * `read` works beside a watcher and on a disk that cannot be written; it adds nothing. `try` is the same, and where there
 * is no store yet, as if there were an empty one.
 */
export type Access = 'read' | 'write' | 'try';

/** Opens everything, runs `work`, and closes the store whatever happens. */
export async function withSetup(
  call: Call,
  access: Access,
  work: (setup: Setup) => Promise<ExitCode>,
): Promise<ExitCode> {
  const setup = await setUp(call, access);
  try {
    return await work(setup);
  } finally {
    await setup.store.close();
  }
}

async function setUp(call: Call, access: Access): Promise<Setup> {
  const { world } = call;
  const { config, rules } = await configured(call);
  const given = call.texts('root');
  const found = resolveRoots({ given, config, env: world.env, home: world.home, cwd: world.cwd });
  const storePath = resolve(world.cwd, call.text('store') ?? storePlace(world.env, world.platform, world.home));
  const store = await openStore(storePath, call, access);
  const roots = await nameRoots(found, store, access, world.now());
  return {
    world,
    config,
    roots,
    store,
    storePath,
    access,
    style: styleOf(call, roots),
    json: call.has('json'),
    quiet: call.has('quiet'),
    hasOwnRules: rules.some(({ file }) => file !== null),
    rules: rules.filter(({ options }) => options !== null).map(({ rule }) => rule),
    classify: classifier(config),
    print: text => world.out.write(text.endsWith('\n') || text === '' ? text : `${text}\n`),
    warn: text => world.err.write(text.endsWith('\n') || text === '' ? text : `${text}\n`),
  };
}

async function openStore(path: string, call: Call, access: Access): Promise<Store> {
  const { now } = call.world;
  const { command } = call;
  try {
    return withSoundRecords(
      await openGitStore({
        path,
        now,
        readOnly: access !== 'write',
        command,
        onWait: who => void sayWait(call, who),
      }),
    );
  } catch (error) {
    if (access === 'try' && error instanceof UndertextError && error.code === 'not-found') return memoryStore({ now });
    throw error;
  }
}

/** How wide errors and warnings may be. */
export function errorWidth(terminal: Terminal): number {
  return terminal.isTerminal ? Math.max(40, terminal.columns) : Number.POSITIVE_INFINITY;
}

/** Somebody who waits wants to know for whom. */
async function sayWait(call: Pick<Call, 'world' | 'has'>, who: Holder): Promise<void> {
  if (call.has('json')) return;
  await call.world.err.write(`waiting for ${holderInWords(who)}, which is writing to the store\n`);
}

export function styleOf(call: Call, roots: readonly Root[] = []): Style {
  const { world } = call;
  const color = world.out.isTerminal && !call.has('no-color') && !world.env.NO_COLOR;
  // A terminal knows its width. Elsewhere it may be said: a mail is read in 78 columns.
  const columns = world.out.isTerminal ? world.out.columns : Number(world.env.COLUMNS) || world.out.columns;
  return makeStyle({
    color,
    width: Math.max(40, Math.min(columns, 120)),
    here: hereOf(world, option => call.texts(option)),
    places: new Map(roots.map(({ name, path }) => [name, fromHome(path, world.home)])),
  });
}

/** `~/.claude` */
function fromHome(path: string, home: string): string {
  return home !== '' && (path === home || path.startsWith(`${home}/`)) ? `~${path.slice(home.length)}` : path;
}

/**
 * One store can keep several roots, also of different runs. A name belongs to the folder that had it first: another
 * folder of the same name gets a number, or its scan would take the first one's files for deleted.
 */
async function nameRoots(found: readonly Root[], store: Store, access: Access, now: Time): Promise<readonly Root[]> {
  const known = new Map<string, string>();
  for (const note of store.notes('root')) {
    const { name, path } = (note.data ?? {}) as { readonly name?: unknown; readonly path?: unknown };
    if (typeof name === 'string' && typeof path === 'string') known.set(path, name);
  }
  const fresh: Note[] = [];
  const roots = found.map(root => {
    let name = known.get(root.path);
    if (name === undefined) {
      const taken = new Set(known.values());
      name = root.name;
      for (let number = 2; taken.has(name); number++) name = `${root.name}-${number}`;
      known.set(root.path, name);
      fresh.push({ kind: 'root', at: now, data: { name, path: root.path } });
    }
    return { ...root, name };
  });
  if (fresh.length > 0 && access === 'write') await store.note(fresh);
  return roots;
}
