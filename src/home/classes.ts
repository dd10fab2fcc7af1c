/**
 * Which files of a root are precious, which are caches, which must never be stored.
 * The layout of `~/.claude` is not documented as a whole; what is unknown is kept.
 */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import picomatch from 'picomatch';
import { UndertextError } from '../errors.ts';
import type { FileClass, Root } from '../model.ts';
import type { Config } from './config.ts';

/** Never stored, wherever they lie: only that they exist, and whether they are empty. */
const secret = [
  '**/.credentials.json',
  '**/.env',
  '**/.env.!(example|sample|template|dist)',
  '**/.netrc',
  '**/id_{rsa,dsa,ecdsa,ed25519}',
  '**/*.{pem,p12,pfx,key}',
];

/** Folders (with a trailing `/`) and files that are not worth a version anywhere. */
const noise: readonly (string | RegExp)[] = [
  '**/.git/',
  '**/node_modules/',
  '**/__pycache__/',
  '**/.venv/',
  // What atomic writers and editors leave for a moment.
  '**/*.tmp',
  '**/*.tmp.+([0-9a-zA-Z_-])',
  '**/*.tmp.+([0-9]).+([0-9a-zA-Z_-])',
  '**/*.tmp~+([0-9a-f])',
  '**/.*.undertext-*',
  '**/.*.sw[a-p]',
  '**/.#*',
  '**/#*#',
  '**/4913',
  '**/*~',
  // rsync writes `.NAME.XXXXXX`, GNU sed `sedXXXXXX`: six random letters and digits, of which a capital tells them from words.
  /(^|\/)(\.[^/]+\.[^/]+\.|sed)(?=[a-z0-9]*[A-Z])(?=[a-zA-Z]*[0-9]|[A-Z]*[a-z])[A-Za-z0-9]{6}$/,
  // A name without a dot in it may be a word in the middle of a dot file: there a digit must be among them, too.
  /(^|\/)\.[^/]+\.(?=[a-z0-9]*[A-Z])(?=[a-zA-Z]*[0-9])(?=[A-Z0-9]*[a-z])[A-Za-z0-9]{6}$/,
  '**/.~tmp~/',
  '**/.rsync-{partial,tmp}/',
  // Syncthing's old versions and its marker (docs.syncthing.net, "Versioning" and "Folder Marker"); its temporary files end in `.tmp`.
  '**/.st{versions,folder}/',
  // Dropbox's own cache (help.dropbox.com, "the .dropbox.cache folder").
  '**/.dropbox.cache/',
  // The clients of Nextcloud and ownCloud: `.NAME.~HEX` while they download, and their journal (csync, propagatedownload.cpp).
  /(^|\/)\.[^/]+\.~[0-9a-f]{1,8}$/,
  '**/.{_,}sync_+([0-9a-f]).db{,-wal,-shm,-journal}',
  // rclone, `--partial-suffix`: `NAME.HEX.partial` (rclone.org/docs).
  /(^|\/)[^/]+\.[0-9a-f]{8}\.partial$/,
  // Mutagen: `.mutagen-temporary-…` (pkg/filesystem/temporary.go).
  '**/.mutagen-temporary-*',
  // GLib, g_file_replace: `.goutputstream-XXXXXX` (gio/glocalfileoutputstream.c).
  /(^|\/)\.goutputstream-[A-Za-z0-9]{6}$/,
  // JetBrains, "safe write": `NAME___jb_tmp___` and `NAME___jb_old___` (SafeWriteRequestor, SafeFileOutputStream).
  '**/*___jb_{tmp,old}___',
  // VS Code's atomic write: `NAME.vsctmp` (vs/platform/files/node/diskFileSystemProvider.ts).
  '**/*.vsctmp',
  // macOS, a document saved by a program in a sandbox: `NAME.sb-HEX-XXXXXX`.
  /(^|\/)[^/]+\.sb-[0-9a-f]{8}-[A-Za-z0-9]{6}$/,
  // LibreOffice's lock: `.~lock.NAME#`. Microsoft Office's: `~$NAME`.
  '**/.~lock.*#',
  /(^|\/)~\$[^/]+\.(docx?|xlsx?|pptx?)$/,
  // Kate's swap file: `.NAME.kate-swp`.
  '**/.*.kate-swp',
  // The client's lock while it consolidates a memory: a process id.
  '**/.consolidate-lock',
  '**/.DS_Store',
  '**/Thumbs.db',
];

const log = ['**/*.jsonl', '**/*.log'];

/** A session's own folder below `projects/`, named by its id. */
const ofSession = 'projects/*/????????-????-????-????-????????????';

/**
 * What the client itself puts into its home, by the names that its newest version uses (`test/client` compares them with what a
 * run leaves). Secrets come first, then noise, logs, state and authored files.
 */
