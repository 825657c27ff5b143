import { afterEach, expect, it } from 'vitest';
import { collectNetns } from '../../src/collect/index.js';
import type { Nexthop, RouteState } from '../../src/model/state.js';
import { isForwarding, lookupRoute, type RoutingState, reversePath, routingState } from '../../src/routing/index.js';
import type { RouteOutcome, RouteQuery } from '../../src/routing/types.js';
import { openNetns, type PrivateNetns } from '../helpers/private-netns.js';
import { type Seeded, seeded } from '../helpers/seeded.js';

const ROUNDS = 12;
const QUERIES = 50;

let netns: PrivateNetns | undefined;
afterEach(() => netns?.close());

it('answers as `ip route get` does, over random rules, routes and settings', { timeout: 120_000 }, async () => {
  const differences: string[] = [];
  const outcomes = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const random = seeded(round + 1);
    netns = await openNetns();
    buildDevices(netns);
    netns.run(['sysctl', '-q', '-w', ...settings(random)]);
    addSome(netns, [...routes(random), ...rules(random)]);
    const state = await readState(netns);
    const queries = Array.from({ length: QUERIES }, () => query(random));
    const kernel = askKernel(netns, queries);
    for (const [index, asked] of queries.entries()) {
      const ours = answer(state, asked);
      const theirs = kernel[index] ?? 'nothing';
      outcomes.set(theirs.split(' ')[0] ?? '', (outcomes.get(theirs.split(' ')[0] ?? '') ?? 0) + 1);
      if (!ours.includes(theirs))
        differences.push(`round ${round}: ${command(asked)}: kernel ${theirs}, ours ${ours.join(' | ')}`);
    }
    netns.close();
  }
  expect(differences).toEqual([]);
  for (const outcome of ['unicast', 'local', 'EINVAL', 'EHOSTUNREACH', 'ENETUNREACH', 'EACCES']) {
    expect(outcomes.get(outcome) ?? 0, `${outcome} was met`).toBeGreaterThan(3);
  }
});

const buildDevices = (space: PrivateNetns): void => {
  space.ip([
    'link set lo up',
    ...[0, 1, 2, 3].flatMap((n) => [
      `link add e${n} type veth peer name x${n}`,
      `link set e${n} up`,
      ...(n === 3 ? [] : [`link set x${n} up`]),
    ]),
    'addr add 10.0.0.1/24 dev e0',
    'addr add 10.0.0.9/24 dev e0',
    'addr add 10.0.7.1/24 dev e0 scope link',
    'addr add 10.0.1.1/24 dev e1',
    'addr add 10.0.1.129/25 dev e1',
    'addr add 10.0.3.1/24 dev e3',
  ]);
};

const DEVICES = ['e0', 'e1', 'e2', 'e3'] as const;
const PREFIXES = [
  'default',
  '10.0.0.0/8',
  '10.5.0.0/16',
  '10.5.5.0/24',
  '10.5.5.128/25',
  '10.5.5.5/32',
  '10.6.0.0/16',
  '10.6.6.0/24',
  '203.0.113.0/24',
  '203.0.113.64/26',
  '203.0.113.5',
  '10.0.1.0/28',
] as const;
const TABLES = ['main', 'main', '100', '200', 'default'] as const;
const MARKS = [0, 1, 0x10, 0x11] as const;

const route = (random: Seeded): string => {
  const place = (): string => {
    const dev = random.pick(DEVICES);
    return random.chance(0.5) ? `via 10.0.9.${random.below(250) + 1} dev ${dev} onlink` : `dev ${dev}`;
  };
  const tail = ['table', random.pick(TABLES), 'metric', String(random.below(4))];
  const source = random.chance(0.3) ? ['src', random.pick(['10.0.0.1', '10.0.1.1', '10.0.0.9'])] : [];
  const prefix = random.pick(PREFIXES);
  const kind = random.below(10);
  if (kind < 2)
    return ['route', 'add', random.pick(['blackhole', 'unreachable', 'prohibit', 'throw']), prefix, ...tail].join(' ');
  if (kind < 4) {
    const hops = [place(), place()].map((hop) => `nexthop ${hop} weight ${random.below(3) + 1}`);
    return ['route', 'add', prefix, ...tail, ...source, ...hops].join(' ');
  }
  return ['route', 'add', prefix, place(), ...tail, ...source].join(' ');
};

