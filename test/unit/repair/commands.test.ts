import { expect, test } from 'vitest';
import { describeCommand, innerOf, withComment } from '../../../src/repair/command.js';
import { inRestoreOrder, restoreCommands, type Wanted } from '../../../src/repair/restore-commands.js';
import { firewallCommands } from '../../../src/repair/restore-firewall.js';

const wanted = (facet: Wanted['facet'], key: string, current: string | null, value: string | null): Wanted => ({
  netns: 'host',
  facet,
  key,
  current,
  wanted: value,
});

const lines = (item: Wanted): readonly string[] => restoreCommands(item).map((argv) => argv.join(' '));

test.each([
  ['ip -n net1 route add default via 192.0.2.1', 'ip route add default via 192.0.2.1'],
  ['ip netns exec net1 iptables -I INPUT 1 -j ACCEPT', 'iptables -I INPUT 1 -j ACCEPT'],
  ['nsenter --net=/proc/7/ns/net sysctl -w net.a=1', 'sysctl -w net.a=1'],
  ['nsenter --net=/proc/7/ns/net -- sysctl -w net.a=1', 'sysctl -w net.a=1'],
  ['bridge -n net1 link set dev v0 isolated off', 'bridge link set dev v0 isolated off'],
])('%s is %s inside', (argv, inner) => {
  expect(innerOf(argv.split(' ')).join(' ')).toBe(inner);
});

test.each([
  'systemctl restart docker',
  'docker network connect bridge web',
  'iptables -P FORWARD ACCEPT',
  'iptables -F',
  'iptables -D FORWARD 1',
  'nft flush ruleset',
  'nft delete rule ip f c handle 3',
  'ip link del veth1',
  'ip link set eth0 address 02:00:00:00:00:01',
  'ip route flush table main',
  'ip route flush cache table 5',
  'ip link set flannel.1 type vxlan id 1 ttl 5',
  'ip link set eth0 type macvlan mode passthru',
  'ip link set br0 type bridge mcast_snooping 2',
  'ip link set br0 type bridge mcast_querier 1',
  'ip neigh flush all',
  'conntrack -F',
  'conntrack -D -p udp --orig-port-dst 7000',
  'conntrack -D -p tcp --orig-src 192.0.2.1 --orig-dst 192.0.2.2 --orig-port-src 1 --orig-port-dst 2',
  'ip neigh replace 192.0.2.1 lladdr 02:00:00:00:00:01 dev eth0',
  'bridge fdb del 02:00:00:00:00:02 dev vxlan0',
  'ebtables -F',
  'ebtables -P FORWARD ACCEPT',
  'ip link set eth0 arp 1',
  'sysctl -w kernel.panic=1',
  'nft insert rule inet f c iifname x;flush accept',
  'nft insert rule inet f c iifname "a accept',
  'sysctl --system',
  'sh -c true',
  '',
])('%j is never run: its change cannot be put back exactly', (argv) => {
  expect(describeCommand(argv.split(' '))).toBeNull();
});

test.each([
  ['ip neigh del 192.0.2.1 dev eth0', 'neighbour 192.0.2.1 on eth0', ['neighbour']],
  ['bridge fdb del 02:00:00:00:00:02 dev v0 master', 'fdb entry 02:00:00:00:00:02 at v0', ['fdb']],
  ['ebtables -t nat -I PREROUTING 1 -p ARP -i v0 -j ACCEPT', 'rule in nat PREROUTING (ebtables)', ['frame-rules']],
  ['arptables -I INPUT -i br0 -j ACCEPT', 'rule in filter INPUT (arptables)', ['frame-rules']],
  ['ip link set eth0 arp on', 'ARP on eth0', ['arp']],
  ['ip link set dev flannel.1 type vxlan id 1 df unset', 'vxlan id 1 df of flannel.1', ['kind-option']],
  ['ip link set eth0 type macvlan mode bridge', 'macvlan mode of eth0', ['kind-option']],
  ['ip link set br0 type bridge mcast_snooping 0', 'bridge mcast_snooping of br0', ['kind-option']],
  ['tc qdisc del dev eth0 root', 'queueing discipline of eth0', ['qdisc']],
  ['ip route flush cache', 'what was learnt of paths', []],
  [
    'conntrack -D -p udp --orig-src 192.0.2.1 --orig-dst 192.0.2.2 --orig-port-src 1 --orig-port-dst 2',
    'conntrack entry of 192.0.2.1 port 1 to 192.0.2.2 port 2',
    [],
  ],
  ['ip -6 route flush cache', 'what was learnt of paths', []],
])('%s can be put back', (argv, subject, scope) => {
  const described = describeCommand(argv.split(' '));
  expect(described).toMatchObject({ subject });
  expect(described?.scope).toEqual(expect.arrayContaining(scope));
});

