import type { HopCount, Rewrite } from './diagnosis.js';
import type { Way } from './flow.js';

/** Where a packet was last seen and where it should have come next. */
export interface Break {
  readonly link: string;
  readonly lastSeen: string;
  readonly firstMissing: string;
}

/** Address resolution that went unanswered, as seen at one hop. */
export interface NeighbourSilence {
  readonly hop: string;
  readonly address: string;
  readonly requests: number;
  readonly replies: number;
}

/** An ICMP error about one of our probes, where it was first seen on its way back. */
export interface SeenError {
  readonly hop: string;
  readonly probe: number | null;
  readonly from: string;
  readonly type: number;
  readonly code: number;
  /** Type and code in words: `destination host prohibited`. */
  readonly words: string;
}

export interface LossyLink {
  readonly link: string;
  readonly way: Way;
  readonly lost: number;
  readonly of: number;
}

/** What the captures alone say: per hop and way how many probes were seen, and where the last one stopped. */
export interface Located {
  readonly counts: readonly HopCount[];
  readonly rewrites: readonly Rewrite[];
  readonly forwardBreak: Break | null;
  readonly returnBreak: Break | null;
  /** The way of the break that applies; `null` when nothing was lost or nothing can be said. */
  readonly way: Way | null;
  readonly sent: number;
  readonly answered: number;
  readonly lost: number;
  /** Hops at which replies were seen. */
  readonly replyBy: readonly string[];
  readonly neighbour: readonly NeighbourSilence[];
  readonly errors: readonly SeenError[];
  readonly lossy: readonly LossyLink[];
  /** Links between which the break lies where untrusted hops hide it. */
  readonly ambiguous: readonly string[];
  readonly doubts: readonly string[];
}
