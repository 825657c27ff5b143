import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { runCommand, startCommand } from '../../../src/host/run-command.js';

const MISSING = ['vethoscope-is-no-such-program'];

test('to cancel or kill a program that is not there signals nobody: not our own process group, which PID 0 stands for', async () => {
  const heard: string[] = [];
  const hear = (signal: string): void => void heard.push(signal);
  process.on('SIGTERM', hear).on('SIGINT', hear);
  onTestFinished(() => void process.off('SIGTERM', hear).off('SIGINT', hear));
  const controller = new AbortController();
  const interrupt = new AbortController();
  const pending = runCommand(MISSING, { signal: controller.signal, interrupt: interrupt.signal });
  const child = startCommand(MISSING, { signal: controller.signal });
  const late = runCommand(MISSING, { signal: AbortSignal.abort() });
  controller.abort();
  interrupt.abort();
  child.kill('SIGTERM');
  child.killGroup('SIGTERM');
  expect((await pending).failure).toBe('missing-tool');
  expect((await late).failure).toBe('missing-tool');
  expect((await child.ended).failure).toBe('missing-tool');
  await sleep(50);
  expect(heard).toEqual([]);
});

test('a program that runs ends when its signal aborts, before its start or after', async () => {
  const controller = new AbortController();
  const pending = runCommand(['sleep', '20'], { signal: controller.signal });
  const child = startCommand(['sleep', '20'], { signal: controller.signal });
  const late = runCommand(['sleep', '20'], { signal: AbortSignal.abort() });
  controller.abort();
  expect((await pending).failure).toBe('cancelled');
  expect((await late).failure).toBe('cancelled');
  expect((await child.ended).failure).toBe('cancelled');
});
