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

const beforeRelative = /(?:^|[\s"'`=(:;|&><,{[]|\.\/|\.\\\\)$/;
const beforeHomeWord = /(?:~|\$HOME|\$\{HOME\}|%USERPROFILE%|\$env:USERPROFILE|\$\{env:USERPROFILE\})["']?[\\/]+$/i;
const beforePlainHome =
  /(?:^|[^\w/.-])(?:\/home\/[^/\s]+\/|\/Users\/[^/\s]+\/|(?:\/var)?\/root\/|[A-Za-z]:[\\/]+Users[\\/]+[^\\/]+[\\/]+)$/i;
const lastToken = /[^"'`\s=()<>|;]*$/;

/** Keys that hold a path in any record: what is searched for when every path counts. */
const pathKeys = ['_path":', 'Path":"'].map(key => Buffer.from(key));

export function nearOf(places: Places): Near {
  if (places.names.length === 0) return { needles: pathKeys, isNear: () => true, unplaced: new Set() };
  const names = places.names.map(raw);
  const cuts = names.map(name => rarest(name));
  const unplaced = new Set<string>();
  let prefixes: readonly string[] = [];
  let learned = -1;
  return {
    needles: cuts.map(({ needle }) => needle),
    unplaced,
    isNear(bytes, at, index) {
      const name = names[index]!;
      const start = at - cuts[index]!.offset;
      if (start < 0 || bytes.toString('latin1', start, start + name.length) !== name) return false;
      const after = bytes.toString('latin1', start + name.length, start + name.length + around);
      const follows = after[0] ?? '"';
      if (follows === '.' ? !after.startsWith('.json') : /[\w-]/.test(follows)) return false;
      const from = Math.max(bytes.lastIndexOf(10, start) + 1, start - around);
      const before = bytes.toString('latin1', from, start);
      if (places.learned !== learned) {
        learned = places.learned;
        prefixes = places.known().map(parent);
      }
      const [plain, lower] = [before, before.includes('\\') ? before.replace(/\\+/g, '/').toLowerCase() : ''];
      if (prefixes.some(prefix => plain.endsWith(prefix) || (lower !== '' && lower.endsWith(prefix.toLowerCase()))))
        return true;
      const token = lastToken.exec(before)![0];
      if (/[\\/]/.test(follows) && unplaced.size < manyUnplaced) unplaced.add(path(token + name));
      if (beforeHomeWord.test(before) || beforeRelative.test(before) || beforePlainHome.test(before)) return true;
      const project = /^[\\/]+projects[\\/]+([^\\/"]+)[\\/]/.exec(after)?.[1];
      if (project !== undefined && places.hasProject(Buffer.from(project, 'latin1').toString())) return true;
      // Somebody's `.claude` in a folder the session works below: only a former root is such a one, see `places.ts`.
      return places.mayBeFormer(path(token));
    },
  };
}

/** The needle: of the windows of a name that are short enough, the one that begins with the rarest byte. */
function rarest(name: string): { needle: Buffer; offset: number } {
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
