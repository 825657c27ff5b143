import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { runCommand, startCommand } from '../../../src/host/run-command.js';
import { runStarted } from '../../../src/host/run-started.js';

const MISSING = ['vethoscope-is-no-such-program'];

const RUNNERS = [
  ['runCommand', runCommand],
  ['runStarted', runStarted],
] as const;

test.each(RUNNERS)(
  '%s: to cancel or kill a program that is not there signals nobody: not our own process group, which PID 0 stands for',
  async (_, run) => {
    const heard: string[] = [];
    const hear = (signal: string): void => void heard.push(signal);
    process.on('SIGTERM', hear).on('SIGINT', hear);
    onTestFinished(() => void process.off('SIGTERM', hear).off('SIGINT', hear));
    const controller = new AbortController();
    const interrupt = new AbortController();
    const pending = run(MISSING, { signal: controller.signal, interrupt: interrupt.signal });
    const child = startCommand(MISSING, { signal: controller.signal });
    const late = run(MISSING, { signal: AbortSignal.abort() });
    controller.abort();
    interrupt.abort();
    child.kill('SIGTERM');
    child.killGroup('SIGTERM');
    expect((await pending).failure).toBe('missing-tool');
    expect((await late).failure).toBe('missing-tool');
    expect((await child.ended).failure).toBe('missing-tool');
    await sleep(50);
    expect(heard).toEqual([]);
  },
);

test.each(RUNNERS)('%s: a program that runs ends when its signal aborts, before its start or after', async (_, run) => {
  const controller = new AbortController();
  const pending = run(['sleep', '20'], { signal: controller.signal });
  const child = startCommand(['sleep', '20'], { signal: controller.signal });
  const late = run(['sleep', '20'], { signal: AbortSignal.abort() });
  controller.abort();
  expect((await pending).failure).toBe('cancelled');
  expect((await late).failure).toBe('cancelled');
  expect((await child.ended).failure).toBe('cancelled');
});

test.each(RUNNERS)('%s: what a program says, its PID and its exit code are told', async (_, run) => {
  const started: number[] = [];
  const script = 'echo "größe"; echo oops >&2; echo $$; exit 3';
  const result = await run(['sh', '-c', script], { onStart: (pid) => void started.push(pid) });
  expect(result).toMatchObject({ stderr: 'oops\n', exitCode: 3, failure: 'exit', pid: started[0] });
  expect(result.stdout).toBe(`größe\n${started[0]}\n`);
});

test.each(RUNNERS)('%s: a program that takes too long is ended, also one that does not hear', async (_, run) => {
  const deaf = ['sh', '-c', 'trap "" TERM; echo on; exec sleep 20'];
  const [slow, hard] = await Promise.all([run(['sleep', '20'], { timeoutMs: 100 }), run(deaf, { timeoutMs: 100 })]);
  expect(slow).toMatchObject({ failure: 'timeout', exitCode: null });
  expect(hard).toMatchObject({ failure: 'timeout', exitCode: null, stdout: 'on\n' });
});

test.each(RUNNERS)('%s: an interrupted program may end by itself', async (_, run) => {
  const interrupt = new AbortController();
  const pending = run(['sh', '-c', 'trap "echo enough; exit 0" INT; while :; do sleep 0.02; done'], {
    interrupt: interrupt.signal,
  });
  await sleep(200);
  interrupt.abort();
  expect(await pending).toMatchObject({ stdout: 'enough\n', exitCode: 0, failure: null });
});

test.each(RUNNERS)(
  '%s: a program that says more than anybody reads is ended, and what it said is not kept without end',
  async (_, run) => {
    const result = await run(['yes', 'x'.repeat(1000)], { timeoutMs: 30_000 });
    expect(result.failure).toBe('too-much-output');
    expect(result.stdout.length).toBeLessThanOrEqual(256 * 1024 * 1024);
  },
);