const homeTable = {
  secret: [
    'ide/*.lock',
    // Their names speak of credentials; what is in them was not looked at.
    'hfi-auth.json',
    '.session_ingress_token',
    '{seed-admin,remote,remote-control}/**',
    'daemon/{auth,sign-in,host-managed}/**',
  ],
  noise: [
    // Caches, diagnostics, and copies of what lies elsewhere.
    '{cache,debug,statsig,telemetry,traces,startup-perf,api-dumps,dump-prompts,usage-data,feedback-bundles,security}/',
    '{image-cache,paste-cache,uploads,downloads,file-transfers,mcp-discovery-cache,mcp-skill-archives}/',
    '{shell-snapshots,session-env,scratch,chrome,local,ccr,bridge-spawn,.cc-writes}/',
    '.host-config-snapshot-*/',
    '{plugins,cowork_plugins}/{cache,marketplaces,asset-cache,mcpb}/',
    // What the client's own plugins count, each session over the other.
    'plugins/store/*_builtin-*',
    'ide/*',
    'jobs/*/tmp/',
    'logs/*.txt',
    // Output of a tool that was too long for the transcript.
    'projects/*/!(memory)/tool-results/',
    'projects/*/{cloud-snapshots,connector-downloads}/',
    '{policy-limits,remote-settings,active-time}.json',
    '{,plugins/,cowork_plugins/}*-cache.json',
    // When something was last done, how it went, and what runs: each process over the other.
    '.last-*',
    '.*-{cleanup,failed}',
    '*.status.json',
    // Locks: a folder beside the file (`history.jsonl.lock/`), or a file.
    '**/*.lock/',
    '**/.lock',
    '**/*.{json,jsonl,md}.lock',
    '*.lock',
    '{projects/*/memory,agent-memory*/*}/**/.*{-,.}lock',
  ],
  log: [
    'history.jsonl',
    '.*.jsonl',
    'projects/**/*.jsonl',
    // A transcript that another one took the place of.
    'projects/*/*.jsonl.superseded-*',
    '{daemon,logs/*}.log',
    // Copies that the client makes of what it is about to change: evidence that is only added to, and nobody's own text.
    'backups/**',
    'file-history/**',
  ],
  state: [
    '.claude.json*',
    '.config.json',
    'settings*.json',
    '{plugins,cowork_plugins}/*',
    'plugins/store/**',
    '{plans,todos,tasks,teams,sessions,daemon,jobs,shares,feedback,systemd,local-settings,project-settings}/**',
    // Not seen yet: kept until it is known what lies there.
    '{state,storage-v2,dev-mods}/**',
    '{daemon,server-sessions,ccr-home-seed,antproto}.json',
    'remote-settings-{consent.json,helper-consent}',
    `${ofSession}/**`,
    'projects/*/!(memory)/subagents/**',
    'projects/*/{sessions-index.json,bridge-pointer.json,.session-aliases}',
    'projects/*/{tiny_memory,bagel}/**',
  ],
  authored: [
    '*.md',
    '{skills,rules,commands,agents,output-styles,themes,workflows,routines,scheduled-tasks,hooks}/**',
    'agent-memory{,-local,-project}/**',
    'projects/*/memory/**',
    '{plugins,cowork_plugins}/data/**',
    'keybindings.json',
    'statusline*',
  ],
};
/** What the table does not name is taken for a person's own where its name ends like that, else for state: both are kept. */
const homeAuthored =
  '**/*.{md,mdx,markdown,txt,rst,org,adoc,sh,bash,zsh,fish,ps1,py,rb,js,mjs,cjs,ts,yaml,yml,toml,html,css,csv}';

/** What sessions and their sub-agents said and did. */
const transcripts = ['projects/**/*.jsonl'];

/** What a file is to its reader, by root and path. A folder is asked for with a trailing `/`; `noise` means: do not go in. */
export type Classify = (root: Root, path: string) => FileClass;

/**
 * Order: secrets, which nothing overrides; the configuration; noise; the built-in classes of that kind of root.
 * Everything below a noise folder is noise. `isHome` says which roots are homes of Claude Code.
 */
export function classifier(config: Config, isHome: (root: Root) => boolean = looksLikeClaudeHome): Classify {
  const ignored = matcher(config.ignore.map(withoutSlash), 'ignore');
  const rules = config.classes.map((entry, index) => ({
    fits: matcher([entry.glob], `classes[${index}]`),
    class: entry.class,
  }));
  const kinds = { home: claudeHome(), folder: anyFolder() };
  // Who read and wrote what is taken out of them all the same, straight from the disk.
  const isLeftOut = matcher(config.transcripts === 'evidence' ? transcripts : []);
  const homes = new Map<string, boolean>();
  const noisyFolders = new Map<string, boolean>();

  const configured = (path: string): FileClass | undefined => {
    const bare = withoutSlash(path);
    if (ignored(bare)) return 'noise';
    return rules.find(entry => entry.fits(bare))?.class;
  };

  /** True for a folder that is noise itself or lies in one; answers are kept, as every file asks for its folder. */
  const inNoise = (root: Root, kind: Kind, folder: string): boolean => {
    if (folder === '') return false;
    const key = `${root.path}\0${folder}`;
    const known = noisyFolders.get(key);
    if (known !== undefined) return known;
    if (noisyFolders.size > 50_000) noisyFolders.clear();
    const own = configured(folder);
    const answer =
      inNoise(root, kind, parent(folder)) ||
      own === 'noise' ||
      (own === undefined && kind.noise(withinProfile(kind, folder)));
    noisyFolders.set(key, answer);
    return answer;
  };

  return (root, path) => {
    const home = homes.get(root.path) ?? isHome(root);
    homes.set(root.path, home);
    const kind = home ? kinds.home : kinds.folder;
    if (path.endsWith('/')) return inNoise(root, kind, path) ? 'noise' : 'authored';
    const inside = withinProfile(kind, path.replace(/^(\.\.\/)+/, ''));
    if (kind.secret(inside)) return 'secret';
    if (inNoise(root, kind, parent(path))) return 'noise';
    const given = configured(path);
    if (given === undefined && isRsyncOf(root, path)) return 'noise';
    return given ?? (home && isLeftOut(inside) ? 'noise' : kind.classOf(inside));
  };
}