const routes = (random: Seeded): string[] => Array.from({ length: 25 }, () => route(random));

const rules = (random: Seeded): string[] =>
  Array.from({ length: random.below(9) }, () => {
    const selectors = [
      ...(random.chance(0.2) ? ['not'] : []),
      'from',
      random.chance(0.5) ? 'all' : random.pick(['10.0.0.0/16', '10.5.5.5', '203.0.113.0/24']),
      ...(random.chance(0.3) ? ['to', random.pick(['10.5.0.0/16', '203.0.113.0/25', '10.6.6.6'])] : []),
      ...(random.chance(0.3) ? ['iif', random.pick(['e0', 'e1', 'lo', 'gone0'])] : []),
      ...(random.chance(0.3) ? ['fwmark', random.pick(['0x1', '0x10/0x10', '0x0/0x1'])] : []),
      ...(random.chance(0.15) ? ['ipproto', random.pick(['tcp', 'udp']), 'dport', random.pick(['80', '50-90'])] : []),
      ...(random.chance(0.1) ? ['uidrange', random.pick(['0-0', '1000-2000'])] : []),
    ];
    const action = random.pick([
      'lookup 100',
      'lookup 200',
      'lookup 100',
      'lookup main',
      'lookup main suppress_prefixlength 0',
      'lookup main suppress_prefixlength 16',
      'lookup 200 suppress_ifgroup 0',
      'blackhole',
      'unreachable',
      'prohibit',
      'goto 32766',
      'nop',
    ]);
    return ['rule', 'add', ...selectors, 'pref', String(random.below(900) + 1), ...action.split(' ')].join(' ');
  });

const settings = (random: Seeded): string[] => {
  const rp = random.chance(0.5) ? 0 : random.below(3);
  return [
    `net.ipv4.conf.all.rp_filter=${rp}`,
    `net.ipv4.conf.all.accept_local=${random.chance(0.2) ? 1 : 0}`,
    `net.ipv4.conf.all.send_redirects=${random.below(2)}`,
    ...DEVICES.flatMap((dev) => [
      `net.ipv4.conf.${dev}.forwarding=${random.chance(0.8) ? 1 : 0}`,
      `net.ipv4.conf.${dev}.rp_filter=${random.chance(0.5) ? 0 : random.below(3)}`,
      `net.ipv4.conf.${dev}.src_valid_mark=${random.below(2)}`,
      `net.ipv4.conf.${dev}.ignore_routes_with_linkdown=${random.below(2)}`,
      `net.ipv4.conf.${dev}.send_redirects=${random.below(2)}`,
    ]),
  ];
};

/** Some random lines collide with earlier ones or are refused; what the kernel took is read back. */
const addSome = (space: PrivateNetns, lines: readonly string[]): void => {
  try {
    space.run(['ip', '-force', '-batch', '-'], lines.join('\n'));
  } catch {}
};

const query = (random: Seeded): RouteQuery => {
  const destination = random.pick([
    '10.5.5.5',
    '10.5.5.200',
    '10.5.9.9',
    '10.6.6.6',
    '10.6.1.1',
    '203.0.113.5',
    '203.0.113.70',
    '203.0.113.200',
    '10.0.1.3',
    '10.0.1.200',
    '10.0.0.1',
    '10.0.0.255',
    '10.0.3.9',
    '198.51.100.7',
    '10.0.0.77',
  ]);
  const iif = random.chance(0.65) ? random.pick(DEVICES) : null;
  const source =
    iif === null
      ? random.pick([null, null, '10.0.0.1', '10.0.1.1'])
      : random.pick([
          '10.0.0.5',
          '10.0.1.5',
          '10.5.5.5',
          '10.6.6.7',
          '203.0.113.9',
          '10.0.0.1',
          '192.0.2.7',
          '10.0.0.255',
        ]);
  const mark = random.pick(MARKS);
  const protocol = random.pick(['tcp', 'udp'] as const);
  return {
    family: 4,
    destination,
    source,
    iif,
    mark,
    protocol,
    sourcePort: 4000,
    destinationPort: random.pick([80, 443]),
  };
};

