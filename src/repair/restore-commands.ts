import type { Change, Facet } from '../model/repair.js';
import { frameRuleCommands } from './restore-frame-rules.js';

/** A setting as it is, and as it shall be. */
export type Wanted = Pick<Change, 'netns' | 'facet' | 'key'> & {
  readonly current: string | null;
  readonly wanted: string | null;
};

/** The order in which settings are put back: a route needs its address, an address its link, a port option its bridge. */
const ORDER: readonly Facet[] = [
  'firewall-rule',
  'frame-rules',
  'zone',
  'ufw-route',
  'nft-chain',
  'nft-table',
  'link',
  'master',
  'mtu',
  'kind-option',
  'mac',
  'up',
  'arp',
  'address',
  'rule',
  'route',
  'vlan',
  'tc-filter',
  'xfrm-policy',
  'qdisc',
  'port',
  'neighbour',
  'fdb',
  'sysctl',
];

/** Global switches first: the kernel writes them to the settings of each interface. */
const isGlobal = (key: string): boolean => /^net\.ipv[46]\.(ip_forward$|conf\.all\.)/.test(key);

const rank = ({ facet, key, wanted, current }: Wanted): readonly number[] => [
  ORDER.indexOf(facet),
  facet === 'sysctl' && isGlobal(key) ? 0 : 1,
  current !== null && wanted === null ? 0 : 1,
  facet === 'route' && / via | nexthop /.test(key) ? 1 : 0,
];

/**
 * Routes to one subnet are tried in the order of their list: the one that was taken out last goes back first, and each to
 * the head of the list.
 */
export const inRestoreOrder = (wanted: readonly Wanted[]): readonly Wanted[] =>
  wanted
    .map((one, place) => ({ one, rank: [...rank(one), one.facet === 'route' ? -place : place] }))
    .toSorted((a, b) => a.rank.map((value, index) => value - (b.rank[index] ?? 0)).find((value) => value !== 0) ?? 0)
    .map(({ one }) => one);

const zoneCommand = (device: string, current: string | null, wanted: string | null): readonly string[] =>
  wanted === null
    ? ['firewall-cmd', `--zone=${current ?? ''}`, `--remove-interface=${device}`]
    : ['firewall-cmd', `--zone=${wanted}`, `--change-interface=${device}`];

const words = (text: string): readonly string[] => text.split(' ').filter((word) => word !== '');

/**
 * The commands, inside its namespace, that bring one setting from what it is to what it shall be; none where the kernel
 * does it with another setting, and for firewall rules, chains and tables, which need to be looked up first.
 */
