import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { expect, onTestFinished, test, vi } from 'vitest';
import { labForTest, PROGRAM } from '../helpers/lab.js';

/** Programs that take all the time of every processor. */
const takeAllTime = (): void => {
  const loops = Array.from({ length: 2 * availableParallelism() }, () =>
    spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' }),
  );
  onTestFinished(() => {
    for (const loop of loops) loop.kill('SIGKILL');
  });
};

const processorsOf = (pid: number): string =>
  /^Cpus_allowed_list:\t(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 'unknown';

const childrenOf = (pid: number): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').match(/\d+/g)?.map(Number) ?? [];

/** Empty for one that has ended. */
const nameOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
};

test('on a busy host a trace and all that it starts keep to one processor', async () => {
  const lab = await labForTest('textbook');
  takeAllTime();
  const [file = '', ...args] = lab.command([...PROGRAM, 'watch', 'net1', '203.0.113.5', '-o', 'ndjson']);
  const watch = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void watch.kill('SIGKILL'));
  const pid = watch.pid ?? 1;
  watch.stdout.resume();
  const captures = (): readonly number[] => childrenOf(pid).filter((child) => nameOf(child) === 'tcpdump');
  await vi.waitUntil(() => captures().length > 0, { timeout: 20_000, interval: 10 });
  const processors = [pid, ...captures()].map(processorsOf);
  expect(processors[0]).toMatch(/^\d+$/);
  expect(new Set(processors).size).toBe(1);
  watch.kill('SIGINT');
  await once(watch, 'exit');
});