test('rules of ours carry a comment, inside their namespace too', () => {
  const argv = ['ip', 'netns', 'exec', 'n', 'iptables', '-I', 'INPUT', '1', '-s', '192.0.2.1', '-j', 'ACCEPT'];
  expect(withComment(argv, 'vethoscope:ab:1')?.join(' ')).toBe(
    'ip netns exec n iptables -I INPUT 1 -s 192.0.2.1 -m comment --comment vethoscope:ab:1 -j ACCEPT',
  );
  expect(withComment(['nft', 'insert', 'rule', 'inet', 'f', 'c', 'accept'], 'vethoscope:ab:2')?.at(-1)).toBe(
    '"vethoscope:ab:2"',
  );
  expect(withComment(['sysctl', '-w', 'net.a=1'], 'x')).toBeNull();
});

test.each<readonly [Wanted, readonly string[]]>([
  [wanted('sysctl', 'net.ipv4.ip_forward', '1', '0'), ['sysctl -q -w net.ipv4.ip_forward=0']],
  [wanted('up', 'eth0', 'up', 'down'), ['ip link set dev eth0 down']],
  [
    wanted('kind-option', 'flannel.1 vxlan id 1 df', 'unset', 'set'),
    ['ip link set dev flannel.1 type vxlan id 1 df set'],
  ],
  [wanted('kind-option', 'flannel.1 vxlan id 1 df', null, 'set'), []],
  [wanted('master', 'v0', 'br0', 'none'), ['ip link set dev v0 nomaster']],
  [wanted('master', 'v0', 'none', 'br0'), ['ip link set dev v0 master br0']],
  [wanted('port', 'v0 state', 'forwarding', 'listening'), ['bridge link set dev v0 state 1']],
  [wanted('port', 'v0 state', null, 'listening'), []],
  [wanted('address', 'eth0 192.0.2.5/24', 'scope global', null), ['ip addr del 192.0.2.5/24 dev eth0']],
  [
    wanted('address', 'eth0 10.0.0.1', null, 'peer 10.0.0.2/32 scope global'),
    ['ip addr add 10.0.0.1 peer 10.0.0.2/32 scope global dev eth0'],
  ],
  [
    wanted('route', '6 default nhid 12 via fe80::1 dev eth0 metric 5', null, 'present'),
    ['ip -6 route add default nhid 12 metric 5'],
  ],
  [
    wanted('route', '4 default via 192.0.2.1 dev eth0', 'present', null),
    ['ip -4 route del default via 192.0.2.1 dev eth0'],
  ],
  [
    wanted('rule', '4 100', 'from all lookup 5\nfrom 192.0.2.0/24 lookup 6', 'from all lookup 4\nfrom all lookup 5'),
    [
      'ip -4 rule del pref 100 from all lookup 5',
      'ip -4 rule del pref 100 from 192.0.2.0/24 lookup 6',
      'ip -4 rule add pref 100 from all lookup 4',
      'ip -4 rule add pref 100 from all lookup 5',
    ],
  ],
  [
    wanted('fdb', '02:00:00:00:00:02 dev v0 vlan 10 master br0 static', null, 'present'),
    ['bridge fdb replace 02:00:00:00:00:02 dev v0 vlan 10 master static'],
  ],
  [
    wanted('fdb', '02:00:00:00:00:02 dev vx0 dst 192.0.2.9 self permanent', null, 'present'),
    ['bridge fdb append 02:00:00:00:00:02 dev vx0 dst 192.0.2.9 self permanent'],
  ],
  [wanted('arp', 'eth0', 'on', 'off'), ['ip link set dev eth0 arp off']],
  [
    wanted('frame-rules', 'ebtables-nft filter INPUT', '-p ARP -j ACCEPT\n-p IPv4 -j DROP', '-p IPv4 -j DROP'),
    ['ebtables-nft -t filter -D INPUT 1'],
  ],
  [
    wanted('frame-rules', 'ebtables-nft filter INPUT', '-j A\n-j X\n-j C', '-j A\n-p IPv4 -j B\n-j C'),
    ['ebtables-nft -t filter -D INPUT 2', 'ebtables-nft -t filter -I INPUT 2 -p IPv4 -j B'],
  ],
  [
    wanted('frame-rules', 'arptables-nft filter OUTPUT', '-j ACCEPT -o br0\n-j ACCEPT -o br0', '-j ACCEPT -o br0'),
    ['arptables-nft -t filter -D OUTPUT 2'],
  ],
])('%j is put back', (item, commands) => {
  expect(lines(item)).toEqual(commands);
});

