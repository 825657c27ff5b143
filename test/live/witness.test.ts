import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { clockToEpochNs, sampledOffset } from '../../src/host/clock.js';
import { randomBelow } from '../../src/host/random.js';
import type { KernelDrop } from '../../src/model/evidence.js';
import { lostEventsLimit } from '../../src/witness/kernel-drops.js';
import { startWitness } from '../../src/witness/start-witness.js';
import { labForTest } from '../helpers/lab.js';
import { witnessRun } from '../helpers/witness.js';

/** What the kernel says of each cause on Linux 6.18, and where that is. */
const causes: readonly {
  readonly name: string;
  readonly break: readonly string[];
  readonly undo: readonly string[];
  readonly drop: Partial<KernelDrop>;
}[] = [
  {
    name: 'forwarding is off',
    break: ['sysctl -qw net.ipv4.ip_forward=0'],
    undo: ['sysctl -qw net.ipv4.ip_forward=1'],
    drop: {
      reason: 'IP_INADDRERRORS',
      function: 'ip_error',
      device: 'br0',
      netns: 'router',
      link: 'h3-h4',
      stage: 'route',
    },
  },
  {
    name: 'a rule drops in FORWARD',
    break: ['iptables -A FORWARD -s 192.168.0.2 -j DROP'],
    undo: ['iptables -F FORWARD'],
    drop: { reason: 'NETFILTER_DROP', function: 'nft_do_chain', device: 'br0', netns: 'router', link: 'h3-h4' },
  },
  {
    name: 'a rule drops the reply in FORWARD',
    break: ['iptables -A FORWARD -d 192.168.0.2 -j DROP'],
    undo: ['iptables -F FORWARD'],
    drop: { function: 'nft_do_chain', device: 'eth0', netns: 'router', way: 'return', link: 'h3-h4' },
  },
  {
    name: 'the bridge is down',
    break: ['ip link set br0 down'],
    undo: ['ip link set br0 up'],
    drop: { function: 'br_handle_frame', device: 'veth1_p', netns: 'router', link: 'h2-h3', stage: 'bridge-port' },
  },
  {
    name: 'a blackhole route',
    break: ['ip route add blackhole 203.0.113.5'],
    undo: ['ip route del blackhole 203.0.113.5'],
    drop: { reason: 'NOT_SPECIFIED', function: 'ip_error', device: 'br0', link: 'h3-h4', stage: 'route' },
  },
  {
    name: 'the reverse path filter',
    break: ['ip route add 192.168.0.2/32 via 198.51.100.1 dev eth0', 'sysctl -qw net.ipv4.conf.all.rp_filter=1'],
    undo: ['ip route del 192.168.0.2/32', 'sysctl -qw net.ipv4.conf.all.rp_filter=0'],
    drop: { reason: 'IP_RPFILTER', function: 'ip_rcv_finish_core', device: 'br0', netns: 'router', link: 'h3-h4' },
  },
  {
    name: "a rule drops in the container's INPUT",
    break: ['ip netns exec net1 iptables -A INPUT -p icmp -j DROP'],
    undo: ['ip netns exec net1 iptables -F INPUT'],
    drop: {
      reason: 'NETFILTER_DROP',
      device: 'eth0',
      netns: 'target',
      way: 'return',
      link: 'h0-h1',
      stages: ['prerouting', 'input'],
    },
  },
  {
    name: 'the queue of the uplink is full',
    break: ['tc qdisc add dev eth0 root tbf rate 8kbit burst 100 limit 100'],
    undo: ['tc qdisc del dev eth0 root'],
    drop: { device: 'eth0', netns: 'router', way: 'forward', link: 'h3-h4', stage: 'qdisc' },
  },
];

test('names reason, function, device and link of each drop, for every probe', async () => {
  const lab = await labForTest('textbook');
  for (const cause of causes) {
    await lab.run(cause.break);
    const run = await witnessRun(lab);
    expect(run.probe.answered, cause.name).toBe(0);
    expect(run.drops, cause.name).toMatchObject([
      { probe: 1, ...cause.drop },
      { probe: 2, ...cause.drop },
    ]);
    expect(run.dropsWithoutCaptures, `${cause.name}, without captures`).toMatchObject([
      { probe: 1, ...cause.drop },
      { probe: 2, ...cause.drop },
    ]);
    for (const drop of run.dropsWithoutCaptures)
      expect(drop, `${cause.name}, by its sender`).not.toHaveProperty('likely');
    expect(run.witnessed.lost).toBe(0);
    await lab.run(cause.undo);
    const healthy = await witnessRun(lab);
    expect(healthy.probe.answered, `${cause.name}, mended`).toBe(2);
    expect(healthy.drops, `${cause.name}, mended`).toEqual([]);
  }
});

