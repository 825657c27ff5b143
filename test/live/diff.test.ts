import { expect, test } from 'vitest';
import type { RunDiff } from '../../src/report/diff/diff-runs.js';
import { labForTest, PROGRAM, type TestLab } from '../helpers/lab.js';
import { runOf } from '../helpers/trace.js';

const DESTINATION = '203.0.113.5';

/** Runs and journal in one folder of the test's own. */
const stateIn = (lab: TestLab) => ({ VETHOSCOPE_STATE: lab.stateFolder });

const traced = async (lab: TestLab, container: string, status: string): Promise<string> => {
  const run = runOf(await lab.trace([container, DESTINATION], { env: stateIn(lab) }));
  expect(run.diagnosis.status).toBe(status);
  return run.run.id;
};

const diffOf = async (lab: TestLab, a: string, b: string): Promise<RunDiff> => {
  const { stdout, exitCode } = await lab.exec([...PROGRAM, 'diff', a, b, '--json'], { env: stateIn(lab) });
  expect(exitCode).toBe(0);
  return JSON.parse(stdout);
};

const matters = ({ differences }: RunDiff) =>
  differences
    .filter((difference) => difference.matters)
    .map(({ area, netns, key, a, b }) => ({ area, netns, key, a, b }));

test('before and after a repair: the setting that was changed is among what matters, and nothing else of the state', async () => {
  const lab = await labForTest('textbook');
  await lab.run(['sysctl -qw net.ipv4.ip_forward=0']);
  const before = await traced(lab, 'net1', 'fault');
  const fixed = await lab.exec([...PROGRAM, 'fix', before, '--apply'], {
    timeoutMs: 60_000,
    env: stateIn(lab),
  });
  expect(fixed.exitCode, fixed.stderr).toBe(0);
  const after = await traced(lab, 'net1', 'ok');
  const diff = await diffOf(lab, before, after);
  expect(matters(diff)).toContainEqual({
    area: 'setting',
    netns: 'host',
    key: 'net.ipv4.ip_forward',
    a: '0',
    b: '1',
  });
  expect(
    matters(diff).filter(({ area }) => ['address', 'route', 'iptables', 'nftables', 'link'].includes(area)),
  ).toEqual([]);
  expect(diff).toMatchObject({ a: { id: before, status: 'fault' }, b: { id: after, status: 'ok' }, limits: [] });
});

test('a good and a bad container: the route that the bad one lacks comes before what differs in any two', async () => {
  const lab = await labForTest('two-containers');
  await lab.run(['ip netns exec net2 ip route del default']);
  const good = await traced(lab, 'net1', 'ok');
  const bad = await traced(lab, 'net2', 'fault');
  const diff = await diffOf(lab, good, bad);
  const lost = diff.differences.findIndex(
    ({ area, key, b }) => area === 'route' && key.includes('default') && b === null,
  );
  expect(diff.differences[lost]).toMatchObject({ netns: 'target', matters: true });
  expect(diff.differences.slice(0, lost).every((difference) => difference.matters)).toBe(true);
  const text = await lab.exec([...PROGRAM, 'diff', good, bad], { env: stateIn(lab) });
  expect(text.stdout).toMatch(/route of target\n(?: .*\n)*? {2}- .*default/);
});
