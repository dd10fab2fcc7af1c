/** The words a person types, in the order of the help. Each command is loaded only when it is called. */
import type { Command } from './command.ts';

export interface Entry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<Command>;
}

export const commands: readonly Entry[] = [
  entry(
    'watch',
    'keep every version as it happens, and say what was lost',
    async () => (await import('./watch.ts')).watch,
  ),
  entry(
    'audit',
    'take a snapshot, look through the history, list what was lost',
    async () => (await import('./audit.ts')).audit,
  ),
  entry('show', 'one incident, whole', async () => (await import('./show.ts')).show),
  entry('restore', 'put the lost text back into the present file', async () => (await import('./restore.ts')).restore),
  entry('undo', 'take a restore back', async () => (await import('./undo.ts')).undo),
  entry('accept', 'close an incident: this was meant', async () => (await import('./accept.ts')).accept),
  entry('reopen', 'take an acceptance back', async () => (await import('./reopen.ts')).reopen),
  entry('log', 'the last changes of all files, or the versions of one', async () => (await import('./log.ts')).log),
  entry('ls', 'what a folder holds, or held at a time', async () => (await import('./ls.ts')).ls),
  entry('blame', 'who wrote each part of a file', async () => (await import('./blame.ts')).blame),
  entry('cat', 'the exact bytes of a version', async () => (await import('./cat.ts')).cat),
  entry('diff', 'what changed between two versions', async () => (await import('./diff.ts')).diff),
  entry('find', 'which versions held a text, and when it went', async () => (await import('./find.ts')).find),
  entry(
    'sessions',
    'who holds a stale copy of what, and who is alive',
    async () => (await import('./sessions.ts')).sessions,
  ),
  entry('status', 'who watches what, gaps, size, open incidents', async () => (await import('./status.ts')).status),
  entry(
    'schedule',
    'have an audit run every night; say whether it does',
    async () => (await import('./schedule.ts')).schedule,
  ),
  entry(
    'rules',
    'list the rules and their options, run the examples of your own',
    async () => (await import('./rules.ts')).rulesCommand,
  ),
  entry('snapshot', 'take one snapshot and end', async () => (await import('./snapshot.ts')).snapshot),
  entry(
    'import',
    'bring in the past: out of transcripts, or out of git',
    async () => (await import('./import.ts')).importCommand,
  ),
  entry('verify', 'read the whole store back', async () => (await import('./verify.ts')).verify),
  entry(
    'prune',
    'let old versions go, as far as no text goes with them',
    async () => (await import('./prune.ts')).prune,
  ),
  entry('forget', 'remove a secret that got in, for good', async () => (await import('./forget.ts')).forget),
  entry('demo', 'two overwrites and their repair, in a throwaway folder', async () => (await import('./demo.ts')).demo),
];

function entry(name: string, summary: string, load: () => Promise<Command>): Entry {
  return { name, summary, load };
}
