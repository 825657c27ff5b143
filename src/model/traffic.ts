import type { Family, Protocol } from './flow.js';

/** Traffic of the container that is followed in place of a probe. */
export type TrafficWish =
  /** Whatever matches a capture filter of the user. @see pcap-filter(7) */
  | { readonly kind: 'filter'; readonly filter: string; readonly waitMs: number }
  /** One TCP connection, named by either of its ports; `waitMs` is `null` where its own timer decides. */
  | { readonly kind: 'socket'; readonly port: number; readonly waitMs: number | null };

/** What one flow of the container's traffic looked like at its own device. */
export interface SeenFlow {
  readonly protocol: Protocol;
  readonly local: string;
  readonly localPort: number | null;
  readonly remote: string;
  readonly remotePort: number | null;
  /** Packets that ask for an answer, and those of them that got one. */
  readonly sent: number;
  readonly answered: number;
}

/** One TCP connection of the container, from `ss -tino`. */
export interface TcpSocket {
  /** As ss writes it: `ESTAB`, `SYN-SENT`, `FIN-WAIT-1`. */
  readonly state: string;
  readonly family: Family;
  readonly local: string;
  readonly localPort: number;
  readonly remote: string;
  readonly remotePort: number;
  /** Bytes that the program has not read. */
  readonly receiveQueue: number;
  /** Bytes that the other end has not acknowledged. */
  readonly sendQueue: number;
  /** `on` retransmits, `persist` asks a closed window, `keepalive` asks an idle peer; `null` when none runs. */
  readonly timer: { readonly name: string; readonly inMs: number; readonly tries: number } | null;
  /** Milliseconds of the retransmission time-out; `null` when ss does not say. */
  readonly rtoMs: number | null;
  readonly unacknowledged: number;
  /** Segments sent again since the connection began. */
  readonly retransmitted: number;
  /** Milliseconds since data was sent and received last; `null` when ss does not say. */
  readonly lastSentMs: number | null;
  readonly lastReceivedMs: number | null;
}

/** What was followed in place of a probe, and what else was seen. */
export interface TrafficEvidence {
  /** The filter of the user; `null` for a connection that was named by its port. */
  readonly filter: string | null;
  /** The flow that is followed comes first. */
  readonly flows: readonly SeenFlow[];
  /** The connection before and after it was watched; absent where traffic was chosen by a filter. */
  readonly socket?: { readonly before: TcpSocket; readonly after: TcpSocket | null };
}
