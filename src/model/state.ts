import type { Artifact } from './artifact.js';
import type { Family } from './flow.js';
import type { WireguardPeer } from './wireguard-peer.js';

/** One network interface, from `ip -j -d -s link show`. */
export interface LinkState {
  readonly ifindex: number;
  readonly ifname: string;
  readonly flags: readonly string[];
  readonly mtu: number;
  readonly operstate: string;
  readonly address: string | null;
  /** `link_index`: ifindex of the peer (veth) or lower device (macvlan, vlan), in the namespace `linkNetnsid`. */
  readonly peerIndex: number | null;
  /** Name of the lower device where it lies in the same namespace (`link`). */
  readonly lower: string | null;
  /** Namespace ID of the peer, relative to this namespace; `null` when the peer is in this one. */
  readonly linkNetnsid: number | null;
  readonly master: string | null;
  /** `info_kind`: `veth`, `bridge`, `vxlan`, `macvlan`, `bond`, `vrf`, `tun`, …; `null` for a physical device. */
  readonly kind: string | null;
  readonly masterKind: string | null;
  /** `info_data` as iproute2 prints it (bridge, vxlan, bond, macvlan, vrf options). */
  readonly data: Readonly<Record<string, unknown>>;
  /** `info_slave_data` (bridge port options: state, isolated, hairpin, …). */
  readonly slaveData: Readonly<Record<string, unknown>>;
  readonly xdp: Readonly<Record<string, unknown>> | null;
  readonly promiscuity: number;
  /** Device group, by name or number; what a rule's `suppress_ifgroup` compares. */
  readonly group?: string;
  readonly altnames: readonly string[];
  readonly stats: LinkStats | null;
}

export interface LinkStats {
  readonly rxPackets: number;
  readonly rxErrors: number;
  readonly rxDropped: number;
  readonly txPackets: number;
  readonly txErrors: number;
  readonly txDropped: number;
}

/** One address of an interface, from `ip -j addr show`. */
export interface AddressState {
  readonly family: Family;
  readonly ifname: string;
  readonly ifindex: number;
  readonly local: string;
  readonly prefixLength: number;
  readonly scope: string;
  /** Peer of a point-to-point address. */
  readonly peer: string | null;
  readonly flags: readonly string[];
}

export type RouteType =
  | 'unicast'
  | 'local'
  | 'broadcast'
  | 'multicast'
  | 'anycast'
  | 'throw'
  | 'unreachable'
  | 'prohibit'
  | 'blackhole'
  | 'nat';

export interface Nexthop {
  readonly dev: string | null;
  readonly gateway: string | null;
  readonly weight: number;
  /** `onlink`, `linkdown`, `dead`, … */
  readonly flags: readonly string[];
}

/** One route of any table, from `ip -j -d route show table all`. */
export interface RouteState {
  readonly family: Family;
  /** Number as text or name: `main`, `local`, `100`. */
  readonly table: string;
  readonly type: RouteType;
  /** Network in CIDR form; `0.0.0.0/0` or `::/0` for the default route. */
  readonly destination: string;
  /** Source network of a source-specific IPv6 route. */
  readonly from?: string;
  readonly nexthops: readonly Nexthop[];
  readonly metric: number;
  readonly tos: number;
  readonly prefsrc: string | null;
  readonly protocol: string | null;
  readonly scope: string | null;
  readonly mtu: number | null;
  /** One line as `ip route` would print it, for evidence and remedies. */
  readonly text: string;
}

/** One policy rule, from `ip -j -d rule show`. */
export interface PolicyRule {
  readonly family: Family;
  readonly priority: number;
  readonly not: boolean;
  /** Source network in CIDR form; `null` for `all`. */
  readonly source: string | null;
  readonly destination: string | null;
  readonly iif: string | null;
  readonly oif: string | null;
  readonly mark: number | null;
  readonly markMask: number;
  readonly tos: number | null;
  readonly protocol: string | null;
  readonly sourcePorts: readonly [number, number] | null;
  readonly destinationPorts: readonly [number, number] | null;
  readonly uids: readonly [number, number] | null;
  readonly action: 'table' | 'goto' | 'nop' | 'blackhole' | 'unreachable' | 'prohibit';
  readonly table: string | null;
  readonly goto: number | null;
  readonly suppressPrefixLength: number | null;
  readonly suppressIfgroup: string | null;
  /** Whether the rule is an l3mdev (VRF) rule. */
  readonly l3mdev: boolean;
  /** Selectors of the rule that this program cannot judge (`tun_id`, `dscp`, …). */
  readonly unjudged?: readonly string[];
  readonly text: string;
}

