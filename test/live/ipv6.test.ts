import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Run } from '../../src/model/run.js';
import { DESTINATION6, dualStack, SOURCE6 } from '../helpers/dual-stack.js';
import { openLab, type TestLab } from '../helpers/lab.js';
import { brokenRoles, runOf } from '../helpers/trace.js';

let lab: TestLab;
const trace = async (destination: string): Promise<Run> => runOf(await lab.trace(['net1', destination]));

const ICMP = DESTINATION6;
const TCP = `tcp://[${DESTINATION6}]:80`;

beforeAll(async () => {
  lab = await openLab('textbook');
  await lab.run(dualStack);
  await lab.serve('outside', DESTINATION6, 80);
});

afterAll(() => lab.close());

test.each([ICMP, TCP])('%s is followed over every hop, there and back', async (destination) => {
  const run = await trace(destination);
  expect(run.flow).toMatchObject({ family: 6, source: SOURCE6 });
  expect(run.diagnosis).toMatchObject({ status: 'ok', cause: null });
  for (const { captured, forward, return: back } of run.path.hops)
    if (captured)
      expect([forward, back]).toEqual([
        { seen: 3, of: 3 },
        { seen: 3, of: 3 },
      ]);
});

const broken: readonly {
  readonly name: string;
  readonly break: string;
  readonly undo: string;
  readonly cause: string;
  readonly link: string;
  readonly way?: 'return';
}[] = [
  {
    name: 'forwarding is off for IPv6 alone',
    break: 'sysctl -qw net.ipv6.conf.all.forwarding=0',
    undo: 'sysctl -qw net.ipv6.conf.all.forwarding=1; ip -6 route replace default via 2001:db8:2::1',
    cause: 'ip6-forwarding-off',
    link: 'bridge–uplink',
  },
  {
    name: 'a rule drops the request',
    break: `ip6tables -A FORWARD -s ${SOURCE6} -j DROP`,
    undo: 'ip6tables -F FORWARD',
    cause: 'nf-rule-drop',
    link: 'bridge–uplink',
  },
  {
    name: 'a rule drops the reply',
    break: `ip6tables -A FORWARD -d ${SOURCE6} -j DROP`,
    undo: 'ip6tables -F FORWARD',
    cause: 'nf-rule-drop',
    link: 'bridge–uplink',
    way: 'return',
  },
  {
    name: 'the host has no route',
    break: 'ip -6 route del default',
    undo: 'ip -6 route add default via 2001:db8:2::1',
    cause: 'host-no-default-route',
    link: 'bridge–uplink',
  },
  {
    name: 'the container has no route',
    break: 'ip netns exec net1 ip -6 route del default',
    undo: 'ip netns exec net1 ip -6 route add default via 2001:db8:1::1',
    cause: 'ctr-no-default-route',
    link: 'socket–container',
  },
  {
    name: 'the next hop answers no neighbour solicitation',
    break: 'ip -6 route replace default via 2001:db8:2::99',
    undo: 'ip -6 route replace default via 2001:db8:2::1; ip -6 neigh flush dev eth0',
    cause: 'uplink-no-neighbour',
    link: 'bridge–uplink',
  },
];

for (const fault of broken) {
  test.each(fault.cause === 'nf-rule-drop' ? [ICMP, TCP] : [ICMP])(`${fault.name}: %s`, async (destination) => {
    await lab.run([fault.break]);
    const run = await trace(destination).finally(() => lab.run([fault.undo]));
    expect(run.diagnosis).toMatchObject({
      status: 'fault',
      cause: fault.cause,
      direction: fault.way ?? 'forward',
    });
    expect(brokenRoles(run)).toBe(fault.link);
    expect(['certain', 'likely']).toContain(run.diagnosis.confidence);
  });
}
