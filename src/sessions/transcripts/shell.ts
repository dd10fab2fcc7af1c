/** Which files a shell command changes or shows, and how. */
import type { ShellDeed } from '../act.ts';

export interface ShellTouch {
  readonly spelled: string;
  /** Where a relative path starts at that point of the command; null when it is not known. */
  readonly cwd: string | null;
  /** Null: the file is only shown. */
  readonly deed: ShellDeed | null;
  readonly after?: string;
  readonly heredoc?: string;
  readonly isAlone?: boolean;
}

export function shellTouches(_command: string, _cwd: string | null, _isPowerShell: boolean): readonly ShellTouch[] {
  return [];
}