test('the clock that is measured is never ahead of the one that the kernel tells, and near it', () => {
  const behindNs = Number(clockToEpochNs() - sampledOffset());
  expect(behindNs).toBeGreaterThan(-2_000);
  expect(behindNs).toBeLessThan(1_000_000);
});

test.each([
  [
    'prerouting',
    'h3-h4',
    'sysctl -qw net.bridge.bridge-nf-call-iptables=0 || true; iptables -t raw -A PREROUTING -p icmp -j DROP',
  ],
  ['forward', 'h3-h4', 'iptables -A FORWARD -p icmp -j DROP'],
  ['postrouting', 'h3-h4', 'iptables -t mangle -A POSTROUTING -p icmp -j DROP'],
  ['input', 'h0-h1', 'ip netns exec net1 iptables -A INPUT -p icmp -j DROP'],
  ['output', 'h0-h1', 'ip netns exec net1 iptables -A OUTPUT -p icmp -j DROP'],
])('with stacks the hook is exact: %s', async (stage, link, rule) => {
  const lab = await labForTest('textbook');
  await lab.run([rule]);
  const run = await witnessRun(lab, { stacks: true });
  expect(run.drops).toMatchObject([
    { probe: 1, function: 'nft_do_chain', stage, stages: [stage], link },
    { probe: 2, function: 'nft_do_chain', stage, stages: [stage], link },
  ]);
});

test("a drop in the container's own OUTPUT is known by the process that sends", async () => {
  const lab = await labForTest('textbook');
  await lab.run(['ip netns exec net1 iptables -A OUTPUT -p icmp -j DROP']);
  const run = await witnessRun(lab);
  const drop = { reason: 'NETFILTER_DROP', netns: 'target', link: 'h0-h1', stages: ['output', 'postrouting'] };
  expect(run.drops).toMatchObject([
    { probe: 1, ...drop },
    { probe: 2, ...drop },
  ]);
});

test('never blames what happens outside the namespaces of the path', async () => {
  const lab = await labForTest('textbook');
  await lab.run(['ip netns exec outside iptables -A INPUT -p icmp -j DROP']);
  const run = await witnessRun(lab);
  expect(run.probe.answered).toBe(0);
  expect(run.witnessed.events.some((event) => event.kind === 'free' && event.location.startsWith('nft_do_chain'))).toBe(
    true,
  );
  expect(run.drops).toEqual([]);
  expect(run.dropsWithoutCaptures).toEqual([]);
});

test('never uses a drop of the same length in other namespaces with the same interface names', async () => {
  const [lab, other] = await Promise.all([labForTest('textbook'), labForTest('textbook')]);
  const decoy = async (size: number): Promise<void> => {
    const ping = ['ping', '-q', '-n', '-c', '150', '-i', '0.001', '-W', '0.1', '-s', `${size}`, '203.0.113.5'];
    await other.exec(ping, { netns: 'net1' });
  };
  await other.run(['sysctl -qw net.ipv4.ip_forward=0']);
  const healthy = await witnessRun(lab, { during: decoy, count: 10 });
  const decoyDrops = healthy.witnessed.events.filter(
    (event) => event.kind === 'free' && event.location.startsWith('ip_error'),
  );
  expect(decoyDrops.length).toBeGreaterThan(20);
  expect(healthy.probe.answered).toBe(10);
  expect(healthy.drops).toEqual([]);

  await lab.run(['ip netns exec outside iptables -A INPUT -p icmp -j DROP']);
  const lostOutside = await witnessRun(lab, { during: decoy, count: 10 });
  expect(lostOutside.probe.answered).toBe(0);
  expect(lostOutside.drops).toEqual([]);
  expect(lostOutside.dropsWithoutCaptures).toEqual([]);

  await lab.run(['ip netns exec outside iptables -F INPUT', 'iptables -A FORWARD -s 192.168.0.2 -j DROP']);
  const broken = await witnessRun(lab, { during: decoy, count: 10 });
  expect(broken.probe.answered).toBe(0);
  expect(broken.drops.length).toBeGreaterThanOrEqual(5);
  for (const drop of broken.drops) expect(drop.function).toBe('nft_do_chain');
});

test('a packet that waits in vain for its neighbour is dropped seconds later, and still ours', async () => {
  const lab = await labForTest('textbook');
  await lab.run(['ip netns exec outside ip link set up0 arp off', 'ip neigh flush dev eth0']);
  const run = await witnessRun(lab, { lingerMs: 3500 });
  expect(run.drops).toMatchObject([
    { probe: 1, function: 'neigh_invalidate', reason: 'NEIGH_FAILED', link: 'h3-h4', stage: 'neighbour' },
    { probe: 2, function: 'neigh_invalidate', reason: 'NEIGH_FAILED', link: 'h3-h4', stage: 'neighbour' },
  ]);
});

