import { defineConfig } from 'vitest/config';

const project = (name: string, include: readonly string[], more: object = {}) => ({
  extends: true as const,
  test: { name, include: [...include], ...more },
});

/** Processes and captures need longer than pure functions. */
const REAL = { testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    setupFiles: ['test/setup/environment.ts'],
    reporters: ['./test/setup/skips.ts', 'default'],
    projects: [
      project('unit', ['test/unit/**/*.test.ts', 'test/conventions.test.ts']),
      project('checks', ['test/checks/**/*.test.ts']),
      project('tui', ['test/tui/**/*.test.{ts,tsx}'], {
        setupFiles: ['test/setup/environment.ts', 'test/setup/colour.ts'],
      }),
      project('golden', ['test/golden/**/*.test.ts']),
      project('cli', ['test/cli/**/*.test.ts'], REAL),
      project('conformance', ['test/conformance/**/*.test.ts'], { ...REAL, fileParallelism: false }),
      project('terminal', ['test/terminal/**/*.test.ts'], { ...REAL, fileParallelism: false }),
      project('corpus', ['test/corpus/**/*.test.ts'], { ...REAL, fileParallelism: false }),
      project('live', ['test/live/**/*.test.ts'], { ...REAL, fileParallelism: false }),
    ],
  },
});
