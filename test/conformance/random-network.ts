import type { Seeded } from '../helpers/seeded.js';

const DEVICES = ['in0', 'br0', 'out0', 'out1'] as const;
const TABLES = ['100', '200'] as const;
const GATEWAYS = ['via 198.51.100.1 dev out0', 'via 198.51.101.1 dev out1'] as const;
const GATEWAYS6 = ['via 2001:db8:64::1 dev out0', 'via 2001:db8:65::1 dev out1'] as const;

const route = (random: Seeded, six: boolean): string => {
  const prefix = six
    ? random.pick(['default', '2001:db8:cb::/64', '2001:db8:cb::5/128', '2001:db8:a::/64'])
    : random.pick([
        'default',
        '203.0.113.0/24',
        '203.0.113.5/32',
        '203.0.113.8/29',
        '192.168.0.0/24',
        '192.168.1.0/24',
      ]);
  const tail = `table ${random.pick(['main', ...TABLES])} metric ${random.below(5) + 1}`;
  if (random.chance(0.2)) {
    const kind = random.pick(['blackhole', 'unreachable', 'prohibit', 'throw'] as const);
    return `route add ${kind} ${prefix} ${tail}`;
  }
  const way = six ? random.pick(GATEWAYS6) : random.pick(GATEWAYS);
  return `route add ${prefix} ${way} ${tail}`;
};

const rule = (random: Seeded, six: boolean): string => {
  const selectors = [
    random.chance(0.15) ? 'not' : '',
    random.chance(0.4)
      ? `from ${six ? random.pick(['2001:db8:a::/64', '2001:db8:b::2']) : random.pick(['192.168.0.0/24', '192.168.1.2', '203.0.113.0/24'])}`
      : 'from all',
    random.chance(0.3) ? `iif ${random.pick([...DEVICES, 'lo'] as [string, ...string[]])}` : '',
    random.chance(0.4) ? `fwmark ${random.pick(['0x1', '0x2/0x2', '0x0/0x1'] as const)}` : '',
    random.chance(0.15) ? `ipproto ${random.pick(['tcp dport 80', 'udp', 'tcp'] as const)}` : '',
  ];
  const action = random.pick([
    'lookup 100',
    'lookup 100',
    'lookup 200',
    'lookup main suppress_prefixlength 0',
    'blackhole',
    'prohibit',
  ] as const);
  return `rule add ${selectors.filter((text) => text !== '').join(' ')} pref ${random.below(900) + 1} ${action}`;
};

const some = (most: number, random: Seeded, make: () => string): string[] =>
  Array.from({ length: random.below(most + 1) }, make);

/** Routes, policy rules, settings and port flags of the world, from a known start. */
export const randomNetwork = (random: Seeded) => {
  const on = (probability: number): 0 | 1 => (random.chance(probability) ? 1 : 0);
  return {
    ip: [
      ...['', '-6 '].flatMap((six) => [
        ...['100', '200'].map((table) => `${six}route flush table ${table}`),
        `${six}rule flush`,
        `${six}rule add from all lookup main pref 32766`,
        `${six}rule add from all lookup default pref 32767`,
      ]),
      'route flush table main proto boot',
      '-6 route flush table main proto boot',
      'route add default via 198.51.100.1 metric 9',
      'route add 10.9.0.0/24 via 192.168.0.2',
      '-6 route add default via 2001:db8:64::1 metric 9',
      ...some(5, random, () => route(random, false)),
      ...some(3, random, () => `-6 ${route(random, true)}`),
      ...some(4, random, () => rule(random, false)),
      ...some(2, random, () => `-6 ${rule(random, true)}`),
    ],
    sysctls: [
      `net.ipv4.conf.all.rp_filter=${random.chance(0.7) ? 0 : random.below(3)}`,
      ...DEVICES.flatMap((dev) => [
        `net.ipv4.conf.${dev}.forwarding=${on(0.92)}`,
        `net.ipv4.conf.${dev}.rp_filter=${random.chance(0.6) ? 0 : random.below(3)}`,
        `net.ipv4.conf.${dev}.src_valid_mark=${on(0.3)}`,
      ]),
      `net.ipv6.conf.all.forwarding=${on(0.92)}`,
      `net.bridge.bridge-nf-call-iptables=${on(0.7)}`,
      `net.bridge.bridge-nf-call-ip6tables=${on(0.7)}`,
    ],
    bridge: [
      ...['pa', 'pb'].flatMap((port) => [
        `link set dev ${port} isolated ${random.chance(0.2) ? 'on' : 'off'} hairpin ${random.chance(0.2) ? 'on' : 'off'}`,
        `link set dev ${port} locked ${random.chance(0.1) ? 'on' : 'off'} learning ${random.chance(0.8) ? 'on' : 'off'}`,
        `link set dev ${port} state ${port === 'pb' && random.chance(0.1) ? random.pick([0, 1, 2, 4]) : 3}`,
      ]),
    ],
  };
};
