import type { BuildPart, FamilyDesign, NetworkDesign, PublishedPort, WantedRule } from '../../model/build.js';
import type { Facet } from '../../model/repair.js';
import { settingOf } from '../facts/facts.js';
import { type Observed, uplinkOf } from './observed.js';
import { hasChain } from './rulesets.js';

/** What keeps the rules. */
export type Backend = 'iptables-nft' | 'iptables-legacy' | 'nft';

const FIREWALL: readonly Facet[] = ['nft-table', 'nft-chain', 'firewall-rule'];
const OURS = 'vethoscope';

interface Context {
  readonly design: NetworkDesign;
  readonly family: FamilyDesign;
  readonly published: readonly PublishedPort[];
  readonly backend: Backend;
  readonly observed: Observed;
}

/** Forwarding, the rules that let the container's traffic through, its translation, and the published ports. */
export const hostParts = (
  design: NetworkDesign,
  published: readonly PublishedPort[],
  backend: Backend,
  observed: Observed,
): readonly BuildPart[] => [
  ...design.families.flatMap((family) => forwarding(design.bridge, family, observed)),
  ...design.families.flatMap((family) => {
    const context = { design, family, published, backend, observed };
    return [...(backend === 'nft' ? ownTable(context) : []), ...rulesOf(context)];
  }),
  ...(published.length > 0 ? [hairpin(design)] : []),
];

const sysctlPart = (
  id: string,
  [key, value]: readonly [string, string],
  words: Pick<BuildPart, 'title' | 'why' | 'risk'>,
): BuildPart => ({
  id,
  ...words,
  netns: 'host',
  inner: ['sysctl', '-w', `${key}=${value}`],
  facts: [{ netns: 'host', facet: 'sysctl', key, value }],
  rule: null,
  scope: ['sysctl', 'route'],
  makes: [],
  devices: null,
});

/** IPv4 asks the device that a packet came in by; IPv6 only the switch for all. @see https://docs.kernel.org/networking/ip-sysctl.html */
const forwarding = (bridge: string, { family }: FamilyDesign, { state }: Observed): readonly BuildPart[] => {
  const key = family === 4 ? 'net.ipv4.ip_forward' : 'net.ipv6.conf.all.forwarding';
  const on = sysctlPart(`forwarding${suffix(family)}`, [key, '1'], {
    title: `let this host forward IPv${family}`,
    why: 'a host drops what is not addressed to it, until it is told to be a router',
    risk: 'this host forwards between all of its networks, where the FORWARD rules leave it open',
  });
  if (family === 4) {
    const uplink = uplinkOf(state)?.device ?? bridge;
    const isOn = (device: string): boolean =>
      settingOf(state, 'host', 'sysctl', `net.ipv4.conf.${device}.forwarding`) === '1';
    return isOn(bridge) && isOn(uplink) ? [{ ...on, facts: [] }] : [on];
  }
  const advertised = [...(state.get('host')?.keys() ?? [])].find((fact) => /^route 6 default .* proto ra\b/.test(fact));
  const device = / dev (\S+)/.exec(advertised ?? '')?.[1];
  if (device === undefined) return [on];
  const listen = sysctlPart('router-advertisements', [`net.ipv6.conf.${device.replaceAll('.', '/')}.accept_ra`, '2'], {
    title: `keep listening to the router on ${device}`,
    why: 'a router ignores router advertisements, and this host has its default route from one',
    risk: 'none: it stays as it is now',
  });
  return [listen, on];
};

const suffix = (family: 4 | 6): string => (family === 4 ? '' : '-ipv6');

/** What is let through or translated, once for each tool: in words of iptables and of nft. */
interface Rule {
  readonly id: string;
  readonly title: string;
  readonly why: string;
  readonly risk: string;
  readonly table: 'filter' | 'nat';
  /** Chain of iptables. */
  readonly chain: 'FORWARD' | 'PREROUTING' | 'OUTPUT' | 'POSTROUTING';
  readonly iptables: string;
  readonly nft: string;
  /** In words of iptables; in Docker's chains too. */
  readonly alike?: readonly string[];
}

const rulesOf = (context: Context): readonly BuildPart[] => {
  const rules = [...passing(context), ...context.published.flatMap((port) => publishing(context, port))];
  return rules.flatMap((rule) => partsOf(rule, context));
};

