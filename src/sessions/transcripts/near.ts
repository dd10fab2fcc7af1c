/** Telling from the raw bytes around a hit whether its line may name a file of a root, before anything is parsed. */
import type { Places } from './places.ts';

/** Bytes of a needle: `Buffer.indexOf` finds up to 7 of them with memchr, and is three times slower from 8 on. */
const longest = 7;
/** How far around a hit is looked. */
const around = 512;

export interface Near {
  readonly needles: readonly Buffer[];
  /** `at` is where the needle of this number begins in `bytes`. */
  isNear(bytes: Buffer, at: number, needle: number): boolean;
  /** Paths that are called like a root and were none so far: when one is learned to be, this file has to be read again. */
  readonly unplaced: ReadonlySet<string>;
}

/** Above, a file names so many folders called like a root that keeping them helps nobody. */
const manyUnplaced = 64;

/** The keys of records under which a path stands. What stands in the text of a file is nothing that was done. */
const keys = new Set(['file_path', 'filePath', 'notebook_path', 'filename', 'path', 'planFilePath', 'cwd']);
const keyBefore = /"(\w+)":$/;
const shellCalls = ['Bash"', 'Shell"'].map(call => Buffer.from(call));

const beforeRelative = /(?:^|[\s"'`=(:;|&><,{[]|\.\/|\.\\\\)$/;
const beforeHomeWord = /(?:~|\$HOME|\$\{HOME\}|%USERPROFILE%|\$env:USERPROFILE|\$\{env:USERPROFILE\})["']?[\\/]+$/i;
const beforePlainHome =
  /(?:^|[^\w/.-])(?:\/home\/[^/\s]+\/|\/Users\/[^/\s]+\/|(?:\/var)?\/root\/|[A-Za-z]:[\\/]+Users[\\/]+[^\\/]+[\\/]+)$/i;

/** Keys that hold a path in any record: what is searched for when every path counts. */
const pathKeys = ['_path":', 'Path":"'].map(key => Buffer.from(key));

export function nearOf(places: Places): Near {
  if (places.names.length === 0) return { needles: pathKeys, isNear: () => true, unplaced: new Set() };
  const { names, cuts } = cutsOf(places);
  const unplaced = new Set<string>();
  let prefixes: readonly string[] = [];
  /** Of Windows, in small letters: as the system spells them, and as its shells do. */
  let foldedPrefixes: readonly string[] = [];
  let learned = -1;
  let shellLine: { bytes: Buffer; start: number; isShell: boolean } = {
    bytes: Buffer.alloc(0),
    start: -1,
    isShell: false,
  };

  const isShell = (bytes: Buffer, at: number): boolean => {
    const start = bytes.lastIndexOf(10, at) + 1;
    if (shellLine.bytes === bytes && shellLine.start === start) return shellLine.isShell;
    // A call is said by the model, and most of what is long is not: results of tools, prompts.
    const role = /"role":"(\w+)"/.exec(bytes.toString('latin1', start, Math.min(at, start + 1024)))?.[1];
    const before = bytes.subarray(start, at);
    shellLine = { bytes, start, isShell: role !== 'user' && shellCalls.some(call => before.includes(call)) };
    return shellLine.isShell;
  };

  return {
    needles: cuts.map(({ needle }) => needle),
    unplaced,
    isNear(bytes, at, index) {
      const name = names[index]!;
      const start = at - cuts[index]!.offset;
      if (start < 0) return false;
      const follows = bytes[start + name.length] ?? 34;
      // `.claude.json` stands beside a root; `.claude-old` and `.claudeignore` are something else.
      if (
        follows === 46
          ? bytes.toString('latin1', start + name.length, start + name.length + 5) !== '.json'
          : isOfWord(follows)
      ) {
        return false;
      }
      if (bytes.toString('latin1', start, start + name.length) !== name) return false;
      const quote = bytes.lastIndexOf(34, start - 1);
      const isValue = quote > 0 && bytes[quote - 1] === 58;
      const key = isValue ? keyBefore.exec(bytes.toString('latin1', Math.max(0, quote - 24), quote))?.[1] : undefined;
      const isPath = key !== undefined && keys.has(key);
      const from = isPath
        ? Math.max(quote + 1, start - around)
        : Math.max(bytes.lastIndexOf(10, start) + 1, start - around);
      const before = bytes.toString('latin1', from, start);
      const isNamed = isPath || isShell(bytes, start);
      if (!isNamed && !clientWords.some(words => before.includes(words))) return false;
      const token = isPath ? before : lastWord(before);
      if (!isNamed && !isSaid(before, token)) return false;

      if (places.learned !== learned) {
        learned = places.learned;
        prefixes = places.known().map(parent);
        foldedPrefixes = prefixes
          .filter(prefix => prefix[1] === ':')
          .map(prefix => prefix.toLowerCase())
          .flatMap(prefix => [prefix, `/${prefix[0]}${prefix.slice(2)}`]);
      }
      if (prefixes.some(prefix => before.endsWith(prefix))) return true;
      if (foldedPrefixes.length > 0) {
        const slashed = before.replace(/\\+/g, '/').toLowerCase();
        if (foldedPrefixes.some(prefix => slashed.endsWith(prefix))) return true;
      }
      const isFolder = follows === 47 || follows === 92;
      if (isFolder && token !== '' && unplaced.size < manyUnplaced) unplaced.add(path(token + name));
      if (key === 'cwd') return false;
      if (beforeRelative.test(token) || beforeHomeWord.test(before) || beforePlainHome.test(before)) return true;
      const after = bytes.toString('latin1', start + name.length, start + name.length + around);
      const project = /^[\\/]+projects[\\/]+([^\\/"]+)[\\/]/.exec(after)?.[1];
      if (project !== undefined && places.hasProject(Buffer.from(project, 'latin1').toString())) return true;
      // Somebody's `.claude` in a folder the session works below: only a former root is such a one, see `places.ts`.
      return places.mayBeFormer(path(token));
    },
  };
}

interface Cut {
  readonly needle: Buffer;
  /** Where it begins in the name. */
  readonly offset: number;
}

/** The same for all files of a scan. */
const known = new WeakMap<Places, { readonly names: readonly string[]; readonly cuts: readonly Cut[] }>();

function cutsOf(places: Places): { readonly names: readonly string[]; readonly cuts: readonly Cut[] } {
  const names = places.names.map(raw);
  const cuts = known.get(places) ?? { names, cuts: names.map(rarest) };
  known.set(places, cuts);
  return cuts;
}

/** Letters, digits, `_` and `-`, and what is no ASCII. */
function isOfWord(byte: number): boolean {
  return (
    byte === 95 || byte === 45 || (byte >= 48 && byte <= 57) || ((byte | 32) >= 97 && (byte | 32) <= 122) || byte > 127
  );
}

/** What the client itself says in texts, in front of the files that a skill or a command is about. */
const clientWords = ['Base directory for this skill: ', 'previously read: ', '"changedFiles":['];

function isSaid(before: string, token: string): boolean {
  const rest = before.slice(0, before.length - token.length);
  if (rest.endsWith(clientWords[0]!) || rest.endsWith(clientWords[1]!)) return true;
  if (rest.endsWith(', ')) return rest.includes(clientWords[1]!);
  return /[[,]"$/.test(rest) && rest.includes(clientWords[2]!);
}

/** What a shell would take for one word with what comes next, quotes aside. */
function lastWord(before: string): string {
  let at = before.length;
  while (at > 0 && !'"\'`= \t()<>|;&'.includes(before[at - 1]!)) at--;
  return before.slice(at);
}

/** The needle: of the windows of a name that are short enough, the one that begins with the rarest byte. */
function rarest(name: string): Cut {
  const bytes = Buffer.from(name, 'latin1');
  let best = 0;
  for (let offset = 1; offset + 4 <= bytes.length; offset++) {
    if (rarity(bytes[offset]!) > rarity(bytes[best]!)) best = offset;
  }
  return { needle: bytes.subarray(best, best + longest), offset: best };
}

/** Rough, of JSON full of English, code and base64: capitals and signs are rarer than small letters. */
function rarity(byte: number): number {
  const sign = String.fromCharCode(byte);
  if (/[a-z0-9]/.test(sign)) return 'jqxzvkw'.includes(sign) ? 1 : 0;
  return /[-/ _]/.test(sign) ? 1 : 2;
}

/** As it stands in the bytes of a JSON text, read as latin1. */
function raw(name: string): string {
  return Buffer.from(JSON.stringify(name).slice(1, -1)).toString('latin1');
}

function parent(path: string): string {
  return raw(path.slice(0, path.lastIndexOf('/') + 1));
}

function path(rawPath: string): string {
  return Buffer.from(rawPath, 'latin1').toString().replace(/\\+/g, '/');
}
