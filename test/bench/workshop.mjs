// npm run bench:workshop [-- --learners N]: starts one lab for each learner at once, checks each, solves every second one,
// checks again, and removes all. Fails when they are not all up within 30 s or one is judged wrongly. Needs a built program.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { learners: { type: 'string', default: '20' }, scenario: { type: 'string', default: 'no-masquerade' } },
});
const LIMIT_MS = 30_000;
const bin = fileURLToPath(new URL('../../dist/bin.cjs', import.meta.url));
const state = await mkdtemp(join(tmpdir(), 'vethoscope-bench-'));

const lab = (...args) =>
  new Promise((resolve) => {
    const env = { ...process.env, XDG_STATE_HOME: state };
    execFile(process.execPath, [bin, 'lab', ...args], { env }, (error, stdout, stderr) =>
      resolve({ exitCode: error?.code ?? 0, stdout, stderr }),
    );
  });
const timed = async (work) => {
  const started = performance.now();
  const results = await work();
  return { results, ms: Math.round(performance.now() - started) };
};
const names = Array.from({ length: Number(values.learners) }, (_, index) => `learner-${index + 1}`);
const solvers = names.filter((_, index) => index % 2 === 0);
const forAll = (list, ...args) => timed(() => Promise.all(list.map((name) => lab(...args, '--name', name))));
const failures = [];
const expectAll = (what, { results }, wanted) => {
  const wrong = results.filter((result, index) => result.exitCode !== wanted(index));
  if (wrong.length > 0)
    failures.push(`${what}: ${wrong.length} wrong, the first: ${wrong[0].stdout}${wrong[0].stderr}`);
};

try {
  const up = await forAll(names, 'start', values.scenario, '--no-shell');
  expectAll('start', up, () => 0);
  if (up.ms > LIMIT_MS) failures.push(`all up after ${up.ms} ms, more than ${LIMIT_MS}`);
  const before = await forAll(names, 'check');
  expectAll('check while broken', before, () => 3);
  const solve = await forAll(solvers, 'solve');
  expectAll('solve', solve, () => 0);
  const after = await forAll(names, 'check');
  expectAll('check after every second is solved', after, (index) => (index % 2 === 0 ? 0 : 3));
  const down = await timed(() => lab('down', '--all'));
  if (down.results.exitCode !== 0) failures.push(`down: ${down.results.stderr}`);
  const row = { learners: names.length, cores: availableParallelism(), up: up.ms, check: before.ms, solve: solve.ms };
  process.stdout.write(`${JSON.stringify({ ...row, checkAgain: after.ms, down: down.ms, failures })}\n`);
} finally {
  await lab('down', '--all');
  await rm(state, { recursive: true, force: true });
}
process.exit(failures.length === 0 ? 0 : 1);
