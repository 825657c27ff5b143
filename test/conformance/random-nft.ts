import type { Seeded } from '../helpers/seeded.js';

const HOOKS = ['prerouting', 'input', 'forward', 'output', 'postrouting'] as const;

const not = (random: Seeded): string => (random.chance(0.25) ? '!= ' : '');

const match = (random: Seeded, hook: string): string => {
  const hasIn = hook !== 'output';
  const hasOut = hook !== 'prerouting' && hook !== 'input';
  const choices: [string, ...string[]] = [
    `ip saddr ${not(random)}${random.pick(['192.168.0.0/24', '192.168.0.2', '{ 192.168.0.2, 10.0.0.0/8 }', '192.168.0.1-192.168.0.50', '@hosts'] as const)}`,
    `ip daddr ${not(random)}${random.pick(['203.0.113.0/24', '203.0.113.5', '{ 203.0.113.5, 192.168.0.1 }', '203.0.113.1-203.0.113.8', '@hosts'] as const)}`,
    'ip saddr & 0.0.0.1 == 0.0.0.1',
    `meta l4proto ${not(random)}${random.pick(['tcp', 'udp', '{ tcp, icmp }'] as const)}`,
    `ip protocol ${random.pick(['tcp', 'udp', 'icmp'] as const)}`,
    `tcp dport ${not(random)}${random.pick(['80', '{ 22, 80-90 }', '1-1024', '@ports'] as const)}`,
    `udp dport ${not(random)}${random.pick(['53', '{ 53, 443 }', '1-1024', '@ports'] as const)}`,
    `meta l4proto { tcp, udp } th dport ${not(random)}${random.pick(['53', '{ 53, 80 }', '@ports'] as const)}`,
    `tcp flags ${random.pick(['syn', '& (fin|syn|rst|ack) == syn', 'syn,ack', '!= syn', '& (syn|ack) == ack'] as const)}`,
    `icmp type ${not(random)}${random.pick(['echo-request', '{ echo-request, echo-reply }', 'echo-reply'] as const)}`,
    `ct state ${random.pick(['new', 'established,related', '{ new, invalid }', '!= new', 'invalid', 'untracked', '!= established,related'] as const)}`,
    `ct direction ${random.pick(['original', 'reply'] as const)}`,
    `ct status ${random.pick(['dnat', 'snat'] as const)}`,
    `ct mark ${not(random)}${random.pick(['0', '1'] as const)}`,
    `meta mark ${not(random)}${random.pick(['0', '1', '{ 1, 2 }'] as const)}`,
    `meta mark & 0x1 == ${random.pick(['0x0', '0x1'] as const)}`,
    `fib daddr type ${not(random)}${random.pick(['local', 'unicast', '{ local, broadcast }'] as const)}`,
    `fib saddr type ${not(random)}local`,
    `meta length ${random.pick(['> 50', '<= 60', '84', '40-70'] as const)}`,
    `ip ttl ${random.pick(['64', '< 64', '>= 63'] as const)}`,
    `meta l4proto { tcp, udp } ip saddr . th dport ${not(random)}{ 192.168.0.2 . 80, 192.168.0.77 . 53, 10.0.0.0/8 . 1-1024 }`,
    `meta l4proto . th dport @services`,
    'meta nfproto ipv4',
    'meta pkttype unicast',
    '@nh,128,32 0xcb007105',
    'ct original ip daddr 203.0.113.5',
    ...(random.chance(0.07) ? ['limit rate 100/second', 'numgen random mod 2 == 0'] : []),
  ];
  if (hasIn)
    choices.push(
      `iifname ${not(random)}${random.pick(['"in0"', '"i*"', '{ "in0", "x*" }', '"out0"', '"br0"'] as const)}`,
      'iif "in0"',
    );
  if (hook === 'prerouting') choices.push('fib saddr . iif oif missing', 'fib saddr . iif oif exists');
  if (hasOut)
    choices.push(
      `oifname ${not(random)}${random.pick(['"in0"', '"o*"', '{ "out0", "x*" }', '"br0"', '"out1"'] as const)}`,
      'oif "out0"',
    );
  return random.pick(choices);
};

