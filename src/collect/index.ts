import type { NetnsRef } from '../model/netns.js';
import type { ArtifactName, NetnsState } from '../model/state.js';
import { addresses } from './addresses.js';
import { arptablesLegacy } from './arptables-legacy.js';
import { arptablesNft } from './arptables-nft.js';
import { bridgeGroups } from './bridge-groups.js';
import { bridgePorts } from './bridge-ports.js';
import { bridgeVlans } from './bridge-vlans.js';
import type { CollectOptions, Collector } from './collector.js';
import { conntrack } from './conntrack.js';
import { counters } from './counters.js';
import { ebtablesLegacy } from './ebtables-legacy.js';
import { ebtablesNft } from './ebtables-nft.js';
import { fdb } from './fdb.js';
import { ip6tablesLegacy } from './ip6tables-legacy.js';
import { ip6tablesNft } from './ip6tables-nft.js';
import { ipsets } from './ipsets.js';
import { iptablesLegacy } from './iptables-legacy.js';
import { iptablesNft } from './iptables-nft.js';
import { links } from './links.js';
import { neighbours } from './neighbours.js';
import { nftables } from './nftables.js';
import { ovsPorts } from './ovs-ports.js';
import { qdiscs } from './qdiscs.js';
import { resolvConf } from './resolv-conf.js';
import { routes } from './routes.js';
import { rules } from './rules.js';
import { sockets } from './sockets.js';
import { sysctls } from './sysctls.js';
import { tcFilters } from './tc-filters.js';
import { wireguardPeers } from './wireguard-peers.js';
import { xfrm } from './xfrm.js';

export type { CollectOptions, Collector } from './collector.js';

type Collectors = { readonly [N in ArtifactName]-?: Collector<N> };

/** One collector for each artifact. */
export const collectors: Collectors = {
  addresses,
  arptablesLegacy,
  arptablesNft,
  bridgeGroups,
  bridgePorts,
  bridgeVlans,
  conntrack,
  counters,
  ebtablesLegacy,
  ebtablesNft,
  fdb,
  ip6tablesLegacy,
  ip6tablesNft,
  ipsets,
  iptablesLegacy,
  iptablesNft,
  links,
  neighbours,
  nftables,
  ovsPorts,
  qdiscs,
  resolvConf,
  routes,
  rules,
  sockets,
  sysctls,
  tcFilters,
  wireguardPeers,
  xfrm,
};

/** Promises of artifacts, each of which settles by itself and never rejects. */
export type PendingState<N extends ArtifactName = ArtifactName> = {
  readonly [K in N]: Promise<NonNullable<NetnsState[K]>>;
};

/** Starts the named collectors in one namespace, all at once. */
export const collectNetns = <N extends ArtifactName>(
  netns: NetnsRef,
  names: readonly N[],
  options: CollectOptions = {},
): PendingState<N> =>
  Object.fromEntries(names.map((name) => [name, collectors[name].collect(netns, options)])) as PendingState<N>;
