import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { traceArguments } from '../../src/lab/fault.js';
import { faults } from '../../src/lab/faults/index.js';
import { EXIT } from '../../src/model/errors.js';
import { vethoscopeIn } from '../helpers/bare-lab.js';
import { inventoryOf } from '../helpers/inventory.js';
import { openLab, type TestLab } from '../helpers/lab.js';

vi.setConfig({ testTimeout: 120_000 });

let lab: TestLab | null;

beforeEach(() => {
  lab = null;
});

afterEach(() => lab?.close());

/** A lab with a fault, and the program in it. */
const broken = async (id: string) => {
  const fault = faults.find((one) => one.id === id);
  if (fault === undefined) throw new Error(`there is no fault ${id}`);
  const made = await openLab(fault.topology);
  lab = made;
  await made.run(fault.break);
  const vethoscope = vethoscopeIn(made);
  return { made, vethoscope, flow: traceArguments(made.topology, fault.probe) };
};

const rulesOf = async (made: TestLab, chains: string): Promise<string> =>
  (await made.exec(`iptables-save | grep -E '^(:|-A )(${chains})'`)).stdout;

const oneLine = (text: string): string => text.replace(/\s+/g, ' ');

test.each([
  ['nf-netpol-default-deny', 'cali-', 'before the rules of Calico, which may put them first again'],
  ['nf-docker-chains-flushed', 'DOCKER', 'let Docker rebuild its rules (preferred): it cannot be taken back'],
])('%s is mended before the chains of their owner, not in them', async (id, chains, words) => {
  const { made, vethoscope, flow } = await broken(id);
  const [before, theirs] = [await inventoryOf(made), await rulesOf(made, chains)];
  expect(theirs).not.toBe('');
  const fixed = await vethoscope(['fix', ...flow, '--apply']);
  expect(fixed.exitCode, fixed.stdout + fixed.stderr).toBe(EXIT.ok);
  expect(oneLine(fixed.stdout)).toContain(words);
  expect(await rulesOf(made, chains)).toBe(theirs);
  expect(await rulesOf(made, 'FORWARD')).toContain('vethoscope:');
  expect((await vethoscope(['undo', '--last'])).exitCode).toBe(EXIT.ok);
  expect(await inventoryOf(made)).toBe(before);
});

test('the plan names the restart of Docker, its command and what it costs', async () => {
  const { made, vethoscope, flow } = await broken('nf-docker-chains-flushed');
  const before = await inventoryOf(made);
  const plan = await vethoscope(['fix', ...flow, '--dry-run']);
  expect(plan.exitCode).toBe(EXIT.pending);
  expect(oneLine(plan.stdout)).toContain('all containers restart unless live-restore is on');
  expect(plan.stdout).toMatch(/^ {6}systemctl restart docker$/m);
  expect(await inventoryOf(made)).toBe(before);
});

test.each([
  ['svc-rules-missing', [], 'restart kube-proxy on this node', 'new ones to services fail until its rules are there'],
  [
    'br-no-ip',
    [
      'ip addr add 192.168.0.1/24 dev br0',
      'nft add table inet kube-proxy',
      "nft add chain inet kube-proxy filter-forward '{ type filter hook forward priority 0; policy accept; }'",
      'nft add rule inet kube-proxy filter-forward ip saddr 192.168.0.2 drop',
    ],
    'let kube-proxy accept this: its table is written by it alone',
    'while kube-proxy restarts, connections that stand go on',
  ],
] as const)(
  '%s: the service to restart is named with its cost, and nothing is written into its chains',
  async (id, more, service, cost) => {
    const { made, vethoscope, flow } = await broken(id);
    await made.run(more);
    const before = await inventoryOf(made);
    const told = await vethoscope(['fix', ...flow, '--apply']);
    expect(told.exitCode, told.stdout + told.stderr).toBe(EXIT.fault);
    expect(oneLine(told.stdout)).toContain(service);
    expect(oneLine(told.stdout)).toContain(cost);
    expect(await inventoryOf(made)).toBe(before);
  },
);