const verdict = (random: Seeded, type: string, hook: string, users: readonly string[]): string => {
  const choices: [string, ...string[]] = ['return', 'continue', ''];
  if (users.length > 0) {
    const user = users[random.below(users.length)];
    choices.push(`jump ${user}`, `jump ${user}`, `goto ${user}`);
    choices.push(`ct state vmap { new : jump ${user}, invalid : drop, established : accept }`);
    if (hook !== 'output') choices.push(`iifname vmap { "in0" : jump ${user}, "o*" : return }`);
    choices.push(`ip daddr vmap { 203.0.113.0/24 : jump ${user}, 192.168.0.1 : continue }`);
  }
  if (type === 'filter') {
    choices.push(
      'accept',
      'drop',
      'drop',
      'meta mark set 1',
      'meta mark set mark or 2',
      'ct mark set 1',
      'meta mark set ct mark',
    );
    choices.push('ip protocol vmap { udp : accept, icmp : continue }', 'tcp dport vmap { 80 : drop, 1-79 : accept }');
    if (['input', 'forward', 'output'].includes(hook)) choices.push('reject', 'reject with icmp host-prohibited');
    if (['prerouting', 'output'].includes(hook)) choices.push('notrack');
  } else if (hook === 'postrouting') {
    choices.push(
      'masquerade',
      'snat ip to 198.51.100.77',
      'snat ip to ip saddr map { 192.168.0.2 : 198.51.100.78, 10.0.0.0/8 : 198.51.100.79 }',
      'accept',
    );
  } else if (hook === 'prerouting' || hook === 'output') {
    choices.push('dnat ip to 203.0.113.9', 'dnat ip to 192.168.0.9', 'accept');
    choices.push('dnat ip to ip daddr map { 203.0.113.5 : 203.0.113.7, 203.0.113.6-203.0.113.9 : 192.168.0.1 }');
    if (hook === 'prerouting')
      choices.push('meta l4proto tcp redirect to :81', 'meta l4proto udp dnat ip to 203.0.113.8:5353');
  }
  return random.pick(choices);
};

const PRIORITIES: Readonly<Record<string, readonly [number, ...number[]]>> = {
  filter: [-310, -300, -199, -150, -50, -1, 1, 10, 110],
  nat: [-110, -100, -90, 90, 100],
};

/** A ruleset for `nft -f` with random chains at random priorities; no two base chains share one. */
export const randomNft = (random: Seeded): string => {
  const family = random.pick(['inet', 'ip'] as const);
  const lines = [
    `table ${family} fuzz {`,
    'set hosts { type ipv4_addr; flags interval; elements = { 192.168.0.2, 203.0.113.0/29, 10.9.0.0-10.9.0.9 };',
    '}',
    'set ports { type inet_service; flags interval; elements = { 22, 53, 80-90 };',
    '}',
    'set services { type inet_proto . inet_service; elements = { tcp . 80, udp . 53 };',
    '}',
  ];
  const chains: string[] = [];
  const taken = new Set<string>();
  for (let index = 2 + random.below(5); index > 0; index -= 1) {
    const hook = random.pick(HOOKS);
    const type = hook !== 'forward' && hook !== 'input' && random.chance(0.35) ? 'nat' : 'filter';
    const priority = random.pick(PRIORITIES[type] ?? [0]);
    if (taken.has(`${hook} ${priority}`)) continue;
    taken.add(`${hook} ${priority}`);
    const users = Array.from({ length: random.below(3) }, (_, user) => `u${index}_${user}`);
    const policy = type === 'filter' && random.chance(0.1) ? 'drop' : 'accept';
    for (const [place, name] of [...users, `c${index}`].entries()) {
      const head = name.startsWith('c') ? [`type ${type} hook ${hook} priority ${priority}; policy ${policy};`] : [];
      const callable = users.slice(0, place);
      const rules = Array.from({ length: random.below(5) }, () => {
        const matches = Array.from({ length: random.below(3) }, () => match(random, hook));
        return [...matches, 'counter', verdict(random, type, hook, callable)].join(' ');
      });
      chains.push(`chain ${name} {`, ...head, ...rules, '}');
    }
  }
  return [...lines, ...chains, '}', ''].join('\n');
};

/** Native rules for the tables of iptables-nft, which iptables-nft-save then misprints or refuses to print. */
export const randomNativeRules = (random: Seeded): string =>
  Array.from({ length: 1 + random.below(4) }, () => {
    const action = random.pick(['add', 'insert'] as const);
    const verdict = random.pick(['accept', 'drop', 'return', 'continue'] as const);
    const counter = random.chance(0.7) ? 'counter ' : '';
    return `${action} rule ip filter FORWARD ${match(random, 'forward')} ${counter}${verdict}\n`;
  }).join('');
