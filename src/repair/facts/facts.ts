import type { NetnsId } from '../../model/netns.js';
import type { Change, Facet, Facts, RepairStep } from '../../model/repair.js';

/** Settings of every namespace of a repair. */
export type State = ReadonlyMap<NetnsId, Facts>;

export type Fact = readonly [facet: Facet, key: string, value: string];

/** How the value of a setting begins that no command of ours brings back as it is. */
export const OTHER = 'other';

/** Whether the command that adds such a setting brings exactly this one back. */
export const isWhole = (value: string | null): boolean => value !== null && !value.startsWith(OTHER);

/**
 * A rule of ours that was copied has two values, one on each line. Newer versions of nft also show the comments of
 * iptables rules: the dump of iptables counts there.
 */
export const factsOf = (list: readonly Fact[]): Facts => {
  const facts = new Map<string, string>();
  for (const [facet, key, value] of list) {
    const name = `${facet} ${key}`;
    const other = facet === 'firewall-rule' ? facts.get(name) : undefined;
    const sameRule = other?.startsWith('nft ') === true && !value.startsWith('nft ');
    facts.set(name, other === undefined || sameRule ? value : `${other}\n${value}`);
  }
  return facts;
};

const splitKey = (joined: string): readonly [Facet, string] => {
  const at = joined.indexOf(' ');
  return [joined.slice(0, at) as Facet, joined.slice(at + 1)];
};

export const settingOf = (state: State, netns: NetnsId, facet: Facet, key: string): string | null =>
  state.get(netns)?.get(`${facet} ${key}`) ?? null;

/** Everything that differs between two readings, of the given facets or of all. */
export const changesBetween = (before: State, after: State, scope?: readonly Facet[]): readonly Change[] =>
  [...before.keys()].flatMap((netns) => {
    const [old, now] = [before.get(netns) ?? new Map(), after.get(netns) ?? new Map()];
    const keys = new Set([...old.keys(), ...now.keys()]);
    return [...keys].flatMap((joined) => {
      const [facet, key] = splitKey(joined);
      const [was, is] = [old.get(joined) ?? null, now.get(joined) ?? null];
      return was === is || (scope && !scope.includes(facet)) ? [] : [{ netns, facet, key, before: was, after: is }];
    });
  });

/** What a step can have changed, of all that differs: others may be at work on the same host. */
export const changesOfStep = (
  before: State,
  after: State,
  { scope, makes = [], devices }: Pick<RepairStep, 'scope' | 'makes' | 'devices'>,
): readonly Change[] =>
  changesBetween(before, after, scope).filter((change) => {
    if (change.facet === 'link')
      return makes.some(({ netns, device }) => netns === change.netns && device === change.key);
    const device = deviceOf(change);
    return devices === undefined || device === null || devices.includes(device);
  });

/** A state with changes made to it. */
export const withChanges = (state: State, changes: readonly Change[]): State => {
  const result = new Map([...state].map(([netns, facts]) => [netns, new Map(facts)]));
  for (const { netns, facet, key, after } of changes) {
    const facts = result.get(netns);
    if (after === null) facts?.delete(`${facet} ${key}`);
    else facts?.set(`${facet} ${key}`, after);
  }
  return result;
};

/** Changes one after another as one: the first `before` and the last `after` of each setting. */
export const merged = (changes: readonly Change[]): readonly Change[] => {
  const byKey = new Map<string, Change>();
  for (const change of changes) {
    const id = JSON.stringify([change.netns, change.facet, change.key]);
    byKey.set(id, { ...change, before: (byKey.get(id) ?? change).before });
  }
  return [...byKey.values()].filter((change) => change.before !== change.after);
};

/**
 * Whether the kernel sets this by itself, and some time after the command that caused it: addresses and routes of
 * fe80::/10, the multicast route of a device, the state of a bridge port.
 */
export const isKernelOwn = ({ facet, key }: Pick<Change, 'facet' | 'key'>): boolean =>
  (facet === 'address' && / fe80:/.test(key)) ||
  (facet === 'route' && /(^| )(fe80:|multicast |anycast )/.test(key)) ||
  (facet === 'port' && key.endsWith(' state'));

/** The device that a setting belongs to; `null` when it belongs to none. */
export const deviceOf = ({ facet, key }: Pick<Change, 'facet' | 'key'>): string | null => {
  if (facet === 'sysctl')
    return /^net\.ipv[46]\.(?:conf|neigh)\.(.+)\.[^.]+$/.exec(key)?.[1]?.replaceAll('/', '.') ?? null;
  if (facet === 'route') return / dev (\S+)/.exec(key)?.[1] ?? null;
  if (facet === 'fdb') return / dev (\S+)/.exec(key)?.[1] ?? null;
  const perDevice: readonly Facet[] = [
    'link',
    'up',
    'arp',
    'master',
    'mtu',
    'kind-option',
    'mac',
    'port',
    'address',
    'neighbour',
    'vlan',
    'qdisc',
    'tc-filter',
  ];
  return perDevice.includes(facet) ? (key.split(' ')[0] ?? null) : null;
};
