import type { Seeded } from '../helpers/seeded.js';
import { toSix } from './to-six.js';

const BRIDGE_HOOKS = ['prerouting', 'input', 'forward', 'output', 'postrouting'] as const;
const DEVICES = ['in0', 'out0', 'out1', 'br0', 'pa', 'pb'] as const;
/** br_netfilter asks the rules of IP at 0. */
const PRIORITIES = [-300, -250, -190, -150, 0, 10, 150] as const;

const not = (random: Seeded): string => (random.chance(0.25) ? '!= ' : '');

const PORTS = ['"pa"', '"pb"', '"p*"', '{ "pa", "x*" }', '"br0"'] as const;
const MACS = ['02:00:00:00:02:04', '02:00:00:00:02:05', '02:00:00:00:01:09'] as const;

const match = (random: Seeded, hook: string): string => {
  const choices: [string, ...string[]] = [
    `ip saddr ${not(random)}${random.pick(['192.168.0.0/24', '192.168.1.2', '192.168.1.3', '203.0.113.5'] as const)}`,
    `ip daddr ${not(random)}${random.pick(['192.168.1.3', '192.168.1.2', '203.0.113.0/24', '192.168.1.1'] as const)}`,
    `meta l4proto ${not(random)}${random.pick(['tcp', 'udp'] as const)}`,
    `tcp dport ${not(random)}${random.pick(['80', '{ 53, 80-90 }', '1-1024'] as const)}`,
    `udp dport ${not(random)}${random.pick(['53', '{ 53, 443 }'] as const)}`,
    `icmp type ${random.pick(['echo-request', 'echo-reply'] as const)}`,
    `tcp flags ${random.pick(['syn', '& (syn|ack) == ack'] as const)}`,
    'ether type ip',
    `meta mark ${not(random)}${random.pick(['0x0', '0x1', '{ 1, 2 }'] as const)}`,
    'meta mark & 0x1 == 0x1',
  ];
  if (BRIDGE_HOOKS.includes(hook as (typeof BRIDGE_HOOKS)[number])) {
    choices.push(`ether saddr ${not(random)}${random.pick(MACS)}`, `ether daddr ${not(random)}${random.pick(MACS)}`);
    choices.push('ether saddr & ff:ff:ff:ff:ff:00 == 02:00:00:00:02:00');
    if (hook !== 'output' && hook !== 'postrouting') choices.push(`iifname ${not(random)}${random.pick(PORTS)}`);
    if (hook !== 'prerouting' && hook !== 'input') choices.push(`oifname ${not(random)}${random.pick(PORTS)}`);
  }
  return random.pick(choices);
};

/** What is marked here is seen by the rules of IP, which look at these bits. */
const MARKS = [
  'meta mark set 0x1',
  'meta mark set meta mark | 0x2',
  'meta mark set 0x0',
  'meta mark set 0x1 accept',
] as const;

const verdict = (random: Seeded, users: readonly string[]): string => {
  const choices: [string, ...string[]] = ['accept', 'drop', 'drop', 'return', 'continue', '', ...MARKS];
  for (const user of users) choices.push(`jump ${user}`, `goto ${user}`);
  return random.pick(choices);
};

/** Own packets alone: neighbour discovery, which the host makes whenever it likes, has another hop limit. */
const OURS = 'ip ttl 30-64';

const rules = (random: Seeded, hook: string, users: readonly string[]): readonly string[] =>
  Array.from({ length: 1 + random.below(3) }, () => {
    const end = verdict(random, users);
    const least = end.startsWith('meta mark set') ? 0 : 1;
    const matches = Array.from({ length: least + random.below(2) }, () => match(random, hook));
    return [OURS, ...matches, 'counter', end].join(' ');
  });

const chain = (random: Seeded, name: string, hook: string, head: string): readonly string[] => {
  const users = random.chance(0.3) ? [`${name}_user`] : [];
  return [
    ...users.flatMap((user) => [`chain ${user} {`, ...rules(random, hook, []), '}']),
    `chain ${name} {`,
    head,
    ...rules(random, hook, users),
    '}',
  ];
};

