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
const homeSecret = ['ide/*.lock'];

/** Folders (with a trailing `/`) and files that are not worth a version anywhere. */
const noise = [
  '**/.git/',
  '**/node_modules/',
  '**/__pycache__/',
  '**/.venv/',
  // What atomic writers and editors leave for a moment.
  '**/*.tmp',
  '**/*.tmp.+([0-9a-zA-Z_-])',
  '**/*.tmp.+([0-9]).+([0-9a-zA-Z_-])',
  '**/.*.undertext-*',
  '**/.*.sw[a-p]',
  '**/.#*',
  '**/#*#',
  '**/4913',
  '**/*~',
  '**/.DS_Store',
  '**/Thumbs.db',
];
const homeNoise = [
  'debug/',
  'cache/',
  'plugins/cache/',
  'plugins/marketplaces/',
  // What the client's own plugins count, each session over the other.
  'plugins/store/*_builtin-*',
  'image-cache/',
  'paste-cache/',
  'uploads/',
  'shell-snapshots/',
  'session-env/',
  'statsig/',
  'security/',
  'feedback-bundles/',
  'usage-data/',
  'ide/*',
  'jobs/*/tmp/',
  '{stats-cache,policy-limits,remote-settings}.json',
  // Locks: a folder beside the file (`history.jsonl.lock/`), or a file.
  '**/*.lock/',
  '**/.lock',
  '**/*.{json,jsonl,md}.lock',
  'daemon.lock',
];

const log = ['**/*.jsonl', '**/*.log'];
/** Copies that the client makes of what it is about to change: evidence that is only added to, and nobody's own text. */
const homeLog = ['backups/**', 'file-history/**'];

const homeState = [
  '.claude.json*',
  'settings*.json',
  'plugins/*',
  'plans/**',
  'todos/**',
  'tasks/**',
  'teams/**',
  'sessions/**',
  'daemon/**',
  'jobs/**',
];
const homeAuthored = [
  '*.md',
  '{skills,rules,commands,agents,agent-memory,output-styles,themes,workflows,scheduled-tasks,hooks}/**',
  'projects/*/memory/**',
  'plugins/data/**',
  'keybindings.json',
  'statusline*',
  '**/*.{md,mdx,markdown,txt,rst,org,adoc,sh,bash,zsh,fish,ps1,py,rb,js,mjs,cjs,ts,yaml,yml,toml,html,css,csv}',
];

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
  const given = config.classes.map((entry, index) => ({
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
    return given.find(entry => entry.fits(bare))?.class;
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
    return configured(path) ?? (home && isLeftOut(inside) ? 'noise' : kind.classOf(inside));
  };
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
  const isSecret = matcher([...secret, ...homeSecret]);
  const isNoise = matcher([...noise, ...homeNoise]);
  const isLog = matcher([...log, ...homeLog]);
  const isState = matcher(homeState);
  const isAuthored = matcher(homeAuthored);
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
function matcher(globs: readonly string[], key?: string): (path: string) => boolean {
  if (globs.length === 0) return () => false;
  const sources = globs.map(glob => {
    try {
      return picomatch.makeRe(glob, { dot: true }).source;
    } catch (error) {
      throw new UndertextError('config', `"${key}": ${glob} is no glob`, 'see the README for examples of globs', error);
    }
  });
  const expression = new RegExp(sources.join('|'), 's');
  return path => expression.test(path);
}
