import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { processExists } from '../../src/host/proc.js';
import { openTraceInstance, type TraceInstance } from '../../src/host/trace-instance.js';
import type { Run } from '../../src/model/run.js';
import { openLab, type TestLab } from '../helpers/lab.js';
import { brokenRoles, runOf } from '../helpers/trace.js';

const OUTSIDE = '203.0.113.5';
const NEAR = '198.51.100.53';
const ROUNDS = Number(process.env['VETHOSCOPE_ROUNDS'] ?? 5);
const rounds = Array.from({ length: ROUNDS }, (_, index) => index + 1);

/** Two containers on one bridge, and a network with the same names and addresses on the same kernel. */
let lab: TestLab;
let other: TestLab;
/** Where tracefs is not mounted, it is there as long as somebody has an instance. */
let holding: TraceInstance;

beforeAll(async () => {
  [lab, other, holding] = await Promise.all([openLab('two-containers'), openLab('textbook'), openTraceInstance()]);
  for (const address of [OUTSIDE, NEAR]) await lab.serve('outside', address, 80);
});
afterAll(async () => {
  await Promise.all([lab.close(), other.close()]);
  holding.remove();
  await holding.gone;
});

const all = (...traces: readonly (readonly [TestLab, ...string[]])[]): Promise<readonly Run[]> =>
  Promise.all(traces.map(async ([where, ...args]) => runOf(await where.trace(args))));

/** The rule is there while both are traced. */
const withRule = async (rule: string, traced: () => Promise<readonly Run[]>): Promise<readonly Run[]> => {
  await lab.run([`iptables -I ${rule}`]);
  try {
    return await traced();
  } finally {
    await lab.run([`iptables -D ${rule}`]);
  }
};

const fault = { status: 'fault', cause: 'nf-rule-drop' };
const works = { status: 'ok', cause: null };

/** Each is judged by its own packets alone, on its own path, and its captures and events are its own. */
const expectEach = (
  runs: readonly Run[],
  expected: readonly { readonly status: string; readonly cause: string | null }[],
) => {
  expect(runs.map(({ diagnosis: { status, cause } }) => ({ status, cause }))).toEqual(expected);
  for (const run of runs) {
    const isBroken = run.diagnosis.status === 'fault';
    expect(brokenRoles(run)).toBe(isBroken ? 'bridge–uplink' : null);
    expect(run.kernelDrops.map(({ probe }) => probe)).toEqual(isBroken ? [1, 2, 3] : []);
    for (const { forward, captured } of run.path.hops) if (captured) expect(forward?.seen).toBeLessThanOrEqual(3);
  }
};

const left = async (): Promise<readonly string[]> => {
  const tables = await lab.exec('nft -s list ruleset; ls /run/netns');
  return [tables.stdout, ...(await lab.processes()).map(String)];
};

/** What nobody owns any more: other runs on this machine have instances of theirs. */
const orphans = async (): Promise<readonly string[]> =>
  (await readdir(dirname(holding.path))).filter((name) => {
    const pid = /^vethoscope-(\d+)-/.exec(name)?.[1];
    return pid !== undefined && !processExists(Number(pid));
  });

const NAMES = ['net1', 'net2'] as const;
const ADDRESSES = { net1: '192.168.0.2', net2: '192.168.0.3' } as const;

test.each(rounds)('two containers of one host, one of them broken, round %i', async (round) => {
  const broken = NAMES[round % 2] ?? 'net1';
  const runs = await withRule(`FORWARD -s ${ADDRESSES[broken]} -j DROP`, () =>
    all([lab, 'net1', OUTSIDE], [lab, 'net2', OUTSIDE]),
  );
  expectEach(
    runs,
    NAMES.map((name) => (name === broken ? fault : works)),
  );
});

test.each(rounds)('one container to two destinations, by segments of the same lengths, round %i', async (round) => {
  const broken = [OUTSIDE, NEAR][round % 2] ?? OUTSIDE;
  const runs = await withRule(`FORWARD -p tcp -d ${broken} -j DROP`, () =>
    all([lab, 'net1', `tcp://${OUTSIDE}:80`], [lab, 'net1', `tcp://${NEAR}:80`]),
  );
  expect(runs.map(({ diagnosis: { status, cause } }) => ({ status, cause }))).toEqual(
    [OUTSIDE, NEAR].map((address) => (address === broken ? fault : works)),
  );
});

test.each(rounds)('two hosts on one kernel, with the same names and addresses, round %i', async () => {
  await other.run(['sysctl -qw net.ipv4.ip_forward=0']);
  const [here, there] = await all([lab, 'net1', OUTSIDE], [other, 'net1', OUTSIDE]);
  await other.run(['sysctl -qw net.ipv4.ip_forward=1']);
  expect(here?.diagnosis).toMatchObject(works);
  expect(here?.kernelDrops).toEqual([]);
  expect(there?.diagnosis).toMatchObject({ status: 'fault', cause: 'host-ip-forward-off', confidence: 'certain' });
});

test('nothing is left of traces that ran at once, with tables of their own in the same namespaces', async () => {
  const before = await left();
  const runs = await withRule(`FORWARD -s ${ADDRESSES.net1} -j DROP`, () =>
    all([lab, 'net1', OUTSIDE, '--trace-rules'], [lab, 'net2', OUTSIDE, '--trace-rules'], [other, 'net1', OUTSIDE]),
  );
  expect(runs.map(({ diagnosis }) => diagnosis.status)).toEqual(['fault', 'ok', 'ok']);
  await vi.waitFor(async () => expect(await left()).toEqual(before), { timeout: 5000 });
  await vi.waitFor(async () => expect(await orphans()).toEqual([]), { timeout: 5000 });
});