export const restoreCommands = ({ facet, key, current, wanted }: Wanted): readonly (readonly string[])[] => {
  const [first = '', second = ''] = key.split(' ');
  switch (facet) {
    case 'sysctl':
      return wanted === null ? [] : [['sysctl', '-q', '-w', `${key}=${wanted}`]];
    case 'zone':
      return [zoneCommand(key, current, wanted)];
    case 'ufw-route':
      return [['ufw', 'route', ...(wanted === null ? ['delete'] : []), ...words(key)]];
    case 'link':
      return current !== null && wanted === null ? [['ip', 'link', 'del', 'dev', key]] : [];
    case 'up':
      return wanted === null ? [] : [['ip', 'link', 'set', 'dev', key, wanted]];
    case 'arp':
      return wanted === null ? [] : [['ip', 'link', 'set', 'dev', key, 'arp', wanted]];
    case 'frame-rules':
      return frameRuleCommands(key, current, wanted);
    case 'mtu':
      return wanted === null ? [] : [['ip', 'link', 'set', 'dev', key, 'mtu', wanted]];
    case 'kind-option':
      return wanted === null || current === null
        ? []
        : [['ip', 'link', 'set', 'dev', first, 'type', ...words(key).slice(1), wanted]];
    case 'mac':
      return wanted === null || current === null ? [] : [['ip', 'link', 'set', 'dev', key, 'address', wanted]];
    case 'master':
      if (wanted === null) return [];
      return [['ip', 'link', 'set', 'dev', key, ...(wanted === 'none' ? ['nomaster'] : ['master', wanted])]];
    case 'port':
      return wanted === null || current === null ? [] : [portCommand(first, second, wanted)];
    case 'address':
      return [
        ...(current === null ? [] : [['ip', 'addr', 'del', ...addressWords(second, current), 'dev', first]]),
        ...(wanted === null ? [] : [['ip', 'addr', 'add', second, ...words(wanted), 'dev', first]]),
      ];
    case 'route':
      return [
        ['ip', `-${first}`, 'route', wanted === null ? 'del' : first === '4' ? 'prepend' : 'add', ...routeWords(key)],
      ];
    case 'rule':
      return ruleCommands(first, second, current, wanted);
    case 'neighbour':
      return wanted === null
        ? [['ip', 'neigh', 'del', second, 'dev', first]]
        : [['ip', 'neigh', 'replace', second, 'lladdr', wanted, 'dev', first, 'nud', 'permanent']];
    case 'fdb':
      return [['bridge', 'fdb', wanted === null ? 'del' : fdbVerb(key), ...fdbWords(key)]];
    case 'qdisc':
      return qdiscCommands(key, current, wanted);
    case 'tc-filter':
      return wanted === null ? [tcFilterDeletion(key)] : [];
    case 'xfrm-policy':
      return [['ip', 'xfrm', 'policy', wanted === null ? 'delete' : 'add', ...words(key), ...words(wanted ?? '')]];
    case 'vlan':
      return [['bridge', 'vlan', wanted === null ? 'del' : 'add', 'dev', first, 'vid', second, ...words(wanted ?? '')]];
    default:
      return [];
  }
};

const qdiscCommands = (
  device: string,
  current: string | null,
  wanted: string | null,
): readonly (readonly string[])[] => [
  ...(current === null ? [] : [['tc', 'qdisc', 'del', 'dev', device, 'root']]),
  ...(wanted === null ? [] : [['tc', 'qdisc', 'add', 'dev', device, 'root', ...words(wanted)]]),
];

const tcFilterDeletion = (key: string): readonly string[] => {
  const [device = '', hook = '', protocol = '', preference = ''] = key.split(' ');
  return ['tc', 'filter', 'del', 'dev', device, hook, 'protocol', protocol, 'pref', preference];
};

const STATES = ['disabled', 'listening', 'learning', 'forwarding', 'blocking'];

const portCommand = (device: string, option: string, value: string): readonly string[] => [
  'bridge',
  'link',
  'set',
  'dev',
  device,
  option,
  option === 'state' ? String(STATES.indexOf(value)) : value,
];

/** An address with a peer is told apart from others by it. */
const addressWords = (local: string, value: string): readonly string[] => {
  const peer = /(?:^| )(peer \S+)/.exec(value)?.[1];
  return peer === undefined ? [local] : [local, ...words(peer)];
};

/** The line without its family. A route by a nexthop object is named by it alone. */
const routeWords = (key: string): readonly string[] => {
  const line = key.slice(2);
  return words(/ nhid \d+/.test(line) ? line.replace(/ (via|dev) \S+/g, '') : line);
};

/** A bridge has one entry for a MAC, by now perhaps one that it learnt; a tunnel may have several. */
const fdbVerb = (key: string): string => (/ dst /.test(key) ? 'append' : 'replace');

const fdbWords = (key: string): readonly string[] => words(key.replace(/ master \S+/, ' master'));

/** Rules of one priority: what stands behind the first difference is taken out and added again in order. */
const ruleCommands = (
  family: string,
  priority: string,
  current: string | null,
  wanted: string | null,
): readonly (readonly string[])[] => {
  const [have, want] = [current?.split('\n') ?? [], wanted?.split('\n') ?? []];
  const same = have.findIndex((rule, index) => rule !== want[index]);
  const keep = same < 0 ? have.length : same;
  const command = (verb: string, rule: string) => ['ip', `-${family}`, 'rule', verb, 'pref', priority, ...words(rule)];
  return [
    ...have.slice(keep).map((rule) => command('del', rule)),
    ...want.slice(keep).map((rule) => command('add', rule)),
  ];
};
