/** The built program, asked once. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Certainty, Incident } from '../../src/model.ts';

/** The certainty of each loss that `audit` tells of that home. */
export function audited(home: string, store: string): readonly Certainty[] {
  const program = join(import.meta.dirname, '../../bin/undertext.js');
  const words = [program, 'audit', '--json', '--root', home, '--store', store];
  const { stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (stdout === '') throw new Error(`audit of ${home} said nothing: ${stderr}`);
  const { incidents } = JSON.parse(stdout) as { readonly incidents: readonly Incident[] };
  const losses = incidents.filter(({ lost, findings }) => lost && findings.some(({ rule }) => /^lost-/.test(rule)));
  return losses.map(({ certainty }) => certainty);
}
