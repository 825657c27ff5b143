import type { Seeded } from '../helpers/seeded.js';

const BASE_CHAINS = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
} as const;

type Table = keyof typeof BASE_CHAINS;

const networks = [
  '192.168.0.0/24',
  '192.168.0.2',
  '10.0.0.0/8',
  '203.0.113.0/24',
  '203.0.113.5',
  '0.0.0.0/0.0.0.1',
  '198.51.100.0/24',
] as const;
const ports = ['53', '80', '1:1024', '443', '20000:21000', ':65535'] as const;

/** What only the running kernel knows. */
const UNKNOWABLE = [
  '-m limit --limit 100/sec',
  '-m statistic --mode random --probability 0.50000000000',
  '-m recent --name seen --rcheck --rsource',
] as const;

const DEVICES = ['in0', 'in+', 'out0', 'o+', 'br0', 'out1'] as const;

const not = (random: Seeded): string => (random.chance(0.2) ? '! ' : '');

/** iptables-save leaves out a range of all ports, and with it the negation. */
const WHOLE_RANGE = /! (--[sd]port :65535)/;

const transport = (random: Seeded): string => {
  const protocol = random.pick(['tcp', 'udp', 'icmp'] as const);
  if (protocol === 'icmp')
    return random.pick([
      '-p icmp',
      `-p icmp -m icmp ${not(random)}--icmp-type 8`,
      '-p icmp -m icmp --icmp-type 3/1',
    ] as const);
  const options = [
    '',
    `-m ${protocol} ${not(random)}--dport ${random.pick(ports)}`,
    `-m ${protocol} ${not(random)}--sport ${random.pick(ports)}`,
    `-m multiport ${not(random)}--dports 22,80,${random.pick(['53', '400:500'] as const)}`,
    `-m multiport ${not(random)}--ports 53,20000:21000`,
    ...(protocol === 'tcp'
      ? [`-m tcp ${not(random)}--tcp-flags SYN,ACK,RST ${random.pick(['SYN', 'NONE', 'ACK'] as const)}`]
      : []),
  ] as [string, ...string[]];
  return `-p ${protocol} ${random.pick(options)}`.replace(WHOLE_RANGE, '$1');
};

const match = (random: Seeded, chain: string): string => {
  const hasIn = chain !== 'POSTROUTING' && chain !== 'OUTPUT';
  const hasOut = chain !== 'PREROUTING' && chain !== 'INPUT';
  const choices: [string, ...string[]] = [
    `${not(random)}-s ${random.pick(networks)}`,
    `${not(random)}-d ${random.pick(networks)}`,
    transport(random),
    transport(random),
    `-m conntrack ${not(random)}--ctstate ${random.pick(['NEW', 'RELATED,ESTABLISHED', 'INVALID', 'UNTRACKED', 'NEW,DNAT', 'SNAT', 'DNAT'] as const)}`,
    `-m state --state ${random.pick(['NEW', 'ESTABLISHED', 'INVALID'] as const)}`,
    `-m mark ${not(random)}--mark ${random.pick(['0x0', '0x1', '0x1/0x1', '0x2/0x3'] as const)}`,
    `-m connmark ${not(random)}--mark ${random.pick(['0x0', '0x1'] as const)}`,
    `-m addrtype ${not(random)}--${random.pick(['src', 'dst'] as const)}-type ${random.pick(['LOCAL', 'UNICAST', 'UNICAST,LOCAL', 'BROADCAST'] as const)}`,
    `-m iprange ${not(random)}--src-range 192.168.0.2-192.168.0.70`,
    `-m iprange ${not(random)}--dst-range 203.0.113.0-203.0.113.6`,
    `-m length ${not(random)}--length ${random.pick(['0:50', '84', '60:100'] as const)}`,
    `-m ttl ${random.pick(['--ttl-eq 64', '--ttl-lt 64', '--ttl-gt 63'] as const)}`,
    `-m conntrack --ctorigdst 203.0.113.0/24`,
    '-m comment --comment "a \\"quoted\\" one"',
    `-m pkttype --pkt-type unicast`,
    `-m set ${not(random)}--match-set hosts ${random.pick(['src', 'dst'] as const)}`,
    `-m set --match-set services ${random.pick(['src,dst', 'dst,dst'] as const)}`,
    ...(random.chance(0.07) ? [random.pick(UNKNOWABLE)] : []),
  ];
  if (chain === 'PREROUTING') choices.push(`-m rpfilter ${random.pick(['', '--loose', '--invert'] as const)}`.trim());
  if (chain === 'FORWARD' || chain === 'PREROUTING')
    choices.push(`-m physdev ${not(random)}--physdev-in ${random.pick(['pa', 'pb', 'p+'] as const)}`);
  if (hasIn) choices.push(`${not(random)}-i ${random.pick(DEVICES)}`);
  if (hasOut) choices.push(`${not(random)}-o ${random.pick(DEVICES)}`);
  return random.pick(choices);
};