/** One neighbour entry, from `ip -j -s neigh show`. */
export interface NeighbourState {
  readonly family: Family;
  readonly address: string;
  readonly dev: string;
  readonly lladdr: string | null;
  /** `REACHABLE`, `STALE`, `DELAY`, `PROBE`, `FAILED`, `INCOMPLETE`, `PERMANENT`, `NOARP`. */
  readonly states: readonly string[];
}

/** One bridge port, from `bridge -j -d link show`. */
export interface BridgePort {
  readonly ifname: string;
  readonly ifindex: number;
  readonly master: string;
  /** `forwarding`, `learning`, `listening`, `blocking`, `disabled`. */
  readonly state: string;
  readonly isolated: boolean;
  readonly locked: boolean;
  readonly hairpin: boolean;
  readonly learning: boolean;
  /** Whether frames for unknown addresses leave by it. */
  readonly flood: boolean;
  /** @default true */
  readonly multicastFlood?: boolean;
  /** @default true */
  readonly broadcastFlood?: boolean;
}

/** One VLAN of a bridge port or of the bridge itself, from `bridge -j vlan show`. */
export interface BridgeVlan {
  readonly ifname: string;
  readonly vlan: number;
  /** Untagged frames that come in belong to it. */
  readonly isPvid: boolean;
  /** Its frames leave without a tag. */
  readonly isUntagged: boolean;
}

/** What the bridges know of multicast listeners, from `bridge -j -d mdb show`. */
export interface BridgeGroups {
  /** Ports, or the bridge itself, that reported a group or were put into it. */
  readonly members: readonly { readonly bridge: string; readonly port: string; readonly group: string }[];
  /** Ports that get every group: told so (`isSet`), or a multicast router or another querier was heard there. */
  readonly routers: readonly { readonly bridge: string; readonly port: string; readonly isSet: boolean }[];
}

/** One port of a bridge of Open vSwitch, from `ovs-vsctl list`. The bridge's own device is a port of its name. */
export interface OvsPort {
  readonly bridge: string;
  readonly ifname: string;
  /** VLAN of an access port; `null` for a port that carries several. */
  readonly tag: number | null;
  /** VLANs of a trunk; empty for all. */
  readonly trunks: readonly number[];
}

/** One forwarding database entry, from `bridge -j fdb show`. */
export interface FdbEntry {
  readonly mac: string;
  readonly ifname: string;
  readonly master: string | null;
  /** Remote VTEP of a vxlan entry. */
  readonly dst: string | null;
  readonly flags: readonly string[];
  readonly state: string | null;
  readonly vlan?: number;
}

/** One connection of the traced flow, from `conntrack -L -o extended,id`. */
export interface ConntrackEntry {
  readonly protocol: string;
  readonly state: string | null;
  readonly original: ConntrackTuple;
  readonly reply: ConntrackTuple;
  /** `UNREPLIED`, `ASSURED`, … */
  readonly flags: readonly string[];
  readonly mark: number;
  readonly text: string;
}

export interface ConntrackTuple {
  readonly src: string;
  readonly dst: string;
  readonly sport: number | null;
  readonly dport: number | null;
  readonly icmpId: number | null;
}

/** `entries` of the flow, and how full the table is. */
export interface ConntrackState {
  readonly entries: readonly ConntrackEntry[];
  readonly count: number | null;
  readonly max: number | null;
}

/** One queueing discipline, from `tc -j -s qdisc show`. */
export interface QdiscState {
  readonly dev: string;
  readonly kind: string;
  readonly handle: string;
  readonly parent: string | null;
  readonly drops: number;
  readonly overlimits: number;
  readonly packets: number;
  readonly options: Readonly<Record<string, unknown>>;
}

/** One tc filter on a clsact or ingress qdisc, from `tc -j -s filter show`. */
export interface TcFilter {
  readonly dev: string;
  readonly hook: 'ingress' | 'egress';
  readonly kind: string;
  readonly preference: number;
  readonly protocol: string;
  readonly text: string;
  /** Absent for the first chain, 0. */
  readonly chain?: number;
  /** The program of a classic BPF filter in direct-action mode; absent for every other filter, and where only hardware runs it. */
  readonly program?: readonly ClassicInstruction[];
}

