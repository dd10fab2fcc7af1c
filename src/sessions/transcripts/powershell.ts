/** What a PowerShell command does to files: only that it names them, and whether it can change any. */
import { pathsIn } from './shell-deeds.ts';
import type { ShellTouch } from './touch.ts';

const changing =
  /\b(?:Set|Add|Clear|Remove|Move|Copy|Rename|New)-(?:Content|Item)\b|\bOut-File\b|\bTee-Object\b|\bExport-\w+|WriteAll|AppendAll|\[(?:System\.)?IO\.|(?:^|[\s;|(])(?:sc|ac|clc|ri|rm|del|erase|mi|mv|move|ci|cp|copy|rni|ren|ni|tee|python\w*|node|git|bash|sh)\s|>/im;

export function powershellTouches(command: string, cwd: string | null): readonly ShellTouch[] {
  const deed = changing.test(command) ? 'run' : null;
  const bare = [...command.matchAll(/(?:~|\$HOME|\$env:USERPROFILE|[A-Za-z]:)[\\/][^\s"'`()<>|;,]+/gi)].map(
    ([path]) => path,
  );
  return [...new Set([...pathsIn(command), ...bare])].map(spelled => ({ spelled, cwd, deed }));
}