const target = (random: Seeded, table: Table, chain: string, users: readonly string[]): string => {
  const choices: [string, ...string[]] = ['-j RETURN', '', ''];
  if (users.length > 0) {
    const user = users[random.below(users.length)];
    choices.push(`-j ${user}`, `-j ${user}`, `-g ${user}`);
  }
  if (table === 'raw') choices.push('-j NOTRACK', '-j CT --notrack', '-j ACCEPT');
  if (table === 'mangle') {
    choices.push(
      '-j MARK --set-xmark 0x1/0xffffffff',
      '-j MARK --set-xmark 0x2/0x2',
      '-j CONNMARK --save-mark',
      '-j CONNMARK --restore-mark',
      '-j CONNMARK --set-xmark 0x1/0xffffffff',
      '-j ACCEPT',
    );
  }
  if (table === 'filter' || table === 'mangle') choices.push('-j DROP', '-j ACCEPT');
  if (table === 'filter') choices.push('-j REJECT', '-j REJECT --reject-with icmp-host-prohibited', '-j ACCEPT');
  if (table === 'nat' && (chain === 'PREROUTING' || chain === 'OUTPUT'))
    choices.push('-j DNAT --to-destination 203.0.113.9', '-j DNAT --to-destination 192.168.0.9', '-j ACCEPT');
  if (table === 'nat' && chain === 'PREROUTING') choices.push('-j REDIRECT', '-j DNAT --to-destination 192.168.0.1');
  if (table === 'nat' && chain === 'POSTROUTING')
    choices.push('-j MASQUERADE', '-j SNAT --to-source 198.51.100.77', '-j ACCEPT');
  return random.pick(choices);
};

/** A dump for iptables-restore with random rules in all tables. User chains belong to one base chain each. */
export const randomIptables = (random: Seeded): string =>
  (Object.keys(BASE_CHAINS) as Table[])
    .map((table) => {
      const lines = [`*${table}`];
      const rules: string[] = [];
      for (const chain of BASE_CHAINS[table]) {
        const isDrop = table === 'filter' && chain !== 'OUTPUT' && random.chance(0.2);
        lines.push(`:${chain} ${isDrop ? 'DROP' : 'ACCEPT'} [0:0]`);
        const users = Array.from({ length: random.below(3) }, (_, index) => `${chain.slice(0, 4)}-${index}`);
        lines.push(...users.map((user) => `:${user} - [0:0]`));
        for (const [place, name] of [chain, ...users].entries()) {
          const below = users.slice(place);
          for (let left = random.below(table === 'filter' ? 6 : 4); left > 0; left -= 1) {
            const matches = Array.from({ length: random.below(3) }, () => match(random, chain));
            if (matches.filter((text) => text.startsWith('-p')).length > 1) continue;
            if (hasDouble(matches)) continue;
            rules.push(`-A ${name} ${matches.join(' ')} ${target(random, table, chain, below)}`);
          }
        }
      }
      return [...lines, ...rules, 'COMMIT', ''].join('\n');
    })
    .join('');

/** Each option and each match may stand once in a rule. */
const hasDouble = (matches: readonly string[]): boolean => {
  const heads = matches.map((text) => /^(?:! )?(-[sdiop]\b|-m \S+)/.exec(text)?.[1]);
  return new Set(heads).size < heads.length;
};
