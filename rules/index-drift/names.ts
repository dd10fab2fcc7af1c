/** What an index names: text → links, words, and what its entries begin with. */
import type { PathHistory } from '../../src/rule.ts';
import { folderOf, nameOf } from '../../src/rule.ts';

/** What a text names, outside of code blocks and comments. */
export interface Names {
  /** Paths that links point to. */
  readonly links: ReadonlySet<string>;
  /** Words of the text, exact: `voice-buffer`, `voice-buffer.md`. */
  readonly words: ReadonlySet<string>;
  /** What entries begin with, table cells, emphasised and quoted words. */
  readonly leads: ReadonlySet<string>;
  /** What the names of a family begin with: `github-` of `github-*`. */
  readonly families: readonly string[];
  /** Entries (list items, rows) with a link. */
  readonly entries: number;
}

/** Code blocks are examples, unless nothing else names a member and they name most: then the index was written as one. */
export function namesIn(text: string, path: string, members: readonly PathHistory[] = []): Names {
  const named = (names: Names) => members.filter(file => isNamed(file.path, names)).length;
  const names = namesOutsideCode(text, path);
  if (members.length < 3 || named(names) > 0) return names;
  const all = namesOutsideCode(text.replace(/^\s*(`{3,}|~{3,}).*$/gm, ''), path);
  return named(all) * 2 > members.length ? all : names;
}

function namesOutsideCode(text: string, path: string): Names {
  const plain = text
    .normalize('NFC')
    .replace(/<!--[\s\S]*?(-->|$)/g, ' ')
    .replace(/^( {0,3}(?:[-*+] +)?)(`{3,}|~{3,})[^\n]*\n[\s\S]*?(?:^ *\2[`~]*[ \t]*$|(?![\s\S]))/gm, '\n');
  const links = new Set<string>();
  const leads = new Set<string>();
  const addLink = (target: string) => {
    const link = resolve(folderOf(path), target);
    if (link !== null) links.add(link);
  };
  const unlinked = plain
    .replace(/\[\[([^\]|#\n]+)[^\]\n]*\]\]/g, (_, name: string) => ` \u0001${name.replace(/\\$/, '').trim()}\u0001 `)
    .replace(/`[^`\n]*`/g, code => code.replace(/[[\]()]/g, ' '))
    .replace(
      /!?\[([^\]\n]*)\]\(\s*(?:<([^>\n]*)>|([^)\s]*))[^)\n]*\)/g,
      (_, label: string, angled?: string, bare?: string) => {
        addLink(angled ?? bare ?? '');
        leads.add(label.replace(/[`*_]/g, '').trim().toLowerCase());
        return ` ${label} `;
      },
    )
    .replace(/^\s{0,3}\[[^\]\n]+\]:\s*(\S+).*$/gm, (_, target: string) => {
      addLink(target);
      return ' ';
    });
  for (const [, name = ''] of unlinked.matchAll(/\u0001([^\u0001]*)\u0001|$/g)) {
    if (name === '') continue;
    const file = name.endsWith('.md') ? name : `${name}.md`;
    addLink(file);
    // In a vault a path begins at its top, which may be any folder above.
    for (let above = folderOf(path); name.includes('/') && above !== ''; above = folderOf(above)) {
      const link = resolve(folderOf(above), file);
      if (link !== null) links.add(link);
    }
  }
  const words = unlinked.replace(/\b[a-z]+:\/\/\S+/gi, ' ');
  for (const [, a, b, c] of words.matchAll(
    /[`"]([^`"\n]+)[`"]|\*\*([^*\n]+)\*\*|(?:^\s*(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?|\|\s*)([^|\n]+?)\s*(?=\||:\s| [-–—] |$)/gm,
  )) {
    const lead = (a ?? b ?? c ?? '').replace(/[`*]/g, '').trim().replace(/\/$/, '').toLowerCase();
    for (const part of lead.split(' · ')) leads.add(part.trim());
  }
  return {
    links,
    leads,
    words: new Set(words.split(/[^\p{L}\p{N}_./-]+/u).map(word => word.replace(/^\.\/|[./-]+$/g, ''))),
    families: [...words.matchAll(/(?<![\p{L}\p{N}_./-])([\p{L}\p{N}][\p{L}\p{N}_.]+(?:-[\p{L}\p{N}_.]+)*-)\*/gu)].map(
      ([, family]) => family!,
    ),
    entries: plain.match(/^\s*(?:[-*+]|\d+[.)]|\|).*\[[^\]\n]*(?:\]\(|\]\])/gm)?.length ?? 0,
  };
}

/** By link, by path or file name, by a stem that is a name (`voice-buffer`); a plain word only where it stands for itself. */
export function isNamed(written: string, { links, words, leads, families }: Names): boolean {
  // A Mac and a sync tool write an accent as a character of its own.
  const path = written.normalize('NFC');
  const parts = path.split('/');
  const name = parts.at(-1)!;
  const isSkill = name === 'SKILL.md';
  const folder = path.slice(0, -name.length - 1);
  const stem = isSkill ? parts.at(-2)! : name.replace(/\.md$/i, '');
  if (links.has(path) || (isSkill && (links.has(folder) || links.has(`${folder}.md`)))) return true;
  if (!isSkill && (words.has(name) || links.has(path.replace(/\.md$/i, '')))) return true;
  if (isSkill && (words.has(`${stem}/SKILL.md`) || words.has(folder))) return true;
  if (families.some(family => stem.startsWith(family))) return true;
  return /[-_.\d]/.test(stem) ? words.has(stem) : leads.has(stem.toLowerCase());
}

/** A link's target as a path of the root; null when it leads out of it or is no path. */
function resolve(folder: string, target: string): string | null {
  const [bare = ''] = target.split(/[#?]/);
  if (bare === '' || /^[a-z][a-z0-9+.-]*:|^[/~]/i.test(bare)) return null;
  const parts = folder === '' ? [] : folder.split('/');
  for (const part of decode(bare).split('/')) {
    if (part === '..' && parts.pop() === undefined) return null;
    if (part !== '..' && part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/').normalize('NFC');
}

/** How sync tools call the second version of a file; no line is missing for it. */
export function isSyncCopy(path: string): boolean {
  return /\.sync-conflict-\d{8}-|_conflict-\d{8}-\d|\(SFConflict |\([^()]*(conflict|konflikt|conflit|конфликт|競合|冲突|衝突|충돌)[^()]*\)/iu.test(
    nameOf(path),
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