/**
 * rsync's `.NAME.XXXXXX` where the six are no capitals (one in 26): taken for that only beside a file NAME, and when a
 * letter follows a digit among them, as words (`backup`) and numbered ones (`sha256`, `part01`) are a person's own.
 */
function isRsyncOf(root: Root, path: string): boolean {
  const [, folder = '', name] = /^((?:.*\/)?)\.([^/]+)\.(?=[a-z]*[0-9]+[a-z])[a-z0-9]{6}$/s.exec(path) ?? [];
  return name !== undefined && existsSync(join(root.path, folder, name));
}

/** A folder named `.claude`, a root named `claude` (as `$CLAUDE_CONFIG_DIR` is), or one that holds what only such a home does. */
export function looksLikeClaudeHome(root: Root): boolean {
  if (basename(root.path) === '.claude' || root.name === 'claude') return true;
  // One alone proves nothing: many a repository has a CLAUDE.md, and its `cache/` is not ours to skip.
  const signs = ['projects', 'settings.json', 'CLAUDE.md', '.credentials.json', 'history.jsonl'];
  return signs.filter(name => existsSync(join(root.path, name))).length >= 2;
}

interface Kind {
  readonly hasProfiles: boolean;
  secret(path: string): boolean;
  noise(path: string): boolean;
  classOf(path: string): FileClass;
}

function claudeHome(): Kind {
  const isSecret = matcher([...secret, ...homeTable.secret]);
  const isNoise = matcher([...noise, ...homeTable.noise]);
  const isLog = matcher([...log, ...homeTable.log]);
  const isState = matcher(homeTable.state);
  const isAuthored = matcher([...homeTable.authored, homeAuthored]);
  return {
    hasProfiles: true,
    secret: isSecret,
    noise: isNoise,
    classOf(path) {
      if (isNoise(path)) return 'noise';
      if (isLog(path)) return 'log';
      if (isState(path)) return 'state';
      return isAuthored(path) ? 'authored' : 'state';
    },
  };
}

/**
 * A function that says whether the table of a home names a path, so that its class is no guess. Everything below a folder that
 * is noise is named by it.
 */
export function namedByTable(): (path: string) => boolean {
  const isNamed = matcher([...secret, ...noise, ...Object.values(homeTable).flat()]);
  const kind = claudeHome();
  return path => {
    const inside = withinProfile(kind, path.replace(/^(\.\.\/)+/, ''));
    for (let folder = parent(inside); folder !== ''; folder = parent(folder)) if (kind.noise(folder)) return true;
    return isNamed(inside);
  };
}

function anyFolder(): Kind {
  const isNoise = matcher(noise);
  const isLog = matcher(log);
  return {
    hasProfiles: false,
    secret: matcher(secret),
    noise: isNoise,
    classOf: path => (isNoise(path) ? 'noise' : isLog(path) ? 'log' : 'authored'),
  };
}

/** `profiles/<name>/` is the same layout once more. */
function withinProfile(kind: Kind, path: string): string {
  return kind.hasProfiles ? path.replace(/^profiles\/[^/]+\/(?=.)/, '') : path;
}

/** The folder of a path, with its trailing `/`; '' at the top. */
function parent(path: string): string {
  return path.slice(0, path.lastIndexOf('/', path.length - 2) + 1);
}

function withoutSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}

/** One regular expression for many globs: a scan asks it for every file. */
function matcher(globs: readonly (string | RegExp)[], key?: string): (path: string) => boolean {
  if (globs.length === 0) return () => false;
  const sources = globs.map(glob => {
    if (glob instanceof RegExp) return glob.source;
    try {
      return picomatch.makeRe(glob, { dot: true }).source;
    } catch (error) {
      throw new UndertextError('config', `"${key}": ${glob} is no glob`, 'see the README for examples of globs', error);
    }
  });
  const expression = new RegExp(sources.join('|'), 's');
  return path => expression.test(path);
}
