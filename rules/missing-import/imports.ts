/** The imports in a text of instructions: `@path` as Claude Code follows it, outside of code and comments. */

/** Longer texts are nobody's instructions. */
const MOST = 400_000;
const documents = /\.(?:md|mdx|mdc|markdown|txt|rst|adoc|org|json|jsonc|ya?ml|toml)$/i;

/** What people write for any file: `path/to/x.md`, `file.md`, `your-notes.md`. */
const placeholder = /path\/to\/|(?:^|\/)(?:(?:file(?:name)?|name|example|foo|bar)\.|your[-_])/i;

/** What stands behind each `@`, as it is written; each once. */
export function importsIn(text: string): readonly string[] {
  if (!text.includes('@') || text.length > MOST) return [];
  const found = new Set<string>();
  for (const [, written = ''] of prose(text).matchAll(/(?:^|\s)@((?:\\ |[^\s\\])+)/g)) {
    const path = written
      .replaceAll('\\ ', ' ')
      .replace(/#.*$/, '')
      .replace(/[.,;:!?)\]'"*_]+$/, '');
    if (path !== '') found.add(path);
  }
  return [...found];
}

/**
 * True for what can only be meant as a path: it leads somewhere (`./`, `~/`, `/`) and ends like a file, or it is called like
 * a document. `isThere` tells a folder beside the file from the scope of a package.
 */
export function isPath(written: string, isThere: (folder: string) => boolean): boolean {
  if (/[<>{}[\]()*$|=,;"'`…\\]|\.{3}|\/\//.test(written) || placeholder.test(written)) return false;
  const name = written.slice(written.lastIndexOf('/') + 1);
  if (!/[^.]\.[a-z0-9]{1,10}$/i.test(name)) return false;
  if (/^(?:~|\.{1,2})?\//.test(written) || documents.test(name)) return true;
  return written.includes('/') && isThere(written.slice(0, written.indexOf('/')));
}

/** The text with code, comments and frontmatter made blank. */
function prose(text: string): string {
  return withoutSpans(
    withoutBlocks(text.replace(/^\uFEFF?---[ \t]*\r?\n(?:[^\n]*\n)*?---[ \t]*(?:\r?\n|$)/, '')).replace(
      /<!--[\s\S]*?(?:-->|$)/g,
      ' ',
    ),
  );
}

/** Without fenced blocks, and without those that are indented and belong to no list. */
function withoutBlocks(text: string): string {
  const kept: string[] = [];
  let fence = '';
  let isList = false;
  let isAfterBlank = true;
  for (const line of text.split(/\r\n?|\n/)) {
    const mark = /^[\s>]*(?:(?:[-*+]|\d{1,9}[.)])\s+)?(`{3,}|~{3,})(.*)$/.exec(line);
    if (fence !== '') {
      if (mark && mark[1]!.startsWith(fence) && mark[2]!.trim() === '') fence = '';
      kept.push('');
      continue;
    }
    if (mark && !(mark[1]!.startsWith('`') && mark[2]!.includes('`'))) {
      fence = mark[1]!;
      kept.push('');
      continue;
    }
    if (/^\S/.test(line)) isList = /^(?:[-*+]|\d{1,9}[.)])\s/.test(line) || (isList && !isAfterBlank);
    const isCode = /^(?: {4}|\t)/.test(line) && isAfterBlank && !isList;
    if (!isCode) isAfterBlank = line.trim() === '';
    kept.push(isCode ? '' : line);
  }
  return kept.join('\n');
}

/** Without what stands between two runs of as many backticks in one paragraph. */
function withoutSpans(text: string): string {
  return text
    .split(/(\n[ \t]*\n)/)
    .map(paragraph => {
      const runs = [...paragraph.matchAll(/`+/g)].map(match => ({ at: match.index, length: match[0].length }));
      const next = new Map<number, number>();
      const partner = runs.map(() => -1);
      for (let i = runs.length - 1; i >= 0; i--) {
        partner[i] = next.get(runs[i]!.length) ?? -1;
        next.set(runs[i]!.length, i);
      }
      let kept = '';
      let from = 0;
      for (let i = 0; i < runs.length; i++) {
        const close = runs[partner[i]!];
        if (!close) continue;
        kept += `${paragraph.slice(from, runs[i]!.at)}\``;
        from = close.at + close.length;
        i = partner[i]!;
      }
      return kept + paragraph.slice(from);
    })
    .join('');
}
