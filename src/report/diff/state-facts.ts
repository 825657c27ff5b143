import type { Run } from '../../model/run.js';
import type { NetnsState } from '../../model/state.js';
import { nftObjects } from '../rules-summary.js';
import { isRecord } from '../unknown.js';

/** In the order in which they are shown: what was seen, then what decides most often. */
export const AREAS = [
  'diagnosis',
  'hop',
  'setting',
  'iptables',
  'nftables',
  'route',
  'policy rule',
  'interface',
  'address',
  'neighbour',
  'not read',
] as const;
export type Area = (typeof AREAS)[number];

/** What a fact is about, and what it says. Facts of two runs with the same key are compared. */
export interface Fact {
  readonly area: Area;
  readonly netns: string;
  readonly key: string;
  readonly value: string;
}

const COUNTERS = /^\[\d+:\d+\] | \[\d+:\d+\]$/g;
/** Settings that are counters. */
const VOLATILE = new Set(['net.netfilter.nf_conntrack_count']);
/** nft tables that iptables-nft keeps: `iptables-save` shows them already. */
const IPTABLES_TABLES = new Set(['filter', 'nat', 'mangle', 'raw', 'security']);

/** What a namespace was like, without counters and whatever else changes by itself. */
export const stateFacts = (netns: string, state: NetnsState): readonly Fact[] => {
  const facts: Fact[] = [];
  const add = (area: Area, key: string, value = 'present') => facts.push({ area, netns, key, value });
  for (const [name, artifact] of Object.entries(state)) if (!artifact.ok) add('not read', name, artifact.reason);
  for (const link of read(state.links))
    add(
      'interface',
      link.ifname,
      [
        link.kind ?? 'device',
        link.flags.includes('UP') ? 'up' : 'down',
        link.operstate,
        `mtu ${link.mtu}`,
        link.master ? `master ${link.master}` : 'no master',
      ].join(', '),
    );
  for (const address of read(state.addresses))
    add('address', `${address.ifname} ${address.local}/${address.prefixLength}`, address.scope);
  for (const route of read(state.routes))
    if (route.table !== 'local') add('route', `table ${route.table}: ${route.text}`);
  for (const rule of read(state.rules)) add('policy rule', rule.text);
  if (state.sysctls.ok)
    for (const [key, value] of Object.entries(state.sysctls.value)) if (!VOLATILE.has(key)) add('setting', key, value);
  for (const [name, dump] of [
    ['iptables', state.iptablesNft],
    ['iptables-legacy', state.iptablesLegacy],
    ['ip6tables', state.ip6tablesNft],
    ['ip6tables-legacy', state.ip6tablesLegacy],
    ['ebtables-legacy', state.ebtablesLegacy],
    ['arptables-legacy', state.arptablesLegacy],
  ] as const)
    if (dump?.ok) for (const line of iptablesFacts(name, dump.value)) add('iptables', line.key, line.value);
  if (state.nftables.ok) for (const line of nftFacts(state.nftables.value)) add('nftables', line);
  for (const entry of read(state.neighbours))
    add(
      'neighbour',
      `${entry.address} dev ${entry.dev}`,
      [
        entry.lladdr ?? 'no address',
        entry.states.some((word) => word === 'FAILED' || word === 'INCOMPLETE') ? 'fails' : 'known',
      ].join(', '),
    );
  return facts;
};

const read = <T>(
  artifact: { readonly ok: true; readonly value: readonly T[] } | { readonly ok: false },
): readonly T[] => (artifact.ok ? artifact.value : []);

const iptablesFacts = (name: string, text: string): readonly { readonly key: string; readonly value: string }[] => {
  let table = '';
  return text.split('\n').flatMap((line) => {
    const bare = line.replace(COUNTERS, '').trim();
    if (bare.startsWith('*')) table = bare.slice(1);
    if (bare === '' || bare.startsWith('#') || bare.startsWith('*') || bare === 'COMMIT') return [];
    const chain = /^:(\S+) (\S+)$/.exec(bare);
    if (chain) return [{ key: `${name} ${table} chain ${chain[1]}`, value: `policy ${chain[2]}` }];
    return [{ key: `${name} ${table}: ${bare}`, value: 'present' }];
  });
};

/** Chains and rules of native tables, as compact JSON without handles and counters. */
const nftFacts = (text: string): readonly string[] =>
  (nftObjects(text) ?? []).flatMap((object) => {
    const [kind, body] = Object.entries(object)[0] ?? [];
    if (kind === undefined || !isRecord(body) || !['table', 'chain', 'rule'].includes(kind)) return [];
    const table = kind === 'table' ? body['name'] : body['table'];
    if (
      typeof table === 'string' &&
      IPTABLES_TABLES.has(table) &&
      (body['family'] === 'ip' || body['family'] === 'ip6')
    )
      return [];
    const shown = JSON.stringify(body, (key, value: unknown) =>
      ['handle', 'packets', 'bytes'].includes(key) ? undefined : value,
    );
    return [`${kind} ${shown}`];
  });

/** What a run saw and concluded. */
export const runFacts = (run: Run): readonly Fact[] => {
  const fact = (area: Area, key: string, value: string): Fact => ({ area, netns: '', key, value });
  const { status, cause, brokenLink, direction } = run.diagnosis;
  const at = brokenLink
    ? `${brokenLink.from}-${brokenLink.to} at ${brokenLink.stage}, ${direction ?? 'forward'}`
    : 'none';
  return [
    fact('diagnosis', 'status', status),
    fact('diagnosis', 'cause', cause ?? 'none'),
    fact('diagnosis', 'broken link', at),
    ...run.path.hops.map((hop) =>
      fact(
        'hop',
        `${hop.id} ${hop.role}`,
        [
          hop.ifname ?? '-',
          hop.captured
            ? `requests ${hop.forward.seen}/${hop.forward.of}, replies ${hop.return.seen}/${hop.return.of}`
            : 'not captured',
        ].join(', '),
      ),
    ),
  ];
};