const passing = ({ design: { bridge }, family: { family, subnet } }: Context): readonly Rule[] => {
  const ip = family === 4 ? 'ip' : 'ip6';
  return [
    {
      id: 'forward-out',
      title: `let ${subnet} out through ${bridge}`,
      why: 'the FORWARD rules decide about everything that crosses this host; this is the way out',
      risk: `for what comes in by ${bridge} from ${subnet} alone`,
      table: 'filter',
      chain: 'FORWARD',
      iptables: `-s ${subnet} -i ${bridge} ! -o ${bridge} -j ACCEPT`,
      nft: `iifname "${bridge}" oifname != "${bridge}" ${ip} saddr ${subnet} accept`,
      alike: [`-i ${bridge} ! -o ${bridge} -j ACCEPT`, `-i ${bridge} -j ACCEPT`],
    },
    {
      id: 'forward-back',
      title: `let the answers back to ${subnet}`,
      why: 'and this is the way back: answers to what the container itself began, nothing else',
      risk: 'answers alone',
      table: 'filter',
      chain: 'FORWARD',
      iptables: `-d ${subnet} -o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
      nft: `oifname "${bridge}" ${ip} daddr ${subnet} ct state established,related accept`,
      alike: [`-o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`],
    },
    {
      id: 'masquerade',
      title: `hide ${subnet} behind this host's address`,
      why: 'nobody outside knows a way back to the private subnet: what leaves gets the address of this host',
      risk: `for what leaves from ${subnet} by another device than ${bridge}`,
      table: 'nat',
      chain: 'POSTROUTING',
      iptables: `-s ${subnet} ! -o ${bridge} -j MASQUERADE`,
      nft: `${ip} saddr ${subnet} oifname != "${bridge}" masquerade`,
    },
  ];
};

const publishing = (
  { design: { bridge }, family: { family, address } }: Context,
  { hostPort, port, protocol }: PublishedPort,
): readonly Rule[] => {
  const ip = family === 4 ? 'ip' : 'ip6';
  const one = `${address}/${family === 4 ? 32 : 128}`;
  const to = `${family === 4 ? address : `[${address}]`}:${port}`;
  const loopback = family === 4 ? '127.0.0.0/8' : '::1/128';
  const what = `port ${hostPort}/${protocol}`;
  const common = { risk: `${what} of this host is open to whoever reaches it`, table: 'nat' as const };
  return [
    {
      ...common,
      id: `publish-${hostPort}-${protocol}`,
      title: `lead ${what} of this host to ${to}`,
      why: 'what comes in for that port gets the address of the container instead of the host',
      chain: 'PREROUTING',
      iptables: `-p ${protocol} -m addrtype --dst-type LOCAL -m ${protocol} --dport ${hostPort} -j DNAT --to-destination ${to}`,
      nft: `fib daddr type local ${protocol} dport ${hostPort} dnat to ${to}`,
    },
    {
      ...common,
      id: `publish-${hostPort}-${protocol}-here`,
      title: `lead ${what} there for this host itself`,
      why: 'what this host sends to its own address never passes PREROUTING; 127.0.0.1 is left out',
      chain: 'OUTPUT',
      iptables: `! -d ${loopback} -p ${protocol} -m addrtype --dst-type LOCAL -m ${protocol} --dport ${hostPort} -j DNAT --to-destination ${to}`,
      nft: `${ip} daddr != ${family === 4 ? loopback : '::1'} fib daddr type local ${protocol} dport ${hostPort} dnat to ${to}`,
    },
    {
      ...common,
      id: `publish-${hostPort}-${protocol}-hairpin`,
      title: `let the container reach ${what} of this host as well`,
      why: 'it would see a packet from its own address and drop it: the host steps in between',
      risk: 'for what the container sends to itself alone',
      chain: 'POSTROUTING',
      iptables: `-s ${one} -d ${one} -p ${protocol} -m ${protocol} --dport ${port} -j MASQUERADE`,
      nft: `${ip} saddr ${address} ${ip} daddr ${address} ${protocol} dport ${port} masquerade`,
    },
    {
      id: `publish-${hostPort}-${protocol}-forward`,
      title: `let ${what} through to ${to}`,
      why: 'what was led to the container crosses this host, and the FORWARD rules decide about it',
      risk: `port ${port}/${protocol} of ${address} alone`,
      table: 'filter',
      chain: 'FORWARD',
      iptables: `-d ${one} -o ${bridge} -p ${protocol} -m ${protocol} --dport ${port} -j ACCEPT`,
      nft: `oifname "${bridge}" ${ip} daddr ${address} ${protocol} dport ${port} accept`,
    },
  ];
};

const hairpin = ({ bridge, hostEnd }: NetworkDesign): BuildPart => ({
  id: 'hairpin',
  title: `let ${hostEnd} send back where it came from`,
  why: 'a switch never sends a frame out by the port it came in by, which a container that calls itself needs',
  netns: 'host',
  inner: ['bridge', 'link', 'set', 'dev', hostEnd, 'hairpin', 'on'],
  facts: [{ netns: 'host', facet: 'port', key: `${hostEnd} hairpin`, value: 'on' }],
  rule: null,
  scope: ['port'],
  makes: [],
  devices: [bridge, hostEnd],
  risk: 'for this port alone',
});

