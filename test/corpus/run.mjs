// npm run corpus -- [--only ID,ID] [--pairs N] [--triples N] [--part singles|healthy|robust|stacked] [--stacks ID+ID,ID+ID+ID] [--seed S]
// [--without WITNESS,WITNESS|all] [--workers N]:
// breaks every fault of the lab on a real kernel, each in a network of its own, and says how often the diagnosis is right.
// --stacks names the sets of --part stacked in place of random ones. Writes RESULTS.md when all were run. --without takes tcpdump, tracefs,
// iptables-save, nft or root away in turn, and nothing else is run; writes WITNESSES.md when all were taken from all faults. Needs root and a
// built program.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    pairs: { type: 'string', default: '512' },
    triples: { type: 'string', default: '106' },
    seed: { type: 'string', default: '1' },
    stacks: { type: 'string', default: '' },
    part: { type: 'string', default: '' },
    without: { type: 'string', default: '' },
    workers: { type: 'string', default: '4' },
  },
});
const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/vitest.config.ts', '--project', 'corpus'],
  {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: 'inherit',
    env: {
      ...process.env,
      CORPUS: 'all',
      CORPUS_ONLY: values.only,
      CORPUS_PAIRS: values.pairs,
      CORPUS_TRIPLES: values.triples,
      CORPUS_SEED: values.seed,
      CORPUS_STACKS: values.stacks,
      CORPUS_PART: values.without === '' ? values.part : 'fewer',
      CORPUS_WITHOUT: values.without,
      CORPUS_WORKERS: values.workers,
    },
  },
);
process.exit(status ?? 1);
