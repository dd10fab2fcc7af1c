/** Lines that the client itself puts into the front matter of memory files, unasked and not always told. */

const frontMatter = /^(\uFEFF?---\n)([\s\S]*?)(^---(?:\n|$))/m;
const stamp = /^[ \t]*(?:modified|node_type|originSessionId|metadata):.*\n/gm;

/** The text without such lines: equal for two texts that differ in nothing else. */
export function withoutStamps(text: string): string {
  if (!/^\uFEFF?---\n/.test(text)) return text;
  return text.replace(frontMatter, (_, open: string, fields: string, close: string) => {
    return open + fields.replace(stamp, '') + close;
  });
}

export function differOnlyInStamps(a: string, b: string): boolean {
  return a === b || withoutStamps(a) === withoutStamps(b);
}

/** The text with the front matter of another one, where both have one. */
export function withFrontMatterOf(text: string, other: string): string {
  const wanted = frontMatter.exec(other)?.[0];
  return wanted !== undefined && other.startsWith(wanted) && frontMatter.exec(text)?.index === 0
    ? text.replace(frontMatter, () => wanted)
    : text;
}
