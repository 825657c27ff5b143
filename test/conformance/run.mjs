// npm run conformance -- [--cases N] [--seed S] [--keep] [--again FOLDER]: sends N packets through random networks and rulesets of a private lab
// and compares what the kernel did with what the walk says. `--again` compares what `--keep` kept once more. Needs root.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '400' },
    seed: { type: 'string', default: '1' },
    keep: { type: 'boolean' },
    again: { type: 'string' },
  },
});
const root = fileURLToPath(new URL('../..', import.meta.url));
const { status } = spawnSync(
  process.execPath,
  [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--config',
    'test/vitest.config.ts',
    '--project',
    'conformance',
    'conformance.test.ts',
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      CONFORMANCE_CASES: values.cases,
      CONFORMANCE_SEED: values.seed,
      ...(values.keep ? { CONFORMANCE_KEEP: '1' } : {}),
      ...(values.again ? { CONFORMANCE_AGAIN: values.again } : {}),
    },
  },
);
process.exit(status ?? 1);
