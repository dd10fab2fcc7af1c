/** A system that lets a process open few files. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { bin, Place } from './helpers/program.ts';

let place: Place;
afterEach(() => place.remove());

it.runIf(process.platform === 'linux').each([
  ['watch', '64'],
  ['watch --json', '32'],
  ['audit', '90'],
])('`%s` with %s descriptors says so before it begins', (words, limit) => {
  place = new Place({ 'CLAUDE.md': '# Rules\n' });
  const line = `ulimit -n ${limit} && exec "$0" "$@"`;
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', line, process.execPath, bin, ...words.split(' ')], {
    env: place.env,
    encoding: 'utf8',
  });
  expect([status, stdout]).toEqual([3, '']);
  const text = words.includes('--json') ? JSON.parse(stderr).error : stderr;
  expect(JSON.stringify(text)).toMatch(/fewer than 100 files.*ulimit -n 256/);
  expect(existsSync(place.store)).toBe(false);
});
