import { defineConfig } from 'vitest/config';

/** One project per lane. Lanes that start real programs get long limits; the rest must be quick. */
const lane = (name: string, include: string[], more: object = {}) => ({
  test: { name, include, pool: 'threads' as const, isolate: false, ...more },
});

const slow = {
  testTimeout: 300_000,
  hookTimeout: 900_000,
  isolate: true,
  pool: 'forks' as const,
  globalSetup: ['test/apiserver/global-setup.ts'],
};

export default defineConfig({
  test: {
    projects: [
      // Limits are for what hangs, not for what is slow on a busy machine.
      lane('unit', ['test/unit/**/*.test.ts'], { testTimeout: 30_000 }),
      lane('laws', ['test/laws/**/*.test.ts'], { testTimeout: 120_000 }),
      lane('conformance', ['test/conformance/**/*.test.ts'], { testTimeout: 120_000 }),
      lane('golden', ['test/golden/**/*.test.ts'], { testTimeout: 120_000 }),
      lane('apiserver', ['test/apiserver/**/*.test.ts'], slow),
      // Runs in a network namespace of its own: `npm run test:e2e`.
      lane('e2e', ['test/e2e/**/*.test.ts'], { ...slow, globalSetup: [] }),
    ],
  },
});
