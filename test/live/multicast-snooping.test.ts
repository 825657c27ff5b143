import { expect, test } from 'vitest';
import { faults } from '../../src/lab/faults/index.js';
import { labForTest, type TestLab } from '../helpers/lab.js';
import { brokenRoles, runOf } from '../helpers/trace.js';

const CAUSE = 'ip6-mcast-snooping-no-mld';

const trace = async (lab: TestLab) => runOf(await lab.trace([lab.topology.target, lab.topology.destination]));

const GROUP_OF_NET1 = 'ff02::1:ff00:2';
/** A querier of its own, which waits half a second before it is believed. */
const QUERIER = [
  'ip link set br0 type bridge mcast_query_interval 100 mcast_query_response_interval 50',
  'ip link set br0 type bridge mcast_querier 1',
];
/** The container knows its gateway for good, else its own question would tell the host where it is. */
const ASKED_BY_THE_HOST = [
  `ip -6 -n net1 neigh replace fd00:1::1 lladdr $(ip -br link show br0 | awk '{print $3}') dev eth0 nud permanent`,
  'ip -6 neigh flush dev br0',
];

test('the host that asks for the container in vain loses the answers on the way back', async () => {
  const lab = await labForTest('ipv6');
  await lab.run([
    'ip netns exec net1 ip6tables -A OUTPUT -p icmpv6 --icmpv6-type 143 -j DROP',
    'ip netns exec net1 ip6tables -A OUTPUT -p icmpv6 --icmpv6-type 131 -j DROP',
    ...QUERIER,
    `bridge mdb del dev br0 port veth1_p grp ${GROUP_OF_NET1} 2>/dev/null || true`,
    'sleep 1',
    ...ASKED_BY_THE_HOST,
  ]);
  const run = await trace(lab);
  expect(run.diagnosis).toMatchObject({ status: 'fault', cause: CAUSE, direction: 'return' });
  expect(brokenRoles(run)).toBe('bridge–uplink');
  expect(run.findings[0]?.title).toBe(`br0 snoops multicast and does not send ${GROUP_OF_NET1} to veth1_p`);

  await lab.run(['bridge link set dev veth1_p mcast_router 2', 'ip -6 neigh flush dev br0']);
  expect((await trace(lab)).diagnosis).toMatchObject({ status: 'ok', cause: null });
});

/** A switch with a querier on a third port: of IPv4, and where it has an IPv6 address at once, of IPv6. */
const querierElsewhere = (disableIpv6: 0 | 1): readonly string[] => [
  'ip netns add net3',
  `for c in all default; do ip netns exec net3 sysctl -qw net.ipv6.conf.$c.accept_dad=0 net.ipv6.conf.$c.disable_ipv6=${disableIpv6}; done`,
  'ip link add veth3_p type veth peer name eth0 netns net3',
  'ip link set veth3_p master br0 up',
  'ip -n net3 link add br3 type bridge mcast_query_response_interval 50 mcast_startup_query_interval 100',
  'ip -n net3 link set eth0 master br3 up',
  'ip -n net3 link set br3 up',
  'ip -n net3 link set br3 type bridge mcast_querier 1',
  'for i in $(seq 50); do bridge -d mdb show | grep -q "router ports on br0: veth3_p" && break; sleep 0.1; done',
  ...[131, 143].map((type) => `ip netns exec net2 ip6tables -A OUTPUT -p icmpv6 --icmpv6-type ${type} -j DROP`),
  'bridge mdb del dev br0 port veth2_p grp ff02::1:ff00:3 2>/dev/null || true',
  'sleep 2',
  'ip -6 -n net1 neigh flush all',
];

test('a querier elsewhere on the network keeps the question back as well', async () => {
  const lab = await labForTest('two-containers-ipv6');
  await lab.run(querierElsewhere(0));
  const run = await trace(lab);
  expect(run.diagnosis).toMatchObject({ status: 'fault', cause: CAUSE, direction: 'forward' });
  expect(brokenRoles(run)).toBe('socket–container');
  expect(run.findings[0]?.evidence.map(({ text }) => text)).toContain(
    'br0: mcast_snooping 1, and another querier behind veth3_p',
  );
});

test('a querier of IPv4 alone keeps nothing of IPv6 back', async () => {
  const lab = await labForTest('two-containers-ipv6');
  await lab.run(querierElsewhere(1));
  expect((await trace(lab)).diagnosis).toMatchObject({ status: 'ok', cause: null });
});

test('it is repaired by the command that is named', async () => {
  const lab = await labForTest('two-containers-ipv6');
  const fault = faults.find(({ id }) => id === CAUSE);
  await lab.run(fault?.break ?? []);
  const [remedy] = (await trace(lab)).findings[0]?.remedies ?? [];
  expect(remedy?.commands).toEqual([['ip', 'link', 'set', 'br0', 'type', 'bridge', 'mcast_snooping', '0']]);
  await lab.run(remedy?.commands.map((command) => command.join(' ')) ?? []);
  expect((await trace(lab)).diagnosis).toMatchObject({ status: 'ok', cause: null });
});
