import type { DnsQuestion, Family, Protocol } from '../model/flow.js';
import type { NetnsRef } from '../model/netns.js';
import type { BridgePort, FdbEntry, LinkState, OvsPort } from '../model/state.js';
import type { RoutingState } from '../routing/index.js';

/** What the path through one namespace depends on, as plain values. */
export interface NetnsTopology extends RoutingState {
  readonly ref: NetnsRef;
  readonly bridgePorts: readonly BridgePort[];
  readonly fdb: readonly FdbEntry[];
  /** Ports of Open vSwitch, of the host alone. */
  readonly ovsPorts?: readonly OvsPort[];
  /** Inode of a namespace by its `link_netnsid` here; `null` while nobody asked. */
  readonly ids: ReadonlyMap<number, number> | null;
}

/** The namespaces that are known so far: `target`, `host`, and those between and beside them. */
export interface Topology {
  readonly netns: readonly NetnsTopology[];
}

/** The traffic to follow, before its source and kind are known. */
export interface FlowRequest {
  readonly family: Family;
  readonly protocol: Protocol;
  readonly destination: string;
  readonly destinationText: string;
  readonly port: number | null;
  /** Address to send from; `null` lets the container's routes choose. */
  readonly source: string | null;
  readonly mark: number;
  readonly dns?: DnsQuestion;
}

/** What would have to be read to follow the packet further. */
export type Wanted =
  /** The identifiers that this namespace has for others. */
  | { readonly kind: 'ids'; readonly netns: NetnsRef }
  /** The state of a namespace. */
  | { readonly kind: 'netns'; readonly inode: number };

/** A device in its namespace. */
export interface Place {
  readonly netns: NetnsTopology;
  readonly link: LinkState;
}

export const netnsById = (topology: Topology, id: string): NetnsTopology => {
  const found = topology.netns.find((netns) => netns.ref.id === id);
  if (found === undefined) throw new TypeError(`no namespace ${id} in the topology`);
  return found;
};

export const linkByName = (netns: NetnsTopology, ifname: string | null): LinkState | null =>
  netns.links.find((link) => link.ifname === ifname) ?? null;

export const isUp = (link: LinkState): boolean => link.flags.includes('UP');