const command = (asked: RouteQuery): string =>
  [
    'route get',
    asked.destination,
    ...(asked.source === null ? [] : ['from', asked.source]),
    ...(asked.iif === null ? [] : ['iif', asked.iif]),
    'mark',
    String(asked.mark),
    'ipproto',
    asked.protocol,
    'sport',
    String(asked.sourcePort),
    'dport',
    String(asked.destinationPort),
  ].join(' ');

const ERRORS = new Map([
  ['Invalid argument', 'EINVAL'],
  ['No route to host', 'EHOSTUNREACH'],
  ['Network is unreachable', 'ENETUNREACH'],
  ['Permission denied', 'EACCES'],
]);

/** `unicast DEV GATEWAY SOURCE`, `local`, `broadcast`, or the name of the error. */
const askKernel = (space: PrivateNetns, queries: readonly RouteQuery[]): string[] =>
  queries.map((asked) => {
    try {
      const [row] = JSON.parse(space.run(['ip', '-j', ...command(asked).split(' ')]));
      if (row.type === 'local' || row.type === 'broadcast') return row.type;
      return `unicast ${row.dev} ${row.gateway ?? '-'} ${asked.iif === null && asked.source === null ? row.prefsrc : '-'}`;
    } catch (error) {
      const text = String((error as { stderr?: string }).stderr);
      return ERRORS.get(/answers: (.*)/.exec(text)?.[1] ?? '') ?? text;
    }
  });

const FAILURES: Partial<Record<RouteOutcome, string>> = {
  blackhole: 'EINVAL',
  unreachable: 'EHOSTUNREACH',
  prohibit: 'EACCES',
  'no-route': 'ENETUNREACH',
};

/** The same for our answer, one for each next hop that may be chosen; received packets pass the steps of ip_route_input_slow. */
const answer = (state: RoutingState, asked: RouteQuery): string[] => {
  const found = lookupRoute(state, asked);
  const failure =
    found.outcome === 'unreachable' && found.decidedBy === 'rule' ? 'ENETUNREACH' : FAILURES[found.outcome];
  const { iif, source } = asked;
  if (iif === null) {
    if (failure !== undefined) return [failure];
    if (found.outcome !== 'unicast') return [found.outcome];
    return found.candidates.map((hop) => {
      const chosen = lookupRoute(choosing(state, found.route, hop), asked).preferredSource;
      return `unicast ${hop.dev} ${hop.gateway ?? '-'} ${source === null ? chosen : '-'}`;
    });
  }
  const forwards = isForwarding(state, iif, 4).on;
  if (failure !== undefined) return [forwards ? failure : 'EHOSTUNREACH'];
  if (found.outcome === 'unicast' && !forwards) return ['EHOSTUNREACH'];
  return found.candidates.map((hop) => {
    const packet = { ...asked, iif, source: source ?? '' };
    if (!reversePath(choosing(state, found.route, hop), packet).passes) return 'EINVAL';
    return found.outcome === 'unicast' ? `unicast ${hop.dev} ${hop.gateway ?? '-'} -` : found.outcome;
  });
};

/** The state in which a multipath route takes one of its next hops. */
const choosing = (state: RoutingState, route: RouteState | null, hop: Nexthop): RoutingState => {
  const others = route?.nexthops.filter((other) => other !== hop) ?? [];
  const routes = state.routes.map((one) => (one === route ? { ...one, nexthops: [hop, ...others] } : one));
  return { ...state, routes };
};

const readState = async (space: PrivateNetns): Promise<RoutingState> => {
  const pending = collectNetns(space.ref, ['links', 'addresses', 'routes', 'rules', 'sysctls']);
  const state = routingState({
    links: await pending.links,
    addresses: await pending.addresses,
    routes: await pending.routes,
    rules: await pending.rules,
    sysctls: await pending.sysctls,
  });
  if ('missing' in state) throw new Error(`missing: ${state.missing}`);
  return state;
};
