import { expect, test } from 'vitest';
import { labForTest, type TestLab } from '../helpers/lab.js';
import { brokenRoles, runOf } from '../helpers/trace.js';

const OWN = 'fd00:1::2';

/** The container gets its address anew, and asks whether another machine has it. */
const ADDRESS_ANEW = [
  `ip -6 -n net1 addr del ${OWN}/64 dev eth0`,
  'ip netns exec net1 sysctl -qw net.ipv6.conf.eth0.accept_dad=1',
  `ip -6 -n net1 addr add ${OWN}/64 dev eth0`,
  'ip -6 -n net1 route replace default via fd00:1::1',
  'for i in $(seq 50); do ip -6 -n net1 addr show dadfailed | grep -q fd00 && break; sleep 0.1; done',
];

const trace = async (lab: TestLab) => runOf(await lab.trace([lab.topology.target, lab.topology.destination]));

const expectFailed = async (lab: TestLab): Promise<void> => {
  const { diagnosis, findings, ...run } = await trace(lab);
  expect(diagnosis).toMatchObject({ status: 'fault', cause: 'ip6-dad-failed', direction: 'forward' });
  expect(brokenRoles({ diagnosis, findings, ...run })).toBe('bridge–uplink');
  expect(findings[0]?.evidence.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['read', 'seen', 'kernel']));
};

test('a container whose address another one has sends from its link-local address, which no router forwards', async () => {
  const lab = await labForTest('ipv6');
  await lab.run([
    'ip netns add twin',
    'ip link add veth9_p type veth peer name eth0 netns twin',
    'ip link set veth9_p master br0 up',
    'ip -n twin link set eth0 up',
    `ip -6 -n twin addr add ${OWN}/64 dev eth0 nodad`,
    ...ADDRESS_ANEW,
  ]);
  await expectFailed(lab);
});

test('so does one that hears its own question, until it gets the address with nodad', async () => {
  const lab = await labForTest('ipv6');
  await lab.run([
    'bridge link set dev veth1_p hairpin on',
    'for c in all eth0; do ip netns exec net1 sysctl -qw net.ipv6.conf.$c.enhanced_dad=0; done',
    ...ADDRESS_ANEW,
  ]);
  await expectFailed(lab);
  await lab.run([
    `ip -6 -n net1 addr del ${OWN}/64 dev eth0`,
    `ip -6 -n net1 addr add ${OWN}/64 dev eth0 nodad`,
    'ip -6 -n net1 route replace default via fd00:1::1',
  ]);
  expect((await trace(lab)).diagnosis).toMatchObject({ status: 'ok', cause: null });
});
