import type { Asked } from '../src/model/asked.js';
import type { ContainerNetwork } from '../src/model/container-network.js';
import type { ServerControl } from '../src/model/controls.js';
import type { Evidence, KernelDrop } from '../src/model/evidence.js';
import type { Finding } from '../src/model/finding.js';
import type { Flow } from '../src/model/flow.js';
import type { InboundEvidence } from '../src/model/inbound.js';
import type { Located } from '../src/model/located.js';
import type { NetnsId, NetnsRef } from '../src/model/netns.js';
import type { Sighting } from '../src/model/packet.js';
import type { Hop, Path } from '../src/model/path.js';
import type { ProbeResult } from '../src/model/probe.js';
import type { ProcessContext } from '../src/model/process-context.js';
import type {
  ArtifactName,
  ArtifactValue,
  BridgeGroups,
  BridgeVlan,
  ConntrackEntry,
  LinkState,
  ListeningSocket,
  NeighbourState,
  OvsPort,
  ResolvConf,
  TcFilter,
} from '../src/model/state.js';
import type { Target } from '../src/model/target.js';
import type { TooBig } from '../src/model/too-big.js';
import type { TcpSocket } from '../src/model/traffic.js';
import type { WireguardPeer } from '../src/model/wireguard-peer.js';
import type { NetfilterState } from '../src/netfilter/state.js';
import type { RuleRef } from '../src/netfilter/types.js';
import type { FlowWalk, WalkStep } from '../src/routing/flow-walk-types.js';
import type { PeerWalk } from '../src/routing/walk-peer.js';

/** An artifact of a namespace that a check may declare. */
export type ArtifactKey = `${'host' | 'target'}.${ArtifactName}`;

export type ArtifactOf<K extends ArtifactKey> = K extends `${string}.${infer N extends ArtifactName}`
  ? ArtifactValue<N>
  : never;

/** What `explain` shows about a check. */
export interface CheckPage {
  /** What it means, in one sentence. */
  readonly meaning: string;
  /** What the packet meets, in the order in which it meets it. */
  readonly path: string;
  /** How vethoscope decides that it is this and nothing else. */
  readonly decided: string;
  /** Commands that show it by hand. */
  readonly byHand: readonly string[];
  readonly origins: readonly string[];
  /** Fixes with their trade-offs. */
  readonly fixes: readonly string[];
  readonly prevention: string;
  /** A fault of the lab that shows it; `null` where no kernel that we have can be broken so: then it is tested on composed evidence. */
  readonly lab: string | null;
}

export interface CheckMeta<K extends ArtifactKey> {
  /** Kebab-case, the file's name: an id or a group of the fault catalogue. */
  readonly id: string;
  /** `V3001`; never reused. */
  readonly code: string;
  /** What is true when it passes. */
  readonly title: string;
  /** Every cause id that it may report, its own included where it reports it. */
  readonly covers: readonly string[];
  readonly requires: readonly K[];
  /** Whether it judges flows that come in to a container, whose path begins outside; without it, it does not. */
  readonly inbound?: 'also' | 'only';
  /** Set where it judges what the target's own process can do, beside the network, which our probe shows without it. */
  readonly ofProcess?: true;
  /** Where the behaviour is documented: kernel doc, man page. */
  readonly references: readonly string[];
}

/** A device that has an address. */
export interface Owner {
  readonly netns: NetnsRef;
  readonly device: string;
  readonly mac: string | null;
  /** Whether it is a further address of a subnet in which the device has another. */
  readonly isSecondary: boolean;
}

/** The host of the other end, which the user named. */
export interface PeerView {
  readonly name: string;
  /** Where the packets pass it, in the order of the request, with how many requests and answers were seen there. */
  readonly hops: readonly (Hop & { readonly forward: number; readonly return: number; readonly trusted: boolean })[];
  readonly entry: LinkState | null;
  readonly addresses: readonly string[];
  /** Its end of the tunnel. */
  readonly tunnel: LinkState | null;
  /** Address to which this host sends the packets of the tunnel; `null` without one. */
  readonly remote: string | null;
  /** `null` where it is not known by which device it receives the packets. */
  readonly walk: PeerWalk | null;
}