test('follows IPv6 as well', async () => {
  const lab = await labForTest('textbook');
  await lab.run([
    'ip addr add 2001:db8:1::1/64 dev br0 nodad',
    'ip addr add 2001:db8:2::10/64 dev eth0 nodad',
    'ip netns exec net1 ip addr add 2001:db8:1::2/64 dev eth0 nodad',
    'ip netns exec net1 ip route add default via 2001:db8:1::1',
    'ip netns exec outside ip addr add 2001:db8:2::1/64 dev up0 nodad',
    'ip netns exec outside ip route add 2001:db8:1::/64 via 2001:db8:2::10',
    'sysctl -qw net.ipv6.conf.all.forwarding=1',
    'ip netns exec net1 ping -6 -q -c 1 -W 3 2001:db8:2::1',
  ]);
  const flow = { family: 6, source: '2001:db8:1::2', destination: '2001:db8:2::1' } as const;
  const healthy = await witnessRun(lab, flow);
  expect(healthy.probe.answered).toBe(2);
  expect(healthy.drops).toEqual([]);
  await lab.run(['sysctl -qw net.ipv6.conf.all.forwarding=0']);
  const off = await witnessRun(lab, flow);
  const drop = { function: 'ip6_forward', reason: 'IP_INADDRERRORS', device: 'br0', link: 'h3-h4' };
  expect(off.drops).toMatchObject([
    { probe: 1, ...drop },
    { probe: 2, ...drop },
  ]);
});

test('a TCP segment is recognised by its times, which is only likely', async () => {
  const lab = await labForTest('textbook');
  await lab.serve('outside', '203.0.113.5', 80);
  const script = fileURLToPath(new URL('../../dist/tcp-probe.js', import.meta.url));
  const healthy = await witnessRun(lab, { tcpPort: 80, tcpScript: script });
  expect(healthy.probe.answered).toBe(2);
  expect(healthy.drops).toEqual([]);
  await lab.run(['iptables -A FORWARD -p tcp --dport 80 -j DROP']);
  const run = await witnessRun(lab, { tcpPort: 80, tcpScript: script });
  expect(run.drops).toMatchObject([
    { probe: 1, function: 'nft_do_chain', link: 'h3-h4', likely: true },
    { probe: 2, function: 'nft_do_chain', link: 'h3-h4', likely: true },
  ]);
});

/** Sends UDP datagrams for as many seconds, 100 bytes each, as fast as it can. Prints how many a second that were. */
const FLOOD = `
use IO::Socket::INET;
use Time::HiRes 'time';
my $socket = IO::Socket::INET->new(Proto => 'udp', PeerAddr => '203.0.113.5', PeerPort => 9) or die $!;
my ($began, $sent, $data) = (time, 0, 'x' x 100);
while (time - $began < $ARGV[0]) { for (1 .. 100) { $sent += defined $socket->send($data) } }
print int($sent / (time - $began));
`;

test.each([
  ['passes', []],
  ['is dropped too', ['iptables -A FORWARD -p udp -j DROP']],
])('other traffic at full rate, which %s, does not blind it', async (_, rules) => {
  const [lab, other] = await Promise.all([labForTest('textbook'), labForTest('textbook')]);
  await other.run(rules);
  await lab.run(['iptables -A FORWARD -p icmp -j DROP']);
  const flood = other.exec(['perl', '-e', FLOOD, '3'], { netns: 'net1' });
  const run = await witnessRun(lab, { count: 10 });
  expect(Number((await flood).stdout)).toBeGreaterThan(20_000);
  if (run.witnessed.lost === 0) expect(run.drops).toHaveLength(10);
  else expect(lostEventsLimit(run.witnessed)?.why).toContain('events were lost');
  expect(run.drops.length).toBeGreaterThan(0);
  for (const drop of run.drops) expect(drop).toMatchObject({ function: 'nft_do_chain', link: 'h3-h4' });
  expect(run.witnessed.events.length).toBeLessThan(200);
});

test('what is received without its Ethernet header is not taken for a packet that is longer by one', async () => {
  const lab = await labForTest('textbook');
  const seen = async (bytes: number): Promise<readonly string[]> => {
    const asked = { lengths: [LENGTH], devices: [], family: 4, protocol: 'icmp' } as const;
    const witness = await startWitness(asked);
    if ('unavailable' in witness) throw new Error(witness.unavailable.why);
    await lab.run([`ip netns exec net1 ping -q -c 3 -i 0.02 -s ${bytes - 28} 203.0.113.5`]);
    const { events } = await witness.stop();
    await witness.gone;
    return [...new Set(events.map(({ kind }) => kind))].sort();
  };
  const LENGTH = 2 * randomBelow(100) + 1001;
  expect(await seen(LENGTH)).toEqual(['queue', 'receive', 'xmit']);
  expect(await seen(LENGTH + 14)).toEqual([]);
});