/** Every place where a rule has to stand: an ACCEPT ends one ruleset alone, and another may still drop. */
const partsOf = (rule: Rule, context: Context): readonly BuildPart[] => {
  const { backend, observed, family } = context;
  const names =
    family.family === 4
      ? (['iptables-nft', 'iptables-legacy'] as const)
      : (['ip6tables-nft', 'ip6tables-legacy'] as const);
  const main = backend === 'nft' ? null : backend.replace(/^iptables/, family.family === 4 ? 'iptables' : 'ip6tables');
  if (rule.table === 'nat') return [main === null ? inOwnTable(rule, context) : withIptables(rule, main, context)];
  const dropping = names.filter(
    (tool) => tool !== main && observed.rulesets.policies.get(`${tool} filter FORWARD`) === 'DROP',
  );
  return [
    ...(main === null ? [inOwnTable(rule, context)] : [withIptables(rule, main, context)]),
    ...dropping.map((tool) => withIptables(rule, tool, context)),
    ...droppingChains(context).map((place) => withNft(rule, place, context, 'insert')),
  ];
};

/** Chains of nft that drop what they do not accept, and belong to no tool of their own. */
const droppingChains = ({ observed: { state }, family: { family } }: Context): readonly string[] =>
  [...(state.get('host') ?? [])].flatMap(([fact, value]) => {
    const [, table = '', chain = ''] = /^nft-chain (\S+ \S+) (\S+)$/.exec(fact) ?? [];
    const [ipFamily, name] = table.split(' ');
    const drops = /^type filter hook forward .*policy drop/.test(value);
    const ofFamily = ipFamily === 'inet' || ipFamily === (family === 4 ? 'ip' : 'ip6');
    const ofTool = name === 'firewalld' || (name === 'filter' && chain === 'FORWARD');
    return drops && ofFamily && !ofTool ? [`${table} ${chain}`] : [];
  });

const words = ({ id, title, why, risk }: Rule, family: 4 | 6) => ({ id: `${id}${suffix(family)}`, title, why, risk });

const withIptables = (rule: Rule, tool: string, { observed, family: { family } }: Context): BuildPart => {
  const isDocker = rule.table === 'filter' && hasChain(observed.rulesets, tool, 'filter DOCKER-USER');
  const chain = isDocker ? 'DOCKER-USER' : rule.chain;
  const alike = [rule.iptables, ...(rule.alike ?? [])].flatMap((text) =>
    (rule.table === 'nat' ? [rule.chain] : ['FORWARD', 'DOCKER-USER', 'DOCKER-FORWARD', 'DOCKER-CT']).map((name) => ({
      place: `${rule.table} ${name}`,
      text,
    })),
  );
  const verb = rule.table === 'nat' ? '-A' : '-I';
  return {
    ...words(rule, family),
    netns: 'host',
    inner: [tool, '-w', '5', '-t', rule.table, verb, chain, ...rule.iptables.split(' ')],
    facts: [],
    rule: { tool, place: `${rule.table} ${chain}`, text: rule.iptables, alike },
    scope: FIREWALL,
    makes: [],
    devices: null,
  };
};

const withNft = (rule: Rule, place: string, { family: { family } }: Context, verb: 'add' | 'insert'): BuildPart => ({
  ...words(rule, family),
  netns: 'host',
  inner: ['nft', verb, 'rule', ...place.split(' '), ...rule.nft.split(' ')],
  facts: [],
  rule: { tool: 'nft', place, text: rule.nft, alike: [] } satisfies WantedRule,
  scope: FIREWALL,
  makes: [],
  devices: null,
});

const tableOf = (family: 4 | 6): string => `${family === 4 ? 'ip' : 'ip6'} ${OURS}`;

const inOwnTable = (rule: Rule, context: Context): BuildPart =>
  withNft(rule, `${tableOf(context.family.family)} ${rule.chain.toLowerCase()}`, context, 'add');

const HOOKS = {
  forward: 'type filter hook forward priority filter; policy accept;',
  postrouting: 'type nat hook postrouting priority srcnat; policy accept;',
  prerouting: 'type nat hook prerouting priority dstnat; policy accept;',
  output: 'type nat hook output priority -100; policy accept;',
} as const;

/** With native nft the rules stand in a table of their own, which nobody else rewrites. */
const ownTable = ({ family: { family }, published }: Context): readonly BuildPart[] => {
  const table = tableOf(family);
  const chains = Object.entries(HOOKS).filter(
    ([chain]) => published.length > 0 || chain === 'forward' || chain === 'postrouting',
  );
  const made = (
    id: string,
    title: string,
    command: readonly string[],
    fact: BuildPart['facts'][number],
  ): BuildPart => ({
    id: `${id}${suffix(family)}`,
    title,
    why: 'rules of our own stand in a table of our own, which no other tool rewrites',
    netns: 'host',
    inner: ['nft', ...command],
    facts: [fact],
    rule: null,
    scope: FIREWALL,
    makes: [],
    devices: null,
    risk: 'none: it is empty',
  });
  return [
    made('table', `make the table ${table}`, ['add', 'table', ...table.split(' ')], {
      netns: 'host',
      facet: 'nft-table',
      key: table,
      value: null,
    }),
    ...chains.map(([chain, hook]) =>
      made(
        `chain-${chain}`,
        `make its chain ${chain}`,
        ['add', 'chain', ...table.split(' '), chain, '{', ...hook.split(' '), '}'],
        {
          netns: 'host',
          facet: 'nft-chain',
          key: `${table} ${chain}`,
          value: null,
        },
      ),
    ),
  ];
};
