import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type CapturePlan, planCaptures } from '../../src/capture/plan.js';
import { startTaps } from '../../src/capture/taps.js';
import { canBecomeNobody } from '../../src/host/identity.js';
import type { Path } from '../../src/model/path.js';
import { hop } from '../helpers/path-parts.js';
import { bundle } from './helpers/bundle.js';
import { FLOW, TEXTBOOK_PATH } from './helpers/path.js';
import { createTextbook, notRoot, type Textbook } from './helpers/textbook.js';

let lab: Textbook;
let holdTaps: string;

beforeAll(async () => {
  lab = await createTextbook();
  holdTaps = await bundle('test/live/helpers/hold-taps.ts');
});
afterAll(() => {
  lab.dispose();
  rmSync(dirname(holdTaps), { recursive: true });
});
afterEach(() => vi.unstubAllEnvs());

const CONTEXT = { token: null, startedNs: 0n };

const plan = (path: Path = TEXTBOOK_PATH): CapturePlan[] =>
  planCaptures(path, FLOW, lab.netns, { icmp: 'deadbeef' }, { asNobody: canBecomeNobody(), maxSeconds: 10 });

const planFor = (ifname: string): CapturePlan[] =>
  plan({ ...TEXTBOOK_PATH, hops: [hop('h1', 'uplink', 'router', ifname)] });

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  readonly state: string;
}

/** All processes that are no zombies, from /proc/PID/stat. */
const processes = (): Process[] =>
  readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const match = readFileSync(`/proc/${entry}/stat`, 'utf8').match(/^(\d+) \((.*)\) (\S) (\d+)/s);
      if (match === null || match[3] === 'Z' || match[3] === 'X') return [];
      return [{ pid: Number(match[1]), name: match[2] ?? '', state: match[3] ?? '', parent: Number(match[4]) }];
    } catch {
      return [];
    }
  });

const descendants = (pid: number): Process[] => {
  const all = processes();
  const below = (parent: number): Process[] =>
    all.filter((one) => one.parent === parent).flatMap((one) => [one, ...below(one.pid)]);
  return below(pid);
};

/** The processes below ours that do not hold the lab. */
const captures = (): Process[] => descendants(process.pid).filter(({ pid }) => !before.includes(pid));

let before: readonly number[] = [];
beforeEach(() => {
  before = descendants(process.pid).map(({ pid }) => pid);
});

const alive = (pids: readonly number[]): Process[] => processes().filter(({ pid }) => pids.includes(pid));

const waitUntil = async (holds: () => boolean, ms: number): Promise<void> => {
  const deadline = performance.now() + ms;
  while (!holds() && performance.now() < deadline) await sleep(10);
};