/** What a check knows beside the artifacts that it declares: the flow, what was seen, and the predicted walk. */
export interface CheckContext {
  readonly flow: Flow;
  readonly target: Target;
  readonly path: Path;
  readonly located: Located;
  readonly walk: FlowWalk;
  readonly probe: ProbeResult | null;
  readonly control: ProbeResult | null;
  /** What the target's own process may do and is told; `null` where it is a namespace, and of traffic that is followed. */
  readonly process: ProcessContext | null;
  /** What else a DNS server was asked that answers no query; `null` where it was not. */
  readonly server: ServerControl | null;
  /** The connection of the container that is followed, as it is in the end; `null` where none was named. */
  readonly socket: TcpSocket | null;
  /** Length of the probe's IP packet in bytes, and whether it must not be fragmented. */
  readonly sent: { readonly bytes: number; readonly df: boolean };
  /** Source address that the user chose. */
  readonly source: string | null;
  /** Control group that the probe was sent from, where it is that of the target's process; else `null`. */
  readonly controlGroup: string | null;
  /** That the probe is too big, as its sender was told. */
  readonly tooBig: TooBig | null;
  /**
   * Set where the probe is the full-size packet that followed an answered one; `passes`: bytes of the largest of some
   * smaller packets that was answered.
   */
  readonly fullSize: { readonly passes: number | null } | null;
  /** The walk as if conntrack knew no connection of the packet: what the rules say of it now. */
  walkAnew(): FlowWalk;
  /** The way to the container of a router's word that the probe is too big; `null`: the last router on this host says so. */
  tooBigSteps(from: string | null): readonly WalkStep[];
  readonly asked: readonly Asked[];
  readonly sightings: readonly Sighting[];
  /** Whether captures read the packets; where only the kernel's events show that they passed, nothing in them is known. */
  readonly hasHeaders: boolean;
  /** Drops of the probe's packets that the kernel told of. */
  readonly kernelDrops: readonly KernelDrop[];
  /** The container's networks as its runtime configured them; empty where that is not known. */
  readonly networks: readonly ContainerNetwork[];
  /** `null` where the user named no other host. */
  readonly peer: PeerView | null;
  /** Set for a flow that comes in to a published port. */
  readonly inbound: InboundEvidence | null;
  netns(id: NetnsId): NetnsRef;
  /** Whether all of these were read of a namespace before the probe. */
  hasRead(id: NetnsId, ...names: readonly ArtifactName[]): boolean;
  netfilter(id: NetnsId): NetfilterState | null;
  /** What listens in a namespace; `null` when that was not read. */
  sockets(id: NetnsId): readonly ListeningSocket[] | null;
  /** What conntrack of a namespace knew of the connection that is followed; `null` when it was not read. */
  conntrack(id: NetnsId): readonly ConntrackEntry[] | null;
  /** The same after the probe; `null` when it was not read again. */
  conntrackAfter(id: NetnsId): readonly ConntrackEntry[] | null;
  /** Multicast listeners that the bridges of a namespace know; `null` when they were not read, as for IPv4. */
  bridgeGroups(id: NetnsId): BridgeGroups | null;
  /** VLANs of the bridges of a namespace and their ports; `null` when they were not read. */
  bridgeVlans(id: NetnsId): readonly BridgeVlan[] | null;
  /** How far a counter of a namespace moved during the probe; `null` when it was not read twice. */
  delta(id: NetnsId, counter: string): number | null;
  /** Packets that the queueing discipline at a device's root dropped during the probe, and its kind; `null` when it was not read twice. */
  qdisc(id: NetnsId, device: string): { readonly kind: string; readonly dropped: number } | null;
  /**
   * Filters of tc at the ingress and egress of a device, and how many packets both dropped during the probe, `null` when
   * that was not read twice. `null` for a device without such hooks.
   */
  tcHooks(
    id: NetnsId,
    device: string,
  ): { readonly filters: readonly TcFilter[]; readonly dropped: number | null } | null;
  /** How far a rule's or policy's own counter moved. */
  ruleDelta(id: NetnsId, rule: RuleRef): { readonly packets: number; readonly bytes: number } | null;
  /** Devices that have an address, in every namespace that was read, the container's and the host's among them. */
  owners(address: string): readonly Owner[];
  /** Ports of Open vSwitch on the host; `null` when they were not read. */
  readonly ovsPorts: readonly OvsPort[] | null;
  /** Peers of the host's WireGuard devices; empty when they were not read. */
  readonly wireguardPeers: readonly WireguardPeer[];
  /** What the container's resolver is told; `null` where it is not known. */
  readonly resolvConf: ResolvConf | null;
  /** A device of any namespace of the path, before the probe; `null` where it is not known. */
  device(id: NetnsId, ifname: string): LinkState | null;
  /** The neighbour entry after the probe, or before it where it was not read again. */
  neighbour(id: NetnsId, device: string, address: string): NeighbourState | null;
}

/** The evidence with what is wrong in it mended. */
export type OnceMended = (evidence: Evidence) => Evidence;

export type CheckProduct =
  | { readonly status: 'pass'; readonly because: string }
  | {
      readonly status: 'fail';
      readonly findings: readonly [Finding, ...Finding[]];
      /** Set where the packets, once that is mended, are others or go another way, so that they meet what these do not. */
      readonly onceMended?: OnceMended;
    }
  | { readonly status: 'not-applicable'; readonly reason: string };

export interface Check<K extends ArtifactKey = ArtifactKey> {
  readonly meta: CheckMeta<K>;
  readonly page: CheckPage;
  run(artifacts: { readonly [P in K]: ArtifactOf<P> }, context: CheckContext): CheckProduct;
}

/** Fixes `K`, so that `run` sees only the artifacts named in `requires`. */
export const defineCheck = <const K extends ArtifactKey>(check: Check<K>): Check<K> => check;

export const pass = (because: string): CheckProduct => ({ status: 'pass', because });
export const notApplicable = (reason: string): CheckProduct => ({ status: 'not-applicable', reason });
export const fail = (first: Finding, ...more: readonly Finding[]): CheckProduct => ({
  status: 'fail',
  findings: [first, ...more],
});
