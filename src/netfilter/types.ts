import type { Family, Protocol } from '../model/flow.js';

export type Hook = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';

/** The hooks of IP, and those of a device. */
export type AnyHook = Hook | 'ingress' | 'egress';

/**
 * Whose hooks a packet passes: those of IP, of a bridge (ebtables, nft `bridge`), of ARP (arptables, nft `arp`), or of a
 * device (nft `netdev`, and `inet` at ingress).
 */
export type Layer = 'ip' | 'bridge' | 'arp' | 'netdev';

/** `legacy` and `nft` are the two iptables back-ends; `nftables` is a native nft table. */
export type Backend = 'legacy' | 'nft' | 'nftables';

export type ConnectionState = 'new' | 'established' | 'related' | 'invalid' | 'untracked';

/** The packet as it stands at a hook. */
export interface HookPacket {
  readonly family: Family;
  readonly protocol: Protocol;
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
  readonly icmp: { readonly type: number; readonly code: number } | null;
  /** Set bits of the first TCP packet, `['SYN']` for a new connection. */
  readonly tcpFlags: readonly string[];
  readonly iif: string | null;
  readonly oif: string | null;
  /** Bridge port that the frame came in by, for `physdev`; `null` when it was not bridged. */
  readonly physIn: string | null;
  readonly physOut: string | null;
  readonly mark: number;
  readonly connection: ConnectionState;
  /** Whether the packet goes the way of the connection's first packet. */
  readonly connectionDirection: 'original' | 'reply';
  /** Whether the connection has been source- or destination-translated. */
  readonly connectionStatus: readonly ('snat' | 'dnat')[];
  /** Bytes of the IP packet. */
  readonly length: number;
  readonly ttl: number;
  readonly macSource: string | null;
  /** conntrack mark of the connection; absent when it was not read (a new connection has 0). */
  readonly connectionMark?: number;
  /** The connection's tuple before translation; absent when the packet has not been translated. */
  readonly original?: OriginalTuple;
  /** NAT has given its answer already: a packet that comes in again by `lo` asks no NAT chain a second time. */
  readonly natDecided?: boolean;
  /** `notrack` at a device or on a bridge, before conntrack of IP has seen the packet in this namespace: it will not follow it. */
  readonly isSpared?: true;
  /** Set where the packet is looked at as a frame: on a bridge, at a device, and for ARP. */
  readonly frame?: Frame;
}

/** What a frame has beside the IP packet in it. Its source is `HookPacket.macSource`. */
export interface Frame {
  readonly macDestination: string | null;
  /** The bridges whose ports it comes in and leaves by, for `logical-in` and `ibrname`. */
  readonly bridgeIn: string | null;
  readonly bridgeOut: string | null;
  /** Set for ARP: then addresses, ports and protocol of the `HookPacket` mean nothing. */
  readonly arp: ArpFrame | null;
}

export interface ArpFrame {
  readonly operation: 'request' | 'reply';
  readonly senderMac: string | null;
  readonly senderAddress: string;
  readonly targetMac: string | null;
  readonly targetAddress: string;
}

/** Addresses and ports of a connection's first packet, as it came. */
export interface OriginalTuple {
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
}

/** A rule, or the policy of a base chain, that a packet met. */
export interface RuleRef {
  readonly backend: Backend;
  /** `ip`, `ip6`, `inet`, `netdev`, `bridge`, `arp`. */
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  /** 1-based number of the rule in its chain; `null` for the chain's policy. */
  readonly index: number | null;
  /** nft handle, where there is one. */
  readonly handle: number | null;
  /** The rule as its own tool prints it, without counters; `policy DROP` for a policy. */
  readonly text: string;
  /** `DROP`, `REJECT`, `ACCEPT`, `MASQUERADE`, `SNAT`, … in upper case; a jump names its chain. */
  readonly target: string;
  /** `icmp-host-prohibited`, `tcp-reset`, … for a reject. */
  readonly rejectWith: string | null;
  readonly counter: { readonly packets: number; readonly bytes: number } | null;
  /** Comment of the rule. */
  readonly comment: string | null;
}

/** A match whose result cannot be known beforehand (limit, statistic, recent, owner, time, …), or an unread table. */
export interface UnknownMatch {
  readonly rule: RuleRef | null;
  readonly because: string;
}

export type HookVerdict = 'accept' | 'drop' | 'reject' | 'queue' | 'unknown';

export interface Translation {
  readonly kind: 'snat' | 'dnat';
  readonly rule: RuleRef;
  /** New address; `null` for MASQUERADE before the egress device's address is known. */
  readonly address: string | null;
  readonly port: number | null;
  readonly masquerade: boolean;
}

/** What one hook does with one packet, over all base chains of all back-ends in their order. */
export interface HookWalk<H extends AnyHook = Hook> {
  readonly hook: H;
  readonly verdict: HookVerdict;
  /** The rule or policy that ended it; `null` when every base chain accepted. */
  readonly decidedBy: RuleRef | null;
  /** Every drop and reject met when each is taken as mended: one per base chain at most, in order. */
  readonly drops: readonly RuleRef[];
  /** Drops and rejects that hang on an unknown match; they are not in `drops`. */
  readonly possibleDrops?: readonly RuleRef[];
  /** Every rule that surely matched and every policy that was surely reached, in order, up to the first drop. */
  readonly met: readonly RuleRef[];
  /** Rules of nft that counted the packet before an expression of theirs failed to match it. */
  readonly counted?: readonly RuleRef[];
  readonly unknowns: readonly UnknownMatch[];
  readonly translations: readonly Translation[];
  /** The packet after the hook: addresses, ports and mark as rewritten, `untracked` after NOTRACK. */
  readonly packet: HookPacket;
  /** Set where a chain of OUTPUT changed what the route depends on, so that it is looked up again. */
  readonly reroutes?: boolean;
  /** That look-up failed, which drops the packet before the chains that follow: `met` ends there. */
  readonly stranded?: boolean;
  /** Other forms the packet may have after the hook, where an unknown match decides about a rewrite. */
  readonly alternatives?: readonly HookPacket[];
}

export type AddressType =
  | 'unicast'
  | 'local'
  | 'broadcast'
  | 'anycast'
  | 'multicast'
  | 'blackhole'
  | 'unreachable'
  | 'prohibit';

/** What matches need from outside the ruleset. `null` and an absent function both mean "not known". */
export interface HookContext {
  isLocalAddress(address: string): boolean;
  /** Type of the address in the local table, `unicast` when it is not there; with `device`, of that device alone. */
  addressType(address: string, device?: string): AddressType | null;
  /** The address that MASQUERADE on the device uses. */
  primaryAddress(device: string, family: Family): string | null;
  /** The reverse-path test of `rpfilter` and `fib saddr . iif oif`; loose: any route back will do. `fib` asks with the packet's protocol, `rpfilter` without. */
  reversePathOk?(packet: HookPacket, loose: boolean, withProtocol?: boolean): boolean | null;
  /** Whether an ipset holds the packet in the given directions (`src`, `dst`). */
  ipsetContains?(name: string, packet: HookPacket, directions: readonly string[]): boolean | null;
}
