import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/e2e/**/*.e2e.test.ts'],
    // Each file starts a VS Code and a browser of its own.
    fileParallelism: false,
    testTimeout: 90_000,
    hookTimeout: 180_000,
    // A window on a busy machine answers late.
    expect: { poll: { timeout: 30_000 } },
  },
});
