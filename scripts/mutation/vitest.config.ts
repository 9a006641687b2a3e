import { defineConfig } from 'vitest/config';

/** The core's own tests alone: what only a replayed rollout would notice counts as missed. */
export default defineConfig({
  test: {
    include: ['test/unit/shared/rollout/**/*.test.ts'],
    pool: 'threads',
    isolate: false,
    testTimeout: 60_000,
  },
});
