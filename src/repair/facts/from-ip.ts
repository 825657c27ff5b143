import type { Fact } from './facts.js';

type Row = Readonly<Record<string, unknown>>;

/** Rows of a JSON answer; none for an empty or damaged one. */
export const rowsOf = (text: string): readonly Row[] => {
  try {
    const value: unknown = JSON.parse(text || '[]');
    return Array.isArray(value) ? value.filter((row): row is Row => typeof row === 'object' && row !== null) : [];
  } catch {
    return [];
  }
};

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');
const list = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(text) : []);
const row = (value: unknown): Row => (typeof value === 'object' && value !== null ? (value as Row) : {});

/** Options of a bridge port that `bridge link set` takes under the same name. @see bridge(8) */
const PORT_OPTIONS = [
  'state',
  'priority',
  'hairpin',
  'guard',
  'root_block',
  'fastleave',
  'learning',
  'flood',
  'mcast_flood',
  'bcast_flood',
  'neigh_suppress',
  'vlan_tunnel',
  'isolated',
  'locked',
] as const;

const optionValue = (value: unknown): string => (typeof value === 'boolean' ? (value ? 'on' : 'off') : text(value));

/** Options of a device's kind that we may change, in the words that lead to them. */
const kindOptions = (info: Row, data: Row): readonly (readonly [option: string, value: string])[] => {
  const [kind, id, mode] = [info['info_kind'], text(data['id']), text(data['mode'])];
  if (kind === 'vxlan' && id !== '') return [[`vxlan id ${id} df`, text(data['df']) || 'unset']];
  const snooping = text(data['mcast_snooping']);
  if (kind === 'bridge' && snooping !== '') return [['bridge mcast_snooping', snooping]];
  return kind === 'macvlan' && mode !== '' ? [['macvlan mode', mode]] : [];
};

/** From `ip -j -d link show`. */
export const linkFacts = (json: string): readonly Fact[] =>
  rowsOf(json).flatMap((link) => {
    const name = text(link['ifname']);
    const info = row(link['linkinfo']);
    const data = row(info['info_data']);
    const port = info['info_slave_kind'] === 'bridge' ? row(info['info_slave_data']) : {};
    return [
      ['link', name, text(info['info_kind']) || 'device'] as const,
      ['up', name, list(link['flags']).includes('UP') ? 'up' : 'down'] as const,
      ['arp', name, list(link['flags']).includes('NOARP') ? 'off' : 'on'] as const,
      ['master', name, text(link['master']) || 'none'] as const,
      ['mtu', name, text(link['mtu'])] as const,
      ...kindOptions(info, data).map(([option, value]) => ['kind-option', `${name} ${option}`, value] as const),
      ...(info['info_kind'] === 'bridge' ? [['mac', name, text(link['address'])] as const] : []),
      ...PORT_OPTIONS.filter((option) => port[option] !== undefined).map(
        (option) => ['port', `${name} ${option}`, optionValue(port[option])] as const,
      ),
    ];
  });

/** From `ip -j -d addr show`. The value holds the other words that `ip addr add` takes. */
export const addressFacts = (json: string): readonly Fact[] =>
  rowsOf(json).flatMap((link) =>
    (Array.isArray(link['addr_info']) ? link['addr_info'].map(row) : []).map((entry) => {
      const peer = text(entry['address']);
      const local = text(entry['local']);
      const label = text(entry['label']);
      const words = [
        ...(peer === '' ? [] : ['peer', `${peer}/${text(entry['prefixlen'])}`]),
        ...(text(entry['broadcast']) === '' ? [] : ['broadcast', text(entry['broadcast'])]),
        ...(text(entry['scope']) === '' ? [] : ['scope', text(entry['scope'])]),
        ...(label === '' || label === text(link['ifname']) ? [] : ['label', label]),
        ...(text(entry['metric']) === '' ? [] : ['metric', text(entry['metric'])]),
        ...(entry['noprefixroute'] === true ? ['noprefixroute'] : []),
      ];
      const key = peer === '' ? `${local}/${text(entry['prefixlen'])}` : local;
      return ['address', `${text(link['ifname'])} ${key}`, words.join(' ')] as const;
    }),
  );

const VOLATILE = / (?:linkdown|dead|offload|trap|rt_offload|rt_trap|expires \d+sec|error -?\d+|notify)(?= |$)/g;

/** From `ip -o -4|-6 route show table all`. */
export const routeFacts = (output: string, family: 4 | 6): readonly Fact[] =>
  linesOf(output).map((line) => [
    'route',
    `${family} ${line.replaceAll('\\', ' ').replace(VOLATILE, '').replace(/\s+/g, ' ').trim()}`,
    'present',
  ]);

/**
 * From `ip -4|-6 rule show`. Rules of one priority are tried in the order in which they were added, so that one fact
 * holds all of them.
 */
export const ruleFacts = (output: string, family: 4 | 6): readonly Fact[] => {
  const byPriority = new Map<string, string[]>();
  for (const line of linesOf(output)) {
    const [, priority = '', rest = ''] = /^(\d+):\s+(.*)$/.exec(line) ?? [];
    const words = rest.replace(/ \[(?:detached|unresolved)\]/g, '').trim();
    if (priority !== '') byPriority.set(priority, [...(byPriority.get(priority) ?? []), words]);
  }
  return [...byPriority].map(([priority, rules]) => ['rule', `${family} ${priority}`, rules.join('\n')] as const);
};

/** From `ip -j neigh show nud permanent`. */
export const neighbourFacts = (json: string): readonly Fact[] =>
  rowsOf(json).map((entry) => ['neighbour', `${text(entry['dev'])} ${text(entry['dst'])}`, text(entry['lladdr'])]);

/** Static entries from `bridge fdb show`; what the kernel learns, and the devices' own addresses, come and go by themselves. */
export const fdbFacts = (output: string): readonly Fact[] =>
  linesOf(output)
    .map((line) => line.trim().replace(/ offload\b| extern_learn\b/g, ''))
    .filter((line) => / static\b/.test(line) || (/ permanent\b/.test(line) && / dst /.test(line)))
    .map((line) => ['fdb', line, 'present']);

/** From `bridge -j vlan show`. */
export const vlanFacts = (json: string): readonly Fact[] =>
  rowsOf(json).flatMap((port) =>
    (Array.isArray(port['vlans']) ? port['vlans'].map(row) : []).map((vlan) => {
      const range = text(vlan['vlanEnd']) === '' ? '' : `-${text(vlan['vlanEnd'])}`;
      return [
        'vlan',
        `${text(port['ifname'])} ${text(vlan['vlan'])}${range}`,
        list(vlan['flags'])
          .map((flag) => (flag === 'PVID' ? 'pvid' : flag === 'Egress Untagged' ? 'untagged' : ''))
          .join(' ')
          .trim(),
      ] as const;
    }),
  );

export const linesOf = (output: string): readonly string[] => output.split('\n').filter((line) => line.trim() !== '');
