/** How sync tools call the second version that they leave: the name of a copy → the name it was made of. */

export interface CopyName {
  /** What the file beside it may be called: a computer's name may have a hyphen, as the file's own may. */
  readonly plains: readonly string[];
  /** Whose way of naming it is. */
  readonly tool: string;
  /** False: people call files so as well. */
  readonly isSure: boolean;
}

type Form = readonly [form: RegExp, tool: string, isSure: boolean];

/** The first group is the name without its ending, the last one the ending. */
const forms: readonly Form[] = [
  [/^(.+)\.sync-conflict-\d{8}-\d{6}(?:-[A-Z0-9]{7})?(\.[^.]+)?$/, 'Syncthing', true],
  [/^(.+?) ?\(SFConflict [^()]*\)(\.[^.]+)?$/, 'Seafile', true],
  [/^(.+?) ?\(conflicted copy \d{4}-\d\d-\d\d \d{6}\)(\.[^.]+)?$/, 'Nextcloud', true],
  [/^(.+)_conflict-\d{8}-\d{6}(\.[^.]+)?$/, 'ownCloud', true],
  // Dropbox says it in the language of its user: conflicted copy, in Konflikt stehende Kopie, copie en conflit, 競合コピー.
  [
    /^(.+?) ?\((?:[^()]*(?:conflict|konflikt|conflit|конфликт|競合|冲突|衝突|충돌)[^()]*(?:\(\d+\))?)\)(\.[^.]+)?$/i,
    'Dropbox',
    true,
  ],
  [/^(.+?) ?\[conflict[^\]]*\](\.[^.]+)?$/i, 'a sync tool', true],
  [/^(.+)\.conflict(?:-?\d*)(\.[^.]+)$/i, 'a sync tool', true],
  [/^(.+) [2-9](\.[^.]+)?$/, 'iCloud', false],
  [/^(.+?) ?\([1-9]\)(\.[^.]+)?$/, 'a sync tool or browser', false],
];

/** Most names are none: this is asked first. */
const maybe = /conflict|konflikt|conflit|конфликт|競合|冲突|衝突|충돌| [2-9](\.[^.]+)?$|\([1-9]\)/iu;

/** How computers are called that nobody gave a name. */
const host =
  /^(?:(?:DESKTOP|LAPTOP|WIN)-[A-Z0-9]{4,12}|[\p{L}\d-]*(?:MacBook|iMac|Mac-mini|Surface|ThinkPad)[\p{L}\d-]*|[A-Z0-9]{2,12}-PC)$/u;

/** Null for the name of a file that is no copy. */
export function copyName(name: string, hosts: readonly string[]): CopyName | null {
  if (maybe.test(name)) {
    for (const [form, tool, isSure] of forms) {
      const [, stem, ending = ''] = form.exec(name) ?? [];
      if (stem !== undefined) return { plains: [stem + ending], tool, isSure };
    }
  }
  const plains = name.includes('-') ? withoutHost(name, hosts) : [];
  return plains.length === 0 ? null : { plains, tool: 'OneDrive', isSure: false };
}

/** `notes-DESKTOP-AB12CD3-2.md` → `notes.md`. */
function withoutHost(name: string, hosts: readonly string[]): readonly string[] {
  const [ending = ''] = /\.[^.]+$/.exec(name) ?? [];
  const stem = name.slice(0, name.length - ending.length);
  const plains: string[] = [];
  for (let at = stem.indexOf('-', 1); at !== -1; at = stem.indexOf('-', at + 1)) {
    const rest = stem.slice(at + 1);
    const bare = rest.replace(/-\d+$/, '');
    if (host.test(rest) || host.test(bare) || hosts.includes(rest) || hosts.includes(bare))
      plains.push(stem.slice(0, at) + ending);
  }
  return plains;
}
