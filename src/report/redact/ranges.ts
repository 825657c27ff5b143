import { contains, type Ip, type Network, parseNetwork } from './ip.js';

const networks = (...texts: readonly string[]): readonly Network[] => texts.map(parseNetwork);

/** Addresses that name nobody: unspecified, loopback, link-local, multicast, broadcast and reserved; and netmasks. */
const KEPT = networks(
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/96',
  'fe80::/10',
  'ff00::/8',
);

/** RFC 1918, RFC 6598 and RFC 4193 space: an alias stays in the same block, so that rules about whole blocks still match. */
const PRIVATE = networks('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7');

/** Where aliases of public networks lie: benchmarking space (RFC 2544), reserved space for what is larger; RFC 9637. */
export const PUBLIC_ALIASES = { 4: networks('198.18.0.0/15', '240.0.0.0/4'), 6: networks('3fff::/20') } as const;

export const isKept = (ip: Ip): boolean => KEPT.some((network) => contains(network, ip));

export const privateBlockOf = (ip: Ip): Network | null => PRIVATE.find((block) => contains(block, ip)) ?? null;

/** Networks shorter than this span sites and identify none; they are kept, as are the private blocks themselves. */
const SHORTEST_SITE = { 4: 13, 6: 21 } as const;
/** Longer ones are single hosts and links between two routers. */
const LONGEST_SITE = { 4: 30, 6: 126 } as const;
/** The network that an address of an unknown one is taken to be in. */
export const USUAL_SITE = { 4: 24, 6: 64 } as const;

export const isSpanning = (network: Network): boolean =>
  network.length < SHORTEST_SITE[network.family] ||
  PRIVATE.some((block) => block.length === network.length && contains(block, network));

export const isSite = (network: Network): boolean =>
  !isSpanning(network) && !isKept(network) && network.length <= LONGEST_SITE[network.family];