test('a route comes back after its address and link, a global switch before those of interfaces', () => {
  const order = inRestoreOrder([
    wanted('sysctl', 'net.ipv4.conf.br0.forwarding', '1', '0'),
    wanted('sysctl', 'net.ipv4.ip_forward', '1', '0'),
    wanted('route', '4 default via 192.0.2.1 dev eth0', null, 'present'),
    wanted('route', '4 192.0.2.0/24 dev eth0 scope link', null, 'present'),
    wanted('address', 'eth0 192.0.2.5/24', null, ''),
    wanted('up', 'eth0', 'down', 'up'),
  ]);
  expect(order.map(({ key }) => key)).toEqual([
    'eth0',
    'eth0 192.0.2.5/24',
    '4 192.0.2.0/24 dev eth0 scope link',
    '4 default via 192.0.2.1 dev eth0',
    'net.ipv4.ip_forward',
    'net.ipv4.conf.br0.forwarding',
  ]);
});

test('a rule is taken out by its own words or its handle, a chain only when nobody else uses it', () => {
  const saved =
    'iptables-nft nat: -A POSTROUTING -s 192.0.2.0/24 ! -o br0 -m comment --comment "vethoscope:ab:1" -j MASQUERADE';
  expect(firewallCommands(wanted('firewall-rule', 'vethoscope:ab:1', saved, null), '')).toEqual([
    'iptables-nft -w 5 -t nat -D POSTROUTING -s 192.0.2.0/24 ! -o br0 -m comment --comment vethoscope:ab:1 -j MASQUERADE'.split(
      ' ',
    ),
  ]);
  const ruleset = (rules: string) =>
    `table ip nat {\n\tchain P {\n\t\ttype nat hook postrouting priority 0; policy accept;\n${rules}\t}\n}\n`;
  const chain = wanted('nft-chain', 'ip nat P', 'type nat', null);
  expect(firewallCommands(chain, ruleset(''))).toEqual([['nft', 'delete', 'chain', 'ip', 'nat', 'P']]);
  expect(firewallCommands(chain, ruleset('\t\toifname "x" masquerade # handle 4\n'))).toEqual([]);
  const native = 'nft inet fw f: accept comment "vethoscope:ab:2"';
  const listing = 'table inet fw {\n\tchain f {\n\t\taccept comment "vethoscope:ab:2" # handle 9\n\t}\n}\n';
  expect(firewallCommands(wanted('firewall-rule', 'vethoscope:ab:2', native, null), listing)).toEqual([
    ['nft', 'delete', 'rule', 'inet', 'fw', 'f', 'handle', '9'],
  ]);
});
