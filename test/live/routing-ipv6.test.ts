import { afterEach, expect, it } from 'vitest';
import { collectTopology } from '../../src/collect/topology.js';
import { lookupRoute, type RoutingState, routingState } from '../../src/routing/index.js';
import type { RouteQuery } from '../../src/routing/types.js';
import { openNetns, type PrivateNetns } from '../helpers/private-netns.js';
import { type Seeded, seeded } from '../helpers/seeded.js';

const ROUNDS = 6;
const QUERIES = 30;

let netns: PrivateNetns | undefined;
afterEach(() => netns?.close());

it('answers as `ip -6 route get` does, over random rules and routes', { timeout: 60_000 }, async () => {
  const differences: string[] = [];
  const met = new Set<string>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const random = seeded(round + 100);
    netns = await openNetns();
    netns.ip([
      'link set lo up',
      ...[0, 1, 2].flatMap((n) => [
        `link add e${n} type veth peer name x${n}`,
        `link set e${n} addrgenmode none up`,
        `link set x${n} addrgenmode none up`,
        `addr add 2001:db8:${n}::1/64 dev e${n} nodad`,
      ]),
    ]);
    add(netns, random);
    const state = await readState(netns);
    for (let index = 0; index < QUERIES; index += 1) {
      const asked = query(random);
      const [ours, theirs] = [answer(state, asked), askKernel(netns, asked)];
      met.add(theirs.split(' ')[0] ?? '');
      if (ours !== theirs) differences.push(`round ${round}: ${command(asked)}: kernel ${theirs}, ours ${ours}`);
    }
    netns.close();
  }
  expect(differences).toEqual([]);
  expect([...met].toSorted()).toEqual(['blackhole', 'local', 'no-route', 'prohibit', 'unicast', 'unreachable']);
});

const PREFIXES = [
  'default',
  '2001:db8:50::/48',
  '2001:db8:50:5::/64',
  '2001:db8:50:5::5/128',
  '2001:db8:60::/44',
] as const;

const add = (space: PrivateNetns, random: Seeded): void => {
  const dev = (): number => random.below(3);
  const routes = Array.from({ length: 14 }, (_, index) => {
    const [table, n] = [random.pick(['main', '100']), dev()];
    const tail = `table ${table} metric ${100 + index}`;
    const prefix = random.pick(PREFIXES);
    return random.chance(0.25)
      ? `route add ${random.pick(['blackhole', 'unreachable', 'prohibit'])} ${prefix} ${tail}`
      : `route add ${prefix} via 2001:db8:${n}::9 dev e${n} ${tail}`;
  });
  const rules = Array.from({ length: random.below(5) }, () =>
    [
      'rule add',
      `from ${random.pick(['all', '2001:db8:0::/48', '2001:db8:70::/48'])}`,
      random.chance(0.4) ? `iif ${random.pick(['e0', 'lo'])}` : '',
      random.chance(0.3) ? 'fwmark 0x1' : '',
      `pref ${random.below(900) + 1}`,
      random.pick(['lookup 100', 'lookup 100', 'lookup main suppress_prefixlength 0', 'prohibit', 'goto 32766']),
    ].join(' '),
  );
  space.run(['ip', '-6', '-force', '-batch', '-'], [...routes, ...rules].join('\n'));
};

const query = (random: Seeded): RouteQuery => {
  const destination = random.pick([
    '2001:db8:50:5::5',
    '2001:db8:50:5::6',
    '2001:db8:50:6::1',
    '2001:db8:61::1',
    '2001:db8:1::1',
    '2001:db8:1::7',
    '2001:db8:99::1',
  ]);
  const iif = random.chance(0.5) ? random.pick(['e0', 'e1']) : null;
  const source = iif === null ? random.pick([null, '2001:db8:0::1']) : random.pick(['2001:db8:70::1', '2001:db8:0::7']);
  return { family: 6, destination, source, iif, mark: random.below(2) };
};

const command = (asked: RouteQuery): string =>
  [
    `route get ${asked.destination}`,
    asked.source === null ? '' : ` from ${asked.source}`,
    asked.iif === null ? '' : ` iif ${asked.iif}`,
    ` mark ${asked.mark}`,
  ].join('');

const ERRORS = new Map([
  ['Invalid argument', 'blackhole'],
  ['No route to host', 'unreachable'],
  ['Network is unreachable', 'no-route'],
  ['Permission denied', 'prohibit'],
]);

const askKernel = (space: PrivateNetns, asked: RouteQuery): string => {
  try {
    const [row] = JSON.parse(space.run(['ip', '-6', '-j', ...command(asked).split(' ')]));
    if (row.type === 'local') return 'local';
    if (['blackhole', 'unreachable', 'prohibit'].includes(row.type)) return row.type;
    return `unicast ${row.dev} ${row.gateway ?? '-'} ${asked.iif === null && asked.source === null ? row.prefsrc : '-'}`;
  } catch (error) {
    const text = String((error as { stderr?: string }).stderr);
    return ERRORS.get(/answers: (.*)/.exec(text)?.[1] ?? '') ?? text;
  }
};

const answer = (state: RoutingState, asked: RouteQuery): string => {
  const found = lookupRoute(state, asked);
  if (found.outcome !== 'unicast') return found.outcome;
  const source = asked.iif === null && asked.source === null ? found.preferredSource : '-';
  return `unicast ${found.dev} ${found.gateway ?? '-'} ${source}`;
};

const readState = async (space: PrivateNetns): Promise<RoutingState> => {
  const state = routingState(await collectTopology(space.ref, {}));
  if ('missing' in state) throw new Error(`missing: ${state.missing}`);
  return state;
};
