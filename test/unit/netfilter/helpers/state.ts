import type { Artifact } from '../../../../src/model/artifact.js';
import type { NetnsState } from '../../../../src/model/state.js';
import type { HookContext, HookPacket } from '../../../../src/netfilter/types.js';

const read = <T>(value: T): Artifact<T> => ({ ok: true, value, command: ['fixture'], ms: 0 });

type Dumps = Partial<
  Record<'iptablesNft' | 'ip6tablesNft' | 'iptablesLegacy' | 'ip6tablesLegacy' | 'nftables', string | Artifact<string>>
>;

const dump = (value: string | Artifact<string> | undefined): Artifact<string> =>
  value === undefined || typeof value === 'string' ? read(value ?? '') : value;

/** A namespace of which only the rulesets matter. */
export const netnsState = (dumps: Dumps): NetnsState => ({
  links: read([]),
  addresses: read([]),
  routes: read([]),
  rules: read([]),
  neighbours: read([]),
  bridgePorts: read([]),
  fdb: read([]),
  sysctls: read({}),
  iptablesNft: dump(dumps.iptablesNft),
  ip6tablesNft: dump(dumps.ip6tablesNft),
  iptablesLegacy: dump(dumps.iptablesLegacy),
  ip6tablesLegacy: dump(dumps.ip6tablesLegacy),
  nftables: dump(dumps.nftables),
  conntrack: read({ entries: [], count: null, max: null }),
  counters: read({}),
  qdiscs: read([]),
  tcFilters: read([]),
  sockets: read([]),
  resolvConf: read({ nameservers: [], search: [], options: [] }),
});

export const notRead = (message: string): Artifact<string> => ({
  ok: false,
  reason: 'missing-tool',
  message,
  command: ['fixture'],
  ms: 0,
});

/** An echo request from the container of the textbook network to the outside, as FORWARD sees it. */
export const textbookPacket: HookPacket = {
  family: 4,
  protocol: 'icmp',
  source: '192.168.0.2',
  destination: '203.0.113.5',
  sourcePort: null,
  destinationPort: null,
  icmp: { type: 8, code: 0 },
  tcpFlags: [],
  iif: 'br0',
  oif: 'eth0',
  physIn: null,
  physOut: null,
  mark: 0,
  connection: 'new',
  connectionDirection: 'original',
  connectionStatus: [],
  length: 84,
  ttl: 63,
  macSource: null,
};

/** Its echo reply, as FORWARD sees it on the way back. */
export const textbookReply: HookPacket = {
  ...textbookPacket,
  source: '203.0.113.5',
  destination: '192.168.0.2',
  icmp: { type: 0, code: 0 },
  iif: 'eth0',
  oif: 'br0',
  connection: 'established',
  connectionDirection: 'reply',
};

const LOCAL = new Set(['192.168.0.1', '198.51.100.10', '127.0.0.1', '2001:db8::1']);

export const textbookContext: HookContext = {
  isLocalAddress: (address) => LOCAL.has(address),
  addressType: (address) => (LOCAL.has(address) ? 'local' : 'unicast'),
  primaryAddress: (device, family) => (device === 'eth0' ? (family === 4 ? '198.51.100.10' : '2001:db8::1') : null),
};