/** One instruction of classic BPF. @see struct sock_filter in linux/filter.h */
export interface ClassicInstruction {
  readonly code: number;
  /** Instructions to skip when the comparison holds, and when it does not. */
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

/** One listening socket, from `ss -Hlntu`. */
export interface ListeningSocket {
  readonly protocol: 'tcp' | 'udp';
  readonly address: string;
  readonly port: number;
  /** Of TCP: how many connections wait for the program to accept them, and how many may. Absent in runs of earlier versions. */
  readonly queue?: AcceptQueue;
}

/** One more connection is taken in than there is room for. @see sk_acceptq_is_full() in include/net/sock.h */
export interface AcceptQueue {
  readonly waiting: number;
  readonly room: number;
}

export interface ResolvConf {
  readonly nameservers: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
}

/** One policy of IPsec, from `ip xfrm policy`. */
export interface XfrmPolicy {
  readonly source: string;
  readonly destination: string;
  /** What else it asks for: protocol, ports, device, mark; empty for addresses alone. */
  readonly more: string;
  /** `socket`: of one socket alone. */
  readonly direction: 'in' | 'out' | 'fwd' | 'socket';
  readonly action: 'allow' | 'block';
  readonly priority: number;
  /** Ends of the tunnels that it wants. */
  readonly templates: readonly { readonly source: string; readonly destination: string }[];
}

/** The ends of one security association, from `ip xfrm state`. */
export interface XfrmState {
  readonly source: string;
  readonly destination: string;
}

export interface XfrmSet {
  readonly policies: readonly XfrmPolicy[];
  readonly states: readonly XfrmState[];
}

/** Everything that the collectors read in one network namespace. One field is one artifact. */
export interface NetnsState {
  readonly links: Artifact<readonly LinkState[]>;
  readonly addresses: Artifact<readonly AddressState[]>;
  readonly routes: Artifact<readonly RouteState[]>;
  readonly rules: Artifact<readonly PolicyRule[]>;
  readonly neighbours: Artifact<readonly NeighbourState[]>;
  readonly bridgePorts: Artifact<readonly BridgePort[]>;
  readonly fdb: Artifact<readonly FdbEntry[]>;
  /** Of flows of IPv6 alone. Absent in runs of earlier versions. */
  readonly bridgeGroups?: Artifact<BridgeGroups>;
  /** Absent in runs of earlier versions. */
  readonly bridgeVlans?: Artifact<readonly BridgeVlan[]>;
  /** Absent in runs of earlier versions. */
  readonly ovsPorts?: Artifact<readonly OvsPort[]>;
  /** Of the host alone; empty where `wg` is not installed. Absent in runs of earlier versions. */
  readonly wireguardPeers?: Artifact<readonly WireguardPeer[]>;
  /** Text of `ipset save`. Absent in runs of earlier versions. */
  readonly ipsets?: Artifact<string>;
  /** Absent in runs of earlier versions. */
  readonly xfrm?: Artifact<XfrmSet>;
  /** Keys as `sysctl` prints them with dots, interface names as they are: `net.ipv4.conf.eth0.rp_filter`. */
  readonly sysctls: Artifact<Readonly<Record<string, string>>>;
  /** Text of `iptables-nft-save -c`; parsed on demand, because a dump can hold 70,000 rules. */
  readonly iptablesNft: Artifact<string>;
  readonly ip6tablesNft: Artifact<string>;
  readonly iptablesLegacy: Artifact<string>;
  readonly ip6tablesLegacy: Artifact<string>;
  /** Text of `ebtables-save` and `arptables-save` of either back-end. Absent in runs of earlier versions. */
  readonly ebtablesLegacy?: Artifact<string>;
  readonly ebtablesNft?: Artifact<string>;
  readonly arptablesLegacy?: Artifact<string>;
  readonly arptablesNft?: Artifact<string>;
  /** Text of `nft -j list ruleset`. */
  readonly nftables: Artifact<string>;
  readonly conntrack: Artifact<ConntrackState>;
  /** `/proc/PID/net/snmp`, `snmp6` and `netstat` as `Ip.InAddrErrors`, `TcpExt.IPReversePathFilter`, `Ip6.…`. */
  readonly counters: Artifact<Readonly<Record<string, number>>>;
  readonly qdiscs: Artifact<readonly QdiscState[]>;
  readonly tcFilters: Artifact<readonly TcFilter[]>;
  readonly sockets: Artifact<readonly ListeningSocket[]>;
  readonly resolvConf: Artifact<ResolvConf>;
}

export type ArtifactName = keyof NetnsState;
export type ArtifactValue<N extends ArtifactName> = NonNullable<NetnsState[N]> extends Artifact<infer T> ? T : never;
