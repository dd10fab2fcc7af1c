import { defineConfig } from 'vitest/config';

/** Not among the others: what runs beside it takes the processor that its watcher needs. */
export default defineConfig({
  test: {
    include: ['test/survival/*.test.ts'],
    fileParallelism: false,
    testTimeout: 600_000,
    env: { TZ: 'UTC', NO_COLOR: '1' },
  },
});
