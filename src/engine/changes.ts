import ipaddr from 'ipaddr.js';
import type { StateChange } from '../model/evidence.js';
import type { Flow } from '../model/flow.js';
import type { NetnsId } from '../model/netns.js';
import type { Path } from '../model/path.js';
import type { ArtifactName, ArtifactValue, NetnsState } from '../model/state.js';
import { nftEntries } from '../parse/nft-entries.js';

type States = Readonly<Record<NetnsId, NetnsState>>;
type StatesAgain = Readonly<Record<NetnsId, Partial<NetnsState>>>;

/** What one artifact says about the flow, as lines that stay the same while nothing changes. */
interface Fingerprint<N extends ArtifactName> {
  readonly name: N;
  readonly what: string;
  lines(value: ArtifactValue<N>, flow: Flow, devices: ReadonlySet<string>): readonly string[];
}

const fingerprint = <N extends ArtifactName>(one: Fingerprint<N>): Fingerprint<N> => one;

const FINGERPRINTS = [
  fingerprint({
    name: 'links',
    what: 'an interface',
    lines: (links, _flow, devices) =>
      links
        .filter((link) => devices.has(link.ifname))
        .map(
          (link) =>
            `${link.ifname} index ${link.ifindex} ${link.flags.join(',')} master ${link.master} mtu ${link.mtu}`,
        ),
  }),
  fingerprint({
    name: 'addresses',
    what: 'an address',
    lines: (addresses, flow, devices) =>
      addresses
        .filter((address) => address.family === flow.family && devices.has(address.ifname) && address.scope !== 'link')
        .map((address) => `${address.local}/${address.prefixLength} on ${address.ifname}`),
  }),
  fingerprint({
    name: 'routes',
    what: 'a route',
    lines: (routes, flow) =>
      routes
        .filter((route) => route.family === flow.family && coversFlow(route.destination, flow))
        .map((route) => `table ${route.table}: ${route.text}`),
  }),
  fingerprint({
    name: 'rules',
    what: 'a policy rule',
    lines: (rules, flow) =>
      rules.filter((rule) => rule.family === flow.family).map((rule) => `${rule.priority}: ${rule.text}`),
  }),
  fingerprint({
    name: 'sysctls',
    what: 'a kernel setting',
    lines: (settings, _flow, devices) =>
      Object.entries(settings)
        .filter(([key]) => decides(key, devices))
        .map(([key, value]) => `${key} = ${value}`),
  }),
  fingerprint({ name: 'iptablesNft', what: 'an iptables rule', lines: (text) => withoutCounters(text) }),
  fingerprint({ name: 'iptablesLegacy', what: 'an iptables (legacy) rule', lines: (text) => withoutCounters(text) }),
  fingerprint({ name: 'nftables', what: 'an nftables rule', lines: (text) => nftLines(text) }),
] as const;

/**
 * What the flow depends on and what changed between the two snapshots of the namespaces on the path: interfaces and
 * addresses of the path, routes that cover its addresses, policy rules, kernel settings, firewall rules. Counters are left
 * out.
 */
export const changesBetween = (before: States, after: StatesAgain, flow: Flow, path: Path): readonly StateChange[] => {
  const devices = new Set(path.hops.flatMap((hop) => hop.ifname ?? []));
  return Object.entries(before).flatMap(([netns, state]) =>
    FINGERPRINTS.flatMap((one) =>
      compare(one as Fingerprint<ArtifactName>, netns, state, after[netns] ?? {}, flow, devices),
    ),
  );
};

const CONF = /^net\.ipv[46]\.conf\.(.+)\.[^.]+$/;

/** Whether a setting has a say in what becomes of the flow's packets: of the path's devices, of all, or of none in particular. */
const decides = (key: string, devices: ReadonlySet<string>): boolean => {
  const device = CONF.exec(key)?.[1];
  if (device !== undefined) return device === 'all' || devices.has(device);
  return key === 'net.ipv4.ip_forward' || key.startsWith('net.bridge.') || key.startsWith('net.ipv4.icmp_echo_ignore');
};

const compare = <N extends ArtifactName>(
  { name, what, lines }: Fingerprint<N>,
  netns: NetnsId,
  before: NetnsState,
  after: Partial<NetnsState>,
  flow: Flow,
  devices: ReadonlySet<string>,
): readonly StateChange[] => {
  const [first, second] = [before[name], after[name]];
  if (!first?.ok || !second?.ok) return [];
  const detail = difference(
    lines(first.value as ArtifactValue<N>, flow, devices),
    lines(second.value as ArtifactValue<N>, flow, devices),
  );
  return detail === null ? [] : [{ netns, what, detail }];
};

const coversFlow = (network: string, flow: Flow): boolean =>
  [flow.source, flow.destination].some((address) => {
    if (address === null) return false;
    const [range, bits] = ipaddr.parseCIDR(network);
    const parsed = ipaddr.parse(address);
    return parsed.kind() === range.kind() && parsed.match(range, bits);
  });

const difference = (old: readonly string[], now: readonly string[]): string | null => {
  const [before, after] = [new Set(old), new Set(now)];
  const gone = old.find((line) => !after.has(line));
  if (gone !== undefined) return `gone: ${gone}`;
  const added = now.find((line) => !before.has(line));
  return added === undefined ? null : `new: ${added}`;
};

const withoutCounters = (text: string): readonly string[] =>
  text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.replace(/^\[\d+:\d+\] /, '').replace(/ \[\d+:\d+\]$/, ''));

const OF_RULES = new Set(['table', 'chain', 'rule']);

/** Chains and rules without counters; set elements are left out, since traffic itself may add them. */
const nftLines = (text: string): readonly string[] => {
  const lines: string[] = [];
  for (const { kind, body } of nftEntries(text))
    if (OF_RULES.has(kind))
      lines.push(
        JSON.stringify({ [kind]: body }, (key, value: unknown) =>
          key === 'packets' || key === 'bytes' ? undefined : value,
        ),
      );
  return lines;
};
