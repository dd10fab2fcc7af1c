import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // By themselves: `npm run test:survival`, as what runs beside it takes the processor that its watcher needs, and
    // `npm run test:client`, which installs a client.
    exclude: ['test/survival/**', 'test/client/**'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    env: { TZ: 'UTC', NO_COLOR: '1' },
  },
});
