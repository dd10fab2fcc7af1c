/** What a call of a tool means to do to files of the roots, before its result says whether it did. */
import type { Time } from '../../model.ts';
import type { Actor } from '../act.ts';
import type { Place, Places } from './places.ts';
import { type Fields, fields, lf, list, text } from './record.ts';
import { shellTouches } from './shell.ts';
import { oncePerPlace, type ShellTarget } from './shell-targets.ts';

export interface Call {
  readonly id: string;
  readonly tool: string;
  readonly input: Fields;
  readonly actor: Actor;
  readonly asked: Time;
  readonly offset: number;
  readonly cwd: string | null;
  readonly isLate: boolean;
  readonly targets: readonly Target[];
}

/** One file that a call is about. */
export type Target = FileTarget | ShellTarget;

export interface FileTarget {
  readonly kind: 'read' | 'write' | 'edit';
  readonly place: Place;
}

export interface Edits {
  readonly old: string;
  readonly new: string;
  readonly all: boolean;
}

const fileTools: Readonly<Record<string, FileTarget['kind']>> = {
  Read: 'read',
  NotebookRead: 'read',
  Write: 'write',
  Edit: 'edit',
  MultiEdit: 'edit',
  NotebookEdit: 'edit',
};
const shellTools = new Set(['Bash', 'PowerShell']);

export function isKnownTool(tool: string): boolean {
  return tool in fileTools || shellTools.has(tool);
}

/** Empty when the call is about no file of a root. */
export function targetsOf(
  tool: string,
  input: Fields,
  places: Places,
  home: string,
  cwd: string | null,
): readonly Target[] {
  const kind = Object.hasOwn(fileTools, tool) ? fileTools[tool] : undefined;
  if (kind !== undefined) {
    const spelled = text(input.file_path) ?? text(input.notebook_path);
    const place = spelled === undefined ? null : places.find(spelled, { home, cwd });
    return place === null ? [] : [{ kind, place }];
  }
  const command = shellTools.has(tool) ? text(input.command) : undefined;
  if (command === undefined) return [];
  const touches = shellTouches(command, cwd, tool === 'PowerShell');
  return oncePerPlace(touches, touch => places.find(touch.spelled, { home, cwd: touch.cwd }));
}

/** What an Edit or a MultiEdit replaces, as its result says, else as it was asked. */
export function editsOf(input: Fields, result: Fields): readonly Edits[] {
  const many = list(result.edits ?? input.edits).map(fields);
  if (many.length > 0) return many.map(edit => oneEdit(edit.old_string, edit.new_string, edit.replace_all));
  if (typeof result.oldString === 'string') return [oneEdit(result.oldString, result.newString, result.replaceAll)];
  return typeof input.old_string === 'string' ? [oneEdit(input.old_string, input.new_string, input.replace_all)] : [];
}

function oneEdit(from: unknown, to: unknown, all: unknown): Edits {
  return { old: lf(text(from) ?? ''), new: lf(text(to) ?? ''), all: all === true };
}
