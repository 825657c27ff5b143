import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLab, PROGRAM, type TestLab } from '../helpers/lab.js';
import { runOf } from '../helpers/trace.js';

let lab: TestLab;

beforeAll(async () => {
  lab = await openLab('flannel-vxlan');
});
afterAll(() => lab.close());

const trace = async (...args: readonly string[]) => runOf(await lab.trace(['net1', lab.topology.destination, ...args]));

describe('--peer', () => {
  test('sees every packet of a healthy flow on both hosts', async () => {
    const { diagnosis, evidence } = await trace('--peer', 'netns:node2');
    expect(diagnosis.status).toBe('ok');
    expect(evidence?.peer?.hops.map(({ role, ifname }) => `${role} ${ifname}`)).toEqual([
      'uplink eth0',
      'tunnel flannel.1',
      'bridge br0',
    ]);
    for (const hop of ['p0', 'p1', 'p2'])
      for (const kind of ['request', 'reply'])
        expect(
          evidence?.peer?.sightings.filter((one) => one.hop === hop && one.kind === kind).length,
          `${hop} ${kind}`,
        ).toBeGreaterThanOrEqual(3);
  });

  test('names what the other host does, which without it is only not this host’s', async () => {
    await lab.run(['ip netns exec node2 iptables -A INPUT -p udp --dport 8472 -j DROP']);
    try {
      const alone = await trace();
      expect(alone.diagnosis.cause).toBe('ovl-underlay-blocked');
      expect(alone.evidence?.before).not.toHaveProperty('peer');
      const both = await trace('--peer', 'netns:node2');
      expect(both.diagnosis).toMatchObject({ cause: 'ovl-udp-port-blocked', confidence: 'certain' });
      expect(both.diagnosis.title).toMatch(/^node2 drops UDP 8472: .*INPUT rule 1$/);
      expect(both.findings[0]).toMatchObject({ netns: 'peer', rank: 'root' });
    } finally {
      await lab.run(['ip netns exec node2 iptables -F INPUT']);
    }
  });

  test('announces what it reads and captures there, and runs none of it in a dry run', async () => {
    const plan = await lab.exec([
      ...[...PROGRAM, 'trace', 'net1', lab.topology.destination],
      ...['--peer', 'netns:node2', '--dry-run'],
    ]);
    expect(plan.exitCode).toBe(0);
    expect(plan.stdout).toMatch(/read the state of node2/);
    expect(plan.stdout).toMatch(/capture on flannel\.1 of node2/);
  });

  test.each([
    ['a host on this side', ['--peer', 'netns:net1'], /net1 is on this side of the path/],
    ['a name that there is none of', ['--peer', 'netns:node3'], /no network namespace/],
    ['a flow that comes in', ['--peer', 'netns:node2', '--inbound'], /--peer belongs to a probe that leaves this host/],
  ])('refuses %s', async (_, args, message) => {
    const told = await lab.exec([...PROGRAM, 'trace', 'net1', lab.topology.destination, ...args]);
    expect(told.exitCode).toBe(2);
    expect(told.stderr).toMatch(message);
  });
});
