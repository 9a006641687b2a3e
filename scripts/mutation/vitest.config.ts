import { defineConfig } from 'vitest/config';

/** The quick tests that meet the decision core. */
export default defineConfig({
  test: {
    include: ['test/unit/shared/{rollout,engine}/**/*.test.ts', 'test/laws/{decide,tick}.test.ts'],
    pool: 'threads',
    isolate: false,
    testTimeout: 60_000,
  },
});
