import { defineConfig } from 'vitest/config';

/** Not among the others: it needs the registry, hundreds of megabytes of a client, and the lab beside the checkout. */
export default defineConfig({
  test: {
    include: ['test/client/*.test.ts'],
    fileParallelism: false,
    testTimeout: 240_000,
    env: { TZ: 'UTC', NO_COLOR: '1' },
  },
});
