/** One file that a shell command changes or shows. */
import type { ShellDeed } from '../act.ts';

export interface ShellTouch {
  readonly spelled: string;
  /** Where a relative path starts at that point of the command; null when it is not known. */
  readonly cwd: string | null;
  /** Null: the file is only shown. */
  readonly deed: ShellDeed | null;
  /** Of a `write`: the whole new content. Of an `append`: what is added. */
  readonly after?: string;
  /** The word that ends the here-document that `after` is from. */
  readonly heredoc?: string;
  /** True when the output of the whole command is this file and nothing else. */
  readonly isAlone?: boolean;
}
