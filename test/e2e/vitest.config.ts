import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/e2e/**/*.e2e.test.ts'],
    globalSetup: 'test/e2e/installBeforehand.ts',
    // Each file starts a VS Code and a browser of its own, which wait for each other more than they compute.
    maxWorkers: 2,
    testTimeout: 300_000,
    hookTimeout: 180_000,
    // A window on a busy machine answers late.
    expect: { poll: { timeout: 90_000 } },
  },
});