/** Tables of nft for bridges and devices, as `nft -f` takes them; no two base chains share a hook and a priority, -200 is ebtables'. */
export const randomFrames = (random: Seeded, family: 4 | 6): string => {
  const lines: string[] = [];
  if (random.chance(0.75)) {
    lines.push('table bridge frames {');
    const taken = new Set<string>();
    for (let index = 1 + random.below(3); index > 0; index -= 1) {
      const [hook, priority] = [random.pick(BRIDGE_HOOKS), random.pick(PRIORITIES)];
      if (taken.has(`${hook} ${priority}`)) continue;
      taken.add(`${hook} ${priority}`);
      const head = `type filter hook ${hook} priority ${priority}; policy accept;`;
      lines.push(...chain(random, `b${index}`, hook, head));
    }
    lines.push('}');
  }
  if (random.chance(0.6)) {
    lines.push('table netdev frames {');
    const taken = new Set<string>();
    for (let index = 1 + random.below(2); index > 0; index -= 1) {
      const [hook, device] = [random.pick(['ingress', 'egress'] as const), random.pick(DEVICES)];
      if (taken.has(`${hook} ${device}`)) continue;
      taken.add(`${hook} ${device}`);
      lines.push(
        ...chain(random, `d${index}`, hook, `type filter hook ${hook} device ${device} priority 0; policy accept;`),
      );
    }
    lines.push('}');
  }
  const text = [...lines, ''].join('\n');
  return family === 6
    ? toSix(text).replaceAll('ether type ip\n', 'ether type ip6\n').replaceAll('ether type ip ', 'ether type ip6 ')
    : text;
};

const ebtablesMatch = (random: Seeded, family: 4 | 6, chain: string): string => {
  const option = family === 4 ? '--ip' : '--ip6';
  const address = (text: string): string => (family === 6 ? toSix(text) : text);
  const no = random.chance(0.25) ? '! ' : '';
  const choices: [string, ...string[]] = [
    `${option}-src ${no}${address(random.pick(['192.168.1.2', '192.168.1.0/24', '203.0.113.5'] as const))}`,
    `${option}-dst ${no}${address(random.pick(['192.168.1.3', '203.0.113.0/24', '192.168.1.1'] as const))}`,
    `-s ${no}${random.pick(MACS)}`,
    `-d ${no}${random.pick(MACS)}`,
    '-s 02:00:00:00:02:00/ff:ff:ff:ff:ff:00',
    '--mark 0x0/0xff',
    '--mark 0x1/0x1',
    '! --mark 0x2/0x3',
  ];
  if (chain !== 'OUTPUT') choices.push(`-i ${no}${random.pick(['pa', 'pb', 'p+'] as const)}`);
  if (chain !== 'INPUT') choices.push(`-o ${no}${random.pick(['pa', 'pb', 'p+'] as const)}`);
  return random.pick(choices);
};

/** A dump for ebtables-nft-restore: each rule is about one protocol of our packets, so that no other traffic counts. */
export const randomEbtables = (random: Seeded, family: 4 | 6): string => {
  const chains = ['INPUT', 'FORWARD', 'OUTPUT'] as const;
  const option = family === 4 ? '--ip' : '--ip6';
  const rules = (chain: string, targets: readonly [string, ...string[]]): readonly string[] =>
    Array.from({ length: 1 + random.below(3) }, () => {
      const protocol = random.pick(['tcp', 'udp', 'tcp'] as const);
      const port = random.chance(0.5) ? ` ${option}-dport ${random.pick(['80', '53', '1:1024', '443'] as const)}` : '';
      const more = random.chance(0.6) ? ` ${ebtablesMatch(random, family, chain)}` : '';
      const base = more.includes(`${option}-`) ? '' : more;
      const own = more.includes(`${option}-`) ? more : '';
      return `-A ${chain} -p IPv${family}${base}${own} ${option}-proto ${protocol}${port} -j ${random.pick(targets)}`;
    });
  const ends = [
    'ACCEPT',
    'DROP',
    'DROP',
    'CONTINUE',
    'mine',
    'mark --mark-set 0x1 --mark-target CONTINUE',
    'mark --mark-or 0x2 --mark-target ACCEPT',
  ] as const;
  return [
    '*filter',
    ...chains.map((chain) => `:${chain} ACCEPT`),
    ':mine RETURN',
    ...rules('mine', ['ACCEPT', 'DROP', 'RETURN', 'CONTINUE']),
    ...chains.flatMap((chain) => rules(chain, ends)),
    '',
  ].join('\n');
};
