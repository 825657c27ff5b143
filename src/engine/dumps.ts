import { collectors } from '../collect/index.js';
import type { Artifact } from '../model/artifact.js';
import { EXIT, KnownError } from '../model/errors.js';
import type { Family } from '../model/flow.js';
import type { AddressState, NetnsState, PolicyRule, RouteState } from '../model/state.js';
import { loadNetfilter } from '../netfilter/load.js';
import { parseIpAddress } from '../parse/ip-address.js';
import { parseIpLink } from '../parse/ip-link.js';
import { parseIpRoute } from '../parse/ip-route.js';
import { parseIpRule } from '../parse/ip-rule.js';
import { parseIpsetSave } from '../parse/ipset-save.js';
import { ParseError } from '../parse/parse-error.js';
import { parseSysctlDump } from '../parse/sysctl.js';

/** Texts of dumps of one host; what is absent was not given. */
export interface Dumps {
  /** `iptables-save -c` or `iptables-nft-save -c`, of the flow's family. */
  readonly iptables?: string;
  readonly iptablesLegacy?: string;
  /** `nft -j list ruleset`. */
  readonly nft?: string;
  /** `ip -j -d route show table all`. */
  readonly routes?: string;
  /** `ip -j -d rule show`, of the flow's family. */
  readonly rules?: string;
  /** `ip -j -d link show`. */
  readonly links?: string;
  /** `ip -j addr show`. */
  readonly addresses?: string;
  /** `sysctl -a`, or `grep -r '' /proc/sys/net`. */
  readonly sysctls?: string;
  /** `ipset save`. */
  readonly ipsets?: string;
}

export interface DumpedHost {
  readonly state: NetnsState;
  /** What is taken for granted because it was not given. */
  readonly assumptions: readonly string[];
}

const read = <T>(value: T, name: string): Artifact<T> => ({ ok: true, value, command: [name], ms: 0 });

const NOT_GIVEN: Artifact<never> = { ok: false, reason: 'not-collected', message: 'not given', command: [], ms: 0 };

/** Parses one dump. @throws KnownError that names the dump and the line */
const parsed = <T>(name: string, text: string | undefined, parse: (text: string) => T, otherwise: T): T => {
  if (text === undefined) return otherwise;
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw new KnownError(`--${name}: ${error.message}`, {
      exitCode: EXIT.usage,
      hint: HINTS[name] ?? '',
      cause: error,
    });
  }
};

const HINTS: Readonly<Record<string, string>> = {
  iptables: 'made by: iptables-save -c, or ip6tables-save -c',
  'iptables-legacy': 'made by: iptables-legacy-save -c',
  nft: 'made by: nft -j list ruleset',
  routes: 'made by: ip -j -d route show table all',
  rules: 'made by: ip -j -d rule show, or ip -6 -j -d rule show',
  links: 'made by: ip -j -d link show',
  addresses: 'made by: ip -j addr show',
  sysctls: "made by: sysctl -a, or grep -r '' /proc/sys/net",
};

/** The state of a host from its dumps. @param egress device that everything leaves by when no routes are given */
export const stateFromDumps = (dumps: Dumps, family: Family, egress: string | null): DumpedHost => {
  const addresses = parsed('addresses', dumps.addresses, parseIpAddress, []);
  const routes = parsed('routes', dumps.routes, parseIpRoute, egress === null ? null : [everywhere(family, egress)]);
  const four = family === 4;
  const rulesets = {
    iptablesNft: textOf('iptables', dumps.iptables),
    iptablesLegacy: textOf('iptables-legacy', dumps.iptablesLegacy),
  };
  const empty = read('', 'not given');
  const none = Object.fromEntries(Object.keys(collectors).map((name) => [name, NOT_GIVEN])) as unknown as NetnsState;
  const state: NetnsState = {
    ...none,
    links: read(parsed('links', dumps.links, parseIpLink, []), '--links'),
    addresses: read(addresses, '--addresses'),
    routes: routes === null ? NOT_GIVEN : read(withLocal(routes, addresses), '--routes'),
    rules: read(
      parsed('rules', dumps.rules, (text) => parseIpRule(text, family), [...defaultRules(4), ...defaultRules(6)]),
      '--rules',
    ),
    neighbours: read([], 'not given'),
    sysctls:
      dumps.sysctls === undefined
        ? NOT_GIVEN
        : read(parsed('sysctls', dumps.sysctls, parseSysctlDump, {}), '--sysctls'),
    iptablesNft: four ? rulesets.iptablesNft : empty,
    ip6tablesNft: four ? empty : rulesets.iptablesNft,
    iptablesLegacy: four ? rulesets.iptablesLegacy : empty,
    ip6tablesLegacy: four ? empty : rulesets.iptablesLegacy,
    ipsets: dumps.ipsets === undefined ? NOT_GIVEN : read(checkedSets(dumps.ipsets), '--ipsets'),
    nftables: textOf('nft', dumps.nft),
  };
  requireRules(state);
  return { state, assumptions: assumptionsOf(dumps, egress) };
};

