import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/unit/**/*.test.ts'],
    // Against what hangs: a busy machine takes several times as long as an idle one.
    testTimeout: 300_000,
    hookTimeout: 60_000,
    // A processor is not kept free, as it is by default: that would be every second one of two.
    maxWorkers: '100%',
    expect: { poll: { timeout: 30_000 } },
    env: { ORT_DISABLE_TELEMETRY: '1' },
  },
});
