import type { NetnsId } from './netns.js';

/**
 * Where a hop stands on the path. `socket`, `outside` and `service` are never captured. `return-egress` is the device
 * that the host's routes choose for the reply where it is not the device the request came in by; `alternate-uplink` is
 * another uplink by which a reply may come back.
 */
export type HopRole =
  | 'socket'
  | 'container'
  | 'veth-host'
  | 'bridge'
  | 'bridge-port'
  | 'tunnel'
  | 'uplink'
  | 'lower'
  | 'peer'
  | 'return-egress'
  | 'alternate-uplink'
  | 'outside'
  | 'service';

/**
 * Where the kernel decides about a packet, in the kernel's order within a link.
 * @see https://docs.kernel.org/networking/ and the netfilter hook order in linux/netfilter.h
 */
export type Stage =
  | 'socket'
  | 'route'
  | 'output'
  | 'postrouting'
  | 'neighbour'
  | 'qdisc'
  | 'veth'
  | 'tc'
  | 'bridge-port'
  | 'bridge-forward'
  | 'prerouting'
  | 'forward'
  | 'input'
  | 'wire'
  | 'outside';

/** A place where a packet can be seen. */
export interface Hop {
  /** `h0`, `h1`, … in path order. */
  readonly id: string;
  readonly role: HopRole;
  readonly netns: NetnsId;
  /** Interface name; `null` for `socket`, `outside`, `service` and for an uplink that no route leads to. */
  readonly ifname: string | null;
  readonly ifindex: number | null;
  /** Whether a capture is planned there. */
  readonly captured: boolean;
  /** Set for a VXLAN device: the address of the other host for this flow; `null` where nothing names one. */
  readonly tunnel?: { readonly remote: string | null };
  /** Set where the packet travels inside the UDP packet of a VXLAN tunnel; `port` is the tunnel's. @see RFC 7348 */
  readonly inside?: { readonly kind: 'vxlan'; readonly port: number; readonly outerFamily: 4 | 6 };
  /** The device exists but is not up: nothing passes it. */
  readonly down?: boolean;
  /** Why it is not captured, where that is not plain from the role. */
  readonly note?: string;
}

/** What lies between two hops, named by the two in path order whatever way the packet goes. */
export interface Link {
  /** `h3-h4`. */
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly stages: readonly Stage[];
}

/** A namespace on the path that routes the packet from one of its devices to another. */
export interface RouterNode {
  readonly netns: NetnsId;
  /** Link of the path on which this namespace routes. */
  readonly link: string;
  /** Device the request enters IP by: the bridge where there is one, else the veth. */
  readonly iif: string;
  /** Device the request leaves by; `null` when no route leads on. */
  readonly oif: string | null;
  /** Next hop on `oif`; the destination itself when it is on-link; `null` without a route. */
  readonly nextHop: string | null;
}

export interface Path {
  readonly hops: readonly Hop[];
  readonly links: readonly Link[];
  readonly routers: readonly RouterNode[];
  /** What discovery could not follow, one sentence each. */
  readonly notes: readonly string[];
}