describe.skipIf(notRoot)('captures', () => {
  test('run as nobody with CAP_NET_RAW alone, and without promiscuous mode', async () => {
    const taps = await startTaps(plan(), CONTEXT);
    const status = captures()
      .filter(({ name }) => name === 'tcpdump')
      .map(({ pid }) => readFileSync(`/proc/${pid}/status`, 'utf8'));
    const promiscuity = await lab.run('router', 'ip -d link show eth0');
    await taps.stop();
    expect(status).toHaveLength(4);
    for (const text of status) {
      expect(text).toMatch(/^Uid:\t65534\t65534\t65534\t65534$/m);
      expect(text).toMatch(/^CapEff:\t0000000000002000$/m);
      expect(text).toMatch(/^CapBnd:\t0000000000002000$/m);
    }
    expect(promiscuity).toContain('promiscuity 0');
  });

  test('stop within the deadline and leave no process', async () => {
    const taps = await startTaps(plan(), CONTEXT);
    const pids = captures().map(({ pid }) => pid);
    const started = performance.now();
    const { reports } = await taps.stop();
    expect(performance.now() - started).toBeLessThan(500);
    expect(reports).toMatchObject([{ error: null, droppedByKernel: 0 }, {}, {}, {}]);
    await taps.gone;
    expect(alive(pids)).toEqual([]);
  });

  test('do not outlive a SIGKILL of the program', async () => {
    const paths = [lab.ref('target').path, lab.ref('router').path];
    const child = spawn(process.execPath, [holdTaps, ...paths], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    const below = descendants(child.pid ?? 0);
    expect(below.filter(({ name }) => name === 'tcpdump')).toHaveLength(4);
    child.kill('SIGKILL');
    const pids = below.map(({ pid }) => pid);
    await waitUntil(() => alive(pids).length === 0, 1000);
    expect(alive(pids)).toEqual([]);
  });

  test('end when the signal aborts', async () => {
    const controller = new AbortController();
    const taps = await startTaps(plan(), { ...CONTEXT, signal: controller.signal });
    const pids = captures().map(({ pid }) => pid);
    expect(pids.length).toBeGreaterThanOrEqual(4);
    controller.abort();
    await taps.gone;
    expect(alive(pids)).toEqual([]);
  });

  test('fail one by one: a missing or downed device spoils no other hop', async () => {
    await lab.run('router', 'ip link add down0 type veth peer name down1');
    const hops = [
      hop('h1', 'uplink', 'router', 'eth0'),
      hop('h2', 'uplink', 'router', 'gone0'),
      hop('h3', 'uplink', 'router', 'down0'),
    ];
    const taps = await startTaps(plan({ ...TEXTBOOK_PATH, hops }), CONTEXT);
    const { reports } = await taps.stop();
    expect(reports).toMatchObject([
      { hop: 'h1', error: null },
      { hop: 'h2', error: 'gone0: no such device', failure: 'no-interface' },
      { hop: 'h3', error: 'down0 is down', failure: 'interface-down' },
    ]);
  });

  test('name a namespace that is gone', async () => {
    const netns = [{ id: 'router', name: 'router', path: '/proc/1/ns/none', inode: 0 }];
    const plans = planCaptures(TEXTBOOK_PATH, FLOW, netns, { icmp: 'deadbeef' }, { asNobody: canBecomeNobody() });
    const { reports } = await (await startTaps(plans, CONTEXT)).stop();
    expect(reports[0]?.error).toMatch(/No such file or directory/);
  });

  test.each(['-x', '1', 'any', 'a"b$(id)', 'höp'])('take %j for a device name and nothing else', async (ifname) => {
    await lab.run('router', `ip link add name ${ifname} type veth peer name peer0`);
    await lab.run('router', `ip link set dev ${ifname} up`);
    await lab.run('router', 'ip link set dev peer0 up');
    const { reports } = await (await startTaps(planFor(ifname), CONTEXT)).stop();
    await lab.run('router', 'ip link del dev peer0');
    const expected = ifname === 'any' ? { failure: 'failed' } : { error: null, droppedByKernel: 0 };
    expect(reports).toMatchObject([expected]);
  });

  test('that end by themselves prove nothing', async () => {
    const taps = await startTaps(plan(), CONTEXT);
    for (const { pid } of captures()) process.kill(pid, 'SIGTERM');
    await taps.gone;
    const { reports } = await taps.stop();
    expect(reports.map(({ error }) => error)).toEqual(Array(4).fill('the capture ended before the run did'));
  });

  test('settle after a quiet while, or at once when all has come', async () => {
    const taps = await startTaps(plan(), CONTEXT);
    const started = performance.now();
    await taps.settle();
    const quiet = performance.now();
    await taps.settle(() => true);
    const atOnce = performance.now();
    await taps.stop();
    expect(quiet - started).toBeGreaterThanOrEqual(14);
    expect(quiet - started).toBeLessThan(80);
    expect(atOnce - quiet).toBeLessThan(5);
  });

  test('say which program is missing', async () => {
    const plans = planFor('eth0').map((one) => ({ ...one, argv: ['vethoscope-no-such-tool', ...one.argv] }));
    const { reports } = await (await startTaps(plans, CONTEXT)).stop();
    expect(reports).toMatchObject([{ error: 'vethoscope-no-such-tool is not installed', failure: 'missing-tool' }]);
  });

  test('never listen on another device: digits that name none are no index', async () => {
    const { reports } = await (await startTaps(planFor('1'), CONTEXT)).stop();
    expect(reports).toMatchObject([{ error: '1: no such device', failure: 'no-interface' }]);
  });
});

describe.skipIf(notRoot)('a tcpdump that misbehaves', () => {
  const fakeTools = (name: string, script: string): string => {
    const folder = mkdtempSync(join(tmpdir(), 'vethoscope-test-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
    chmodSync(folder, 0o755);
    return folder;
  };

  const stopWith = async (script: string, readyMs = 300) => {
    vi.stubEnv('PATH', `${fakeTools('tcpdump', script)}:${process.env['PATH']}`);
    const taps = await startTaps(planFor('eth0'), { ...CONTEXT, readyMs });
    const pids = captures().map(({ pid }) => pid);
    const started = performance.now();
    const { reports } = await taps.stop();
    await taps.gone;
    return { report: reports[0], ms: performance.now() - started, left: alive(pids) };
  };

  test('and prints garbage is an error of that capture', async () => {
    const { report, left } = await stopWith(
      'echo "listening on eth0, link-type X" >&2; head -c 4096 /dev/zero; sleep 5',
    );
    expect(report?.error).toMatch(/not a pcap stream/);
    expect(left).toEqual([]);
  });

  test('and hangs, ignoring every signal, is killed with its children', async () => {
    const { report, ms, left } = await stopWith("trap '' INT TERM; while :; do sleep 1; done");
    expect(report?.error).toBe('tcpdump did not listen within 300 ms');
    expect(ms).toBeLessThan(1500);
    expect(left).toEqual([]);
  });

  test('and does not stop, is killed after the deadline, and proves nothing', async () => {
    const header =
      "printf '\\115\\074\\262\\241\\002\\000\\004\\000\\0\\0\\0\\0\\0\\0\\0\\0\\0\\001\\0\\0\\001\\0\\0\\0'";
    const listening = 'echo "tcpdump: listening on eth0, link-type EN10MB" >&2';
    const { report, ms, left } = await stopWith(`trap '' INT TERM; ${header}; ${listening}; while :; do sleep 1; done`);
    expect(report).toMatchObject({ droppedByKernel: null });
    expect(ms).toBeLessThan(2000);
    expect(left).toEqual([]);
  });

  test('and is missing is said plainly', async () => {
    const plans = planFor('eth0').map((one) => ({
      ...one,
      argv: one.argv.map((word) => (word === 'tcpdump' ? 'tcpdump-missing' : word)),
    }));
    const { reports } = await (await startTaps(plans, CONTEXT)).stop();
    expect(reports).toMatchObject([
      { error: expect.stringMatching(/^tcpdump-missing is not installed/), failure: 'missing-tool' },
    ]);
  });
});
