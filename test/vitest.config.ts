import { defineConfig } from 'vitest/config';

const project = (name: string, include: readonly string[], more: object = {}) => ({
  extends: true as const,
  test: { name, include: [...include], ...more },
});

/** A machine under load is slow, and that is no failure: a test that hangs ends all the same. */
const PURE = { testTimeout: 30_000 };
/** Processes and captures need longer than pure functions. */
const REAL = { testTimeout: 60_000, hookTimeout: 60_000 };

/** Without captures the kernel's events alone tell, and another trace at the same time may send packets of the same length. */
const ALONE = ['test/live/fewer-witnesses.test.ts'];

/** The parsers that the soak throws its inputs at. */
const SOAKED = [
  'arptables-save',
  'bridge-fdb',
  'bridge-link',
  'ebtables-save',
  'frame-save',
  'ip-address',
  'ip-link',
  'ip-neigh',
  'ip-route',
  'ip-rule',
  'ipset-save',
  'iptables-save',
  'iptables-tokens',
  'json-rows',
  'nft-entries',
  'nft-json',
  'sysctl',
];

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    setupFiles: ['test/setup/environment.ts'],
    reporters: ['./test/setup/skips.ts', 'default'],
    coverage: {
      provider: 'istanbul',
      reporter: ['text'],
      include: SOAKED.map((name) => `src/parse/${name}.ts`),
      thresholds: { lines: 90, perFile: true },
    },
    projects: [
      project('unit', ['test/unit/**/*.test.ts', 'test/conventions.test.ts'], PURE),
      project('checks', ['test/checks/**/*.test.ts'], PURE),
      project('tui', ['test/tui/**/*.test.{ts,tsx}'], {
        ...PURE,
        setupFiles: ['test/setup/environment.ts', 'test/setup/colour.ts'],
      }),
      project('golden', ['test/golden/**/*.test.ts'], PURE),
      project('cli', ['test/cli/**/*.test.ts'], REAL),
      project('conformance', ['test/conformance/**/*.test.ts'], { ...REAL, fileParallelism: false }),
      project('terminal', ['test/terminal/**/*.test.ts'], { ...REAL, fileParallelism: false }),
      project('corpus', ['test/corpus/**/*.test.ts'], { ...REAL, fileParallelism: false }),
      project('live', ['test/live/**/*.test.ts'], {
        ...REAL,
        exclude: ALONE,
        maxWorkers: 2,
        sequence: { groupOrder: 1 },
      }),
      project('alone', ALONE, { ...REAL, fileParallelism: false, sequence: { groupOrder: 2 } }),
    ],
  },
});
