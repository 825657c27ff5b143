import type { NftSet } from '../parse/nft-json.js';
import type { AnyHook, ConnectionState, HookContext, HookPacket, Layer, OriginalTuple } from './types.js';

/** The answer of a match that only the running kernel has. */
export interface Unknown {
  readonly because: string;
}

export type MatchResult = boolean | Unknown;

/** What surrounds a rule while a packet walks: the hook, where in it, and the world outside. */
export interface Scene {
  readonly hook: AnyHook;
  readonly layer: Layer;
  readonly context: HookContext;
  /** Whether conntrack has not yet seen the packet here (PREROUTING and OUTPUT before priority -200). */
  readonly beforeConntrack: boolean;
  /** Named sets and maps of the table at hand. */
  readonly sets: ReadonlyMap<string, NftSet>;
}

export type Match = (packet: HookPacket, scene: Scene) => MatchResult;

/** The new source or destination that a NAT rule sets. Without address the old one stays, as without port. */
export interface Mapping {
  readonly kind: 'snat' | 'dnat';
  readonly address: string | null;
  readonly port: number | null;
  readonly masquerade: boolean;
}

export type Decision =
  | { readonly kind: 'accept' | 'drop' | 'queue' | 'return' | 'continue' }
  | { readonly kind: 'reject'; readonly rejectWith: string }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string }
  | { readonly kind: 'translate'; readonly mapping: Mapping };

/** A choice between decisions that cannot be foreseen; `null` among them is "no match". */
export interface Choice {
  readonly because: string;
  readonly options: readonly (Decision | null)[];
}

/** One expression of a rule. Rules of iptables and of nftables both become lists of these, run in order. */
export type Step =
  | { readonly kind: 'match'; readonly test: Match }
  /** The rule's counter, which moves even if what follows does not match. iptables counts at the end. */
  | { readonly kind: 'count' }
  | { readonly kind: 'rewrite'; readonly apply: (packet: HookPacket, scene: Scene) => HookPacket }
  | { readonly kind: 'decide'; readonly decide: (packet: HookPacket, scene: Scene) => Decision | Choice | null };

export const matchStep = (test: Match): Step => ({ kind: 'match', test });
export const decideStep = (decision: Decision): Step => ({ kind: 'decide', decide: () => decision });

export const unknown = (because: string): Unknown => ({ because });

export const isUnknown = (value: unknown): value is Unknown =>
  typeof value === 'object' && value !== null && 'because' in value;

/** A match that always gives the same unknown answer. */
export const unknownMatch = (because: string): Match => {
  const answer = unknown(because);
  return () => answer;
};

export const invertIf = (negated: boolean, match: Match): Match =>
  negated
    ? (packet, scene) => {
        const result = match(packet, scene);
        return isUnknown(result) ? result : !result;
      }
    : match;

export const isArp = (packet: HookPacket): boolean => packet.frame !== undefined && packet.frame.arp !== null;

/** EtherType of the frame that carries the packet. */
export const etherTypeOf = (packet: HookPacket): number =>
  isArp(packet) ? 0x0806 : packet.family === 4 ? 0x0800 : 0x86dd;

/** Connection state as a match sees it: before conntrack has run there is none, which counts as invalid. */
export const connectionAt = (packet: HookPacket, scene: Scene): ConnectionState =>
  packet.connection !== 'untracked' && scene.beforeConntrack && packet.iif !== 'lo' ? 'invalid' : packet.connection;

export const hasConnection = (packet: HookPacket, scene: Scene): boolean => {
  const state = connectionAt(packet, scene);
  return state !== 'invalid' && state !== 'untracked';
};

const PROTOCOL_NUMBERS = { icmp: 1, tcp: 6, udp: 17 } as const;

/** IANA number of the packet's protocol. */
export const protocolNumber = (packet: HookPacket): number =>
  packet.protocol === 'icmp' && packet.family === 6 ? 58 : PROTOCOL_NUMBERS[packet.protocol];

/** The packet after `notrack`: nothing changes once conntrack knows the connection. */
export const withoutTracking = (packet: HookPacket, scene: Scene): HookPacket =>
  hasConnection(packet, scene) ? packet : { ...packet, connection: 'untracked' };

/** conntrack mark; a connection that begins has 0. `null` when it was not read. */
export const connectionMark = (packet: HookPacket): number | null =>
  packet.connectionMark ?? (packet.connection === 'new' ? 0 : null);

/** The connection's tuple before translation, where the packet still tells it. */
export const originalTuple = (packet: HookPacket): OriginalTuple | null => {
  if (packet.original !== undefined) return packet.original;
  if (packet.connectionDirection === 'reply' || packet.connectionStatus.length > 0) return null;
  const { source, destination, sourcePort, destinationPort } = packet;
  return { source, destination, sourcePort, destinationPort };
};
