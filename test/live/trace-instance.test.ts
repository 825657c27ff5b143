import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { openTraceInstance, type TraceInstance } from '../../src/host/trace-instance.js';
import { dropReason, reasonsOfFormat } from '../../src/witness/reasons.js';
import { startWitness } from '../../src/witness/start-witness.js';
import { bundle } from './helpers/bundle.js';

/** Where it is not mounted, it is there as long as somebody has an instance. */
let holding: TraceInstance;
let program: string;

beforeAll(async () => {
  holding = await openTraceInstance();
  program = await bundle('test/live/helpers/hold-trace-instance.ts');
});
afterAll(async () => {
  holding.remove();
  await rm(dirname(program), { recursive: true });
  await holding.gone;
});

const folder = (): string => dirname(holding.path);
const instances = async (): Promise<string[]> => (await readdir(folder())).filter((name) => name !== holding.name);

const holder = async (...args: string[]): Promise<{ child: ChildProcess; name: string }> => {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, name: line.toString().trim() };
};

const isGone = (name: string): Promise<void> =>
  vi.waitFor(async () => expect(await instances()).not.toContain(name), { timeout: 3000 });

const childrenOf = async (pid: number): Promise<number[]> =>
  (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ').filter(Boolean).map(Number);

test('an instance with a small buffer is there while it is read, and gone afterwards', async () => {
  const instance = await openTraceInstance();
  onTestFinished(instance.remove);
  expect(await instances()).toContain(instance.name);
  expect(Number(instance.read('buffer_size_kb'))).toBeLessThanOrEqual(256);
  expect(instance.read('no-such-file')).toBeNull();
  await expect(instance.write('trace_clock', 'no such clock')).rejects.toThrow(/EINVAL/);
  instance.remove();
  instance.remove();
  await instance.gone;
  expect(await instances()).not.toContain(instance.name);
});

test.each(['SIGTERM', 'SIGINT', 'SIGKILL'] as const)('an owner that ends by %s leaves no instance', async (signal) => {
  const { child, name } = await holder();
  expect(await instances()).toContain(name);
  child.kill(signal);
  await isGone(name);
});

test('an owner that exits without a word leaves no instance', async () => {
  const { child, name } = await holder('exit');
  await once(child, 'close');
  await isGone(name);
});

test('what is left when the reader is killed too is removed at the next start', async () => {
  const { child, name } = await holder();
  const [reader = 0] = await childrenOf(child.pid ?? 0);
  process.kill(-reader, 'SIGSTOP');
  child.kill('SIGKILL');
  process.kill(-reader, 'SIGKILL');
  await once(child, 'close');
  expect(await instances()).toContain(name);
  await vi.waitFor(async () => {
    const next = await openTraceInstance();
    next.remove();
    await next.gone;
    expect(await instances()).not.toContain(name);
  });
});

test('an instance of a PID that says nothing to us is left alone as long as somebody reads it', async () => {
  const path = join(folder(), 'vethoscope-4194305-1-1');
  await mkdir(path);
  const reader = await open(join(path, 'trace_pipe'));
  try {
    const other = await openTraceInstance();
    other.remove();
    await other.gone;
    expect(await instances()).toContain('vethoscope-4194305-1-1');
  } finally {
    await reader.close();
    await rmdir(path);
  }
});

test('the instance of a run that is being aborted is removed', async () => {
  const controller = new AbortController();
  const witness = await startWitness({
    lengths: [777],
    devices: [],
    family: 4,
    protocol: 'icmp',
    signal: controller.signal,
  });
  if ('unavailable' in witness) throw new Error(witness.unavailable.why);
  controller.abort();
  await witness.gone;
  expect(await witness.stop()).toMatchObject({ events: [], lost: 0 });
  const late = await startWitness({
    lengths: [777],
    devices: [],
    family: 4,
    protocol: 'icmp',
    signal: controller.signal,
  });
  expect(late).toMatchObject({ unavailable: { why: 'the run was stopped' } });
  expect((await instances()).filter((name) => name.startsWith(`vethoscope-${process.pid}-`))).toEqual([]);
});

test('two witnesses run beside each other', async () => {
  const options = { lengths: [777], devices: ['eth0', "we'ird", '"both\'"'], family: 6, protocol: 'udp' } as const;
  const both = await Promise.all([startWitness(options), startWitness(options)]);
  for (const witness of both) {
    if ('unavailable' in witness) throw new Error(witness.unavailable.why);
    await witness.settle();
    await witness.stop();
    await witness.gone;
  }
});

test('every drop reason of the running kernel is explained', async () => {
  const format = await readFile(join(holding.path, 'events/skb/kfree_skb/format'), 'utf8');
  const reasons = [...reasonsOfFormat(format).keys()];
  expect(reasons).toContain('NETFILTER_DROP');
  expect(reasons.filter((reason) => dropReason(reason) === null)).toEqual([]);
});