/**
 * The walk uses what is parsed here. Where nft shows the same tables the loader can do without iptables-save, but what was
 * given must be readable.
 * @throws KnownError for a ruleset that cannot be read, with the option that named it
 */
const requireRules = (state: NetnsState): void => {
  const { unread, spared = [] } = loadNetfilter(state);
  for (const { artifact, because } of [...unread, ...spared]) {
    const dump = state[artifact];
    const option = dump?.ok ? (dump.command[0] ?? '') : '';
    const hint = HINTS[option.replace(/^--/, '')] ?? '';
    const reason = because.replace(/^the \S+ rules were not understood: /, '');
    throw new KnownError(`${option}: ${reason}`, { exitCode: EXIT.usage, hint });
  }
};

/** The text itself, once it is known to be one. */
const checkedSets = (text: string): string => {
  parsed('ipsets', text, parseIpsetSave, []);
  return text;
};

const textOf = (name: string, text: string | undefined): Artifact<string> => read(text ?? '', `--${name}`);

const assumptionsOf = (dumps: Dumps, egress: string | null): readonly string[] => [
  ...(dumps.iptables === undefined ? ['no --iptables: there are no rules of iptables'] : []),
  ...(dumps.iptablesLegacy === undefined ? ['no --iptables-legacy: the legacy back-end has no rules'] : []),
  ...(dumps.nft === undefined ? ['no --nft: nftables has no rules of its own'] : []),
  ...(dumps.routes === undefined && egress !== null ? [`no --routes: everything leaves by ${egress}`] : []),
  ...(dumps.rules === undefined ? ['no --rules: the policy rules are the three of the kernel'] : []),
  ...(dumps.addresses === undefined ? ['no --addresses: own addresses are those of the local routing table'] : []),
  ...(dumps.sysctls === undefined ? ['no --sysctls: forwarding is on, rp_filter off'] : []),
];

const everywhere = (family: Family, dev: string): RouteState => ({
  family,
  table: 'main',
  type: 'unicast',
  destination: family === 4 ? '0.0.0.0/0' : '::/0',
  nexthops: [{ dev, gateway: null, weight: 1, flags: [] }],
  metric: 0,
  tos: 0,
  prefsrc: null,
  protocol: null,
  scope: null,
  mtu: null,
  text: `default dev ${dev}`,
});

/** Plain `ip route` leaves the local table out; then it is made from the addresses. */
const withLocal = (routes: readonly RouteState[], addresses: readonly AddressState[]): readonly RouteState[] =>
  routes.some(({ table, type }) => table === 'local' || type === 'local')
    ? routes
    : [
        ...routes,
        ...addresses.map(
          ({ family, local, ifname }): RouteState => ({
            ...everywhere(family, ifname),
            table: 'local',
            type: 'local',
            protocol: 'kernel',
            scope: 'host',
            destination: `${local}/${family === 4 ? 32 : 128}`,
            text: `local ${local} dev ${ifname}`,
          }),
        ),
      ];

const defaultRules = (family: Family): readonly PolicyRule[] =>
  (
    [
      [0, 'local'],
      [32766, 'main'],
      [32767, 'default'],
    ] as const
  ).map(([priority, table]) => ({
    family,
    priority,
    not: false,
    source: null,
    destination: null,
    iif: null,
    oif: null,
    mark: null,
    markMask: 0,
    tos: null,
    protocol: null,
    sourcePorts: null,
    destinationPorts: null,
    uids: null,
    action: 'table',
    table,
    goto: null,
    suppressPrefixLength: null,
    suppressIfgroup: null,
    l3mdev: false,
    text: `${priority}: from all lookup ${table}`,
  }));
