import { existsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { FaultTable } from './test/faults/table.ts';

/** Every fault is ours, so nothing is asked of a real disk: its fsyncs would take most of the time. */
const memory = existsSync('/dev/shm') ? { TMPDIR: '/dev/shm' } : {};

process.env.UNDERTEXT_SEED ??= String(Math.floor(Math.random() * 1e9));

/** For CI, which adds the counts to its own. */
const { UNDERTEXT_REPORT } = process.env;
const report = UNDERTEXT_REPORT ? [['json', { outputFile: UNDERTEXT_REPORT }] as ['json', object]] : [];

export default defineConfig({
  test: {
    include: ['test/faults/*.faults.ts'],
    testTimeout: 3_600_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    reporters: ['default', new FaultTable(), ...report],
    env: { TZ: 'UTC', NO_COLOR: '1', ...memory, UNDERTEXT_SEED: process.env.UNDERTEXT_SEED },
  },
});
