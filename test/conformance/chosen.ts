import type { TestCase, TestPacket } from './random-case.js';

/** Cases that chance makes seldom. Each is about one thing that a walk may get wrong. */
const packet = (number: number, given: Partial<TestPacket>): TestPacket => ({
  sender: 'inside',
  family: 4,
  protocol: 'tcp',
  source: '192.168.0.2',
  sourcePort: 10_000 + number,
  destination: '203.0.113.5',
  destinationPort: 80,
  ...given,
});

const both = ['', '-6 '];

/** One default route, forwarding, br_netfilter on. */
const NETWORK: NonNullable<TestCase['network']> = {
  ip: [
    ...both.flatMap((six) => [
      `${six}rule flush`,
      `${six}rule add from all lookup main pref 32766`,
      `${six}rule add from all lookup default pref 32767`,
      `${six}route flush table main proto boot`,
    ]),
    'route add default via 198.51.100.1 metric 9',
    '-6 route add default via 2001:db8:64::1 metric 9',
  ],
  sysctls: [
    'net.ipv4.conf.all.forwarding=1',
    'net.ipv6.conf.all.forwarding=1',
    'net.bridge.bridge-nf-call-iptables=1',
    'net.bridge.bridge-nf-call-ip6tables=1',
  ],
  bridge: [],
};

type Rulesets = TestCase['rulesets'];

const one = (backend: TestCase['backend'], rulesets: Rulesets, ...packets: readonly Partial<TestPacket>[]) => ({
  backend,
  rulesets,
  packets,
});

const bridged: Partial<TestPacket> = { sender: 'ca', source: '192.168.1.2', destination: '192.168.1.3' };

const bridgeCounters = `table bridge frames {
${[
  ['prerouting', -300],
  ['prerouting', 10],
  ['forward', -200],
  ['forward', 10],
  ['input', -200],
]
  .map(
    ([hook, priority], index) => `chain c${index} {
type filter hook ${hook} priority ${priority}; policy accept;
ether daddr 02:00:00:00:01:09 counter
ether daddr 02:00:00:00:02:04 counter
ether daddr 02:00:00:00:02:05 counter
}`,
  )
  .join('\n')}
}
`;

/** Each state of a connection counted, and a translation that only what is tracked has. */
const untracked = `*nat
:PREROUTING ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -d 203.0.113.5 -j DNAT --to-destination 198.51.100.20
COMMIT
*filter
:FORWARD ACCEPT [0:0]
-A FORWARD -m conntrack --ctstate UNTRACKED
-A FORWARD -m conntrack --ctstate NEW
-A FORWARD -m conntrack --ctstate ESTABLISHED
-A FORWARD -m conntrack --ctstate INVALID
COMMIT
`;

