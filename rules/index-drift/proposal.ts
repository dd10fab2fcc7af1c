/** The line that a file should have in an index, in the style of the index's own lines. */
import { folderOf, nameOf } from '../../src/rule.ts';

/** How the lines of an index are written. */
interface Style {
  readonly marker: string;
  /** `[voice-buffer](voice-buffer.md)`, `[[voice-buffer]]` or `` `voice-buffer.md` ``. */
  readonly kind: 'link' | 'wiki' | 'code';
  readonly isStrong: boolean;
  /** What stands in the link: the title of the file, its name, or its name without the ending. */
  readonly label: 'title' | 'file' | 'stem';
  readonly isCode: boolean;
  readonly between: string;
}

const usual: Style = { marker: '-', kind: 'link', isStrong: false, label: 'title', isCode: false, between: ' — ' };
const sign =
  /^(\*\*|__)?(?:\[\[([^\]|\n]+)(?:\|[^\]\n]*)?\]\]|\[([^\]\n]+)\]\(<?([^)>\n]+)>?\)|`([^`\n]+)`)(?:\*\*|__)?(:?\**\s*(?:[-–—:|]\s+)?)(.*)$/;
/** Longer descriptions are cut: an index is made of short lines. */
const LONGEST = 110;

/** Null for an index whose lines are none of a plain list. */
export function styleOf(index: string): Style | null {
  const votes = new Map<string, number>();
  let rows = 0;
  let others = 0;
  for (const line of index.replace(/^ {0,3}(`{3,}|~{3,})[\s\S]*?(?:^ {0,3}\1|(?![\s\S]))/gm, '').split(/\r\n?|\n/)) {
    if (/^\s*\|.*[^\s|:-].*\|/.test(line)) rows++;
    const [, marker = '', body = ''] = /^ {0,3}([-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?(.*)$/.exec(line) ?? [];
    const match = sign.exec(body);
    if (match === null) continue;
    if (/\d/.test(marker)) others++;
    else {
      const style = JSON.stringify(styleIn(marker, match));
      votes.set(style, (votes.get(style) ?? 0) + 1);
    }
  }
  const items = [...votes.values()].reduce((sum, n) => sum + n, 0);
  if (rows + others > items) return null;
  const [best] = [...votes].sort(([, a], [, b]) => b - a);
  return best ? (JSON.parse(best[0]) as Style) : usual;
}

function styleIn(marker: string, match: RegExpExecArray): Style {
  const [, strong, wiki, label = '', target = '', code, between = '', rest = ''] = match;
  const file = code ?? decodeURI(target.replaceAll('%', '%25'));
  const text = (wiki ?? code ?? label).replace(/[`*_]/g, '');
  const isFile = text === code ? /\.md$/.test(text) : text === nameOf(file);
  return {
    marker,
    kind: wiki !== undefined ? 'wiki' : code !== undefined ? 'code' : 'link',
    isStrong: strong !== undefined,
    label: isFile ? 'file' : wiki !== undefined || code !== undefined || text === stemOf(file) ? 'stem' : 'title',
    isCode: /^`/.test(label),
    between: rest === '' || between.trim() === '' ? usual.between : between.replace(/^\*+|\*+(?=\s)/g, ''),
  };
}

/** One line for the file at `path`, whose text begins with `head`. */
export function lineFor(path: string, head: string, index: string, style: Style): string {
  const target = relative(folderOf(index), path);
  const title = plain(fieldOf(head, 'name') || (/^#{1,6}[ \t]+(.+?)[ \t#]*$/m.exec(head)?.[1] ?? '') || stemOf(path));
  const label = style.label === 'title' ? title : style.label === 'file' ? nameOf(path) : stemOf(path);
  const sign =
    style.kind === 'wiki'
      ? `[[${stemOf(path)}]]`
      : style.kind === 'code'
        ? `\`${label}\``
        : `[${style.isCode ? `\`${label}\`` : label}](${target.replaceAll(' ', '%20').replace(/[()]/g, sign => (sign === '(' ? '%28' : '%29'))})`;
  const description = short(plain(fieldOf(head, 'description')));
  return `${style.marker} ${style.isStrong ? `**${sign}**` : sign}${description === '' ? '' : style.between + description}`;
}

/** A field of the frontmatter as one line; '' where there is none. */
function fieldOf(head: string, key: string): string {
  const front = /^\uFEFF?---[ \t]*\r?\n([\s\S]*?)^---/m.exec(head)?.[1] ?? '';
  const match = new RegExp(`^${key}:[ \\t]*(?:[|>][-+]?[ \\t]*)?(.*(?:\\r?\\n[ \\t]+.*)*)`, 'm').exec(front);
  const value = (match?.[1] ?? '').replace(/\s+/g, ' ').trim();
  return /^(["']).*\1$/.test(value) ? value.slice(1, -1) : value;
}

function plain(text: string): string {
  return [...text.replace(/[[\]]/g, '')]
    .filter(char => char >= ' ' && char !== '\u007F')
    .join('')
    .trim();
}

function short(text: string): string {
  if (text.length <= LONGEST) return text;
  return `${text.slice(0, LONGEST).replace(/\s+\S*$/, '')}…`;
}

/** `voice-buffer` for `voice-buffer.md` and for `voice-buffer/SKILL.md`. */
function stemOf(path: string): string {
  const parts = path.split('/');
  return parts.at(-1) === 'SKILL.md' ? (parts.at(-2) ?? '') : parts.at(-1)!.replace(/\.\w+$/, '');
}

function relative(folder: string, path: string): string {
  const from = folder === '' ? [] : folder.split('/');
  const to = path.split('/');
  let common = 0;
  while (common < from.length && common < to.length - 1 && from[common] === to[common]) common++;
  return [...from.slice(common).map(() => '..'), ...to.slice(common)].join('/');
}
