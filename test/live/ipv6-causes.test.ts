import { afterAll, beforeAll, expect, test } from 'vitest';
import { rightCauses } from '../../src/lab/fault.js';
import { faults } from '../../src/lab/faults/index.js';
import type { Run } from '../../src/model/run.js';
import { DESTINATION6, dualStack } from '../helpers/dual-stack.js';
import { openLab, type TestLab } from '../helpers/lab.js';
import { brokenRoles, runOf } from '../helpers/trace.js';

/** Drops IPv6 (TC_ACT_SHOT) and passes everything else. @see tc-bpf(8) */
const CLASSIC_DROP_IPV6 = '4,40 0 0 12,21 0 1 34525,6 0 0 2,6 0 0 4294967295';
const WRONG_MAC = '02:00:5e:00:53:99';

interface Second {
  /** The lab's fault, of which this is the same for IPv6. */
  readonly id: string;
  readonly break: string;
  readonly undo: string;
  readonly args?: readonly string[];
}

const tc = (device: string, side: 'ingress' | 'egress'): Pick<Second, 'break' | 'undo'> => ({
  break: `tc qdisc add dev ${device} clsact && tc filter add dev ${device} ${side} bpf direct-action bytecode '${CLASSIC_DROP_IPV6}'`,
  undo: `tc qdisc del dev ${device} clsact`,
});

const SECOND: readonly Second[] = [
  {
    id: 'ctr-mtu-low-df',
    break: 'ip -n net1 link set eth0 mtu 1300',
    undo: 'ip -n net1 link set eth0 mtu 1500',
    args: ['--size', '1357', '--df'],
  },
  {
    id: 'ctr-ttl-1',
    break: 'ip netns exec net1 sysctl -qw net.ipv6.conf.eth0.hop_limit=1',
    undo: 'ip netns exec net1 sysctl -qw net.ipv6.conf.eth0.hop_limit=64',
  },
  { id: 'veth-tc-ingress-bpf-drop', ...tc('veth1_p', 'ingress') },
  { id: 'veth-tc-egress-bpf-drop', ...tc('veth1_p', 'egress') },
  { id: 'uplink-tc-ingress-drop', ...tc('eth0', 'ingress') },
  {
    id: 'host-ttl-mangle',
    break: 'ip6tables -t mangle -A PREROUTING -i br0 -j HL --hl-set 1',
    undo: 'ip6tables -t mangle -F PREROUTING',
  },
  {
    id: 'nf-limit-drop',
    break:
      'ip6tables -A FORWARD -i br0 -m limit --limit 2/s --limit-burst 1 -j ACCEPT && ip6tables -A FORWARD -i br0 -j DROP',
    undo: 'ip6tables -F FORWARD',
  },
  {
    id: 'nf-statistic-random',
    break: 'ip6tables -A FORWARD -i br0 -m statistic --mode random --probability 0.5 -j DROP',
    undo: 'ip6tables -F FORWARD',
    args: ['--count', '30'],
  },
  {
    id: 'nf-netdev-ingress-drop',
    break:
      "nft add table netdev edge && nft add chain netdev edge in '{ type filter hook ingress device eth0 priority 0; }' && nft add rule netdev edge in icmpv6 type echo-reply counter drop",
    undo: 'nft delete table netdev edge',
  },
  {
    id: 'ctr-gw-stale-mac',
    break: `ip -n net1 -6 neigh replace 2001:db8:1::1 lladdr ${WRONG_MAC} dev eth0 nud permanent`,
    undo: 'ip -n net1 -6 neigh del 2001:db8:1::1 dev eth0',
  },
  {
    id: 'host-neigh-permanent-wrong',
    break: `ip -6 neigh replace 2001:db8:1::2 lladdr ${WRONG_MAC} dev br0 nud permanent`,
    undo: 'ip -6 neigh del 2001:db8:1::2 dev br0',
  },
];

let lab: TestLab;
const trace = async (args: readonly string[] = []): Promise<Run> =>
  runOf(await lab.trace(['net1', DESTINATION6, ...args]));

beforeAll(async () => {
  lab = await openLab('textbook');
  await lab.run(dualStack);
});

afterAll(() => lab.close());

test.each(SECOND)('$id, for IPv6', async ({ id, args, ...commands }) => {
  const fault = faults.find((one) => one.id === id);
  if (!fault) throw new Error(`no fault ${id}`);
  await lab.run([`ip netns exec net1 ping -6 -q -c 2 -W 2 ${DESTINATION6}`, commands.break]);
  const run = await trace(args).finally(() => lab.run([commands.undo]));
  expect(run.flow.family).toBe(6);
  expect(rightCauses(fault)).toContain(run.diagnosis.cause);
  expect(run.diagnosis.direction).toBe(fault.expect.way);
  expect(brokenRoles(run)).toBe(fault.expect.link.join('–'));
});

test('all of them mended, it works', async () => {
  expect((await trace()).diagnosis).toMatchObject({ status: 'ok', cause: null });
});