const CHOSEN = {
  'the status of a connection is seen behind the rule that translates': one(
    'legacy',
    {
      legacy: `*nat
:PREROUTING ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -d 203.0.113.5 -j DNAT --to-destination 198.51.100.20
-A POSTROUTING -s 192.168.0.0/24 -j SNAT --to-source 198.51.100.10
COMMIT
*filter
:FORWARD ACCEPT [0:0]
-A FORWARD -m conntrack --ctstate DNAT -m conntrack --ctdir ORIGINAL
-A FORWARD -m conntrack ! --ctstate DNAT -j DROP
-A FORWARD -m conntrack --ctstate SNAT
COMMIT
`,
    },
    {},
    { destination: '203.0.113.9' },
  ),
  'the same with nft': one(
    'nftables',
    {
      nftables: `table ip t {
chain pre { type nat hook prerouting priority -100; ip daddr 203.0.113.5 counter dnat to 198.51.100.20; }
chain onward { type filter hook forward priority 0; ct status dnat counter; ct status & dnat == 0 counter drop; }
chain post { type nat hook postrouting priority 100; counter snat to 198.51.100.10; }
chain late { type filter hook postrouting priority 150; ct status snat counter; ct status dnat counter; }
}
`,
    },
    {},
    { destination: '203.0.113.9' },
  ),
  'a mark is changed in the bits of its mask alone': one(
    'legacy',
    {
      legacy: `*mangle
:PREROUTING ACCEPT [0:0]
-A PREROUTING -j MARK --set-xmark 0x5/0xffffffff
-A PREROUTING -j MARK --set-xmark 0x2/0x2
-A PREROUTING -m mark --mark 0x7
-A PREROUTING -j MARK --set-xmark 0x3/0x0
-A PREROUTING -m mark --mark 0x4
-A PREROUTING -j MARK --and-mark 0xc
-A PREROUTING -j MARK --or-mark 0x10
-A PREROUTING -m mark --mark 0x14
-A PREROUTING -m mark ! --mark 0x14 -j DROP
COMMIT
`,
    },
    {},
  ),
  'an answer that nobody asked for begins no connection': one(
    'mixed',
    {
      legacy: `*nat
:PREROUTING ACCEPT [0:0]
-A PREROUTING -j DNAT --to-destination 198.51.100.20
COMMIT
*filter
:FORWARD ACCEPT [0:0]
-A FORWARD -m conntrack --ctstate INVALID
-A FORWARD -m conntrack --ctstate NEW
COMMIT
`,
      nftables: `table ip t {
chain onward { type filter hook forward priority 5; ct state invalid counter; ct state new counter drop; counter; }
}
`,
    },
    { isUnasked: true },
    { destination: '203.0.113.9', isUnasked: true },
  ),
  'notrack on a bridge before conntrack of IP spares the packet, after it no more': one(
    'legacy',
    {
      legacy: untracked,
      frames: `table bridge frames {
chain early { type filter hook prerouting priority -300; ip saddr 192.168.1.2 ip protocol tcp counter notrack; }
chain late { type filter hook prerouting priority 10; ip saddr 192.168.1.2 ip protocol udp counter notrack; }
chain up { type filter hook input priority 0; ip saddr 192.168.1.2 ip protocol icmp counter notrack; }
chain answers { type filter hook prerouting priority -200; ip saddr 192.168.1.3 ip protocol icmp counter notrack; }
}
`,
    },
    { ...bridged, destination: '203.0.113.5' },
    { ...bridged, destination: '203.0.113.5', protocol: 'udp' },
    { ...bridged, destination: '203.0.113.5', protocol: 'icmp' },
    bridged,
    { ...bridged, protocol: 'udp' },
    { ...bridged, protocol: 'icmp' },
    { destination: '192.168.1.3', protocol: 'icmp' },
  ),
  'notrack at a device spares what comes in by it': one(
    'legacy',
    {
      legacy: untracked,
      frames: `table netdev frames {
chain in { type filter hook ingress device in0 priority 0; ip protocol tcp counter notrack; }
chain back { type filter hook ingress device out0 priority 0; ip protocol udp counter notrack; }
chain port { type filter hook ingress device pa priority 0; ip protocol icmp counter notrack; }
}
`,
    },
    {},
    { protocol: 'udp' },
    { protocol: 'icmp' },
    { ...bridged, protocol: 'icmp' },
    { ...bridged, destination: '203.0.113.5', protocol: 'icmp' },
  ),
  'an answer to a masqueraded neighbour is sent to the bridge': one(
    'legacy',
    {
      legacy: `*nat
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -s 192.168.1.0/24 -j MASQUERADE
COMMIT
`,
      frames: bridgeCounters,
    },
    bridged,
    { ...bridged, protocol: 'udp' },
    { ...bridged, protocol: 'icmp' },
  ),
  'an answer to a neighbour with an address of elsewhere is sent to the bridge': one(
    'legacy',
    {
      legacy: `*nat
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -d 192.168.1.3 -j SNAT --to-source 198.51.100.77
COMMIT
`,
      frames: bridgeCounters,
    },
    bridged,
    { ...bridged, protocol: 'icmp' },
  ),
};

/** Names and cases in the order in which they are played. */
export const chosenCases: readonly (readonly [name: string, chosen: TestCase])[] = Object.entries(CHOSEN).map(
  ([name, { packets, ...rest }], number) => [
    name,
    {
      ...rest,
      family: 4,
      network: NETWORK,
      packets: packets.map((given, index) => packet(number * 10 + index, given)),
    },
  ],
);
