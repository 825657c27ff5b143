import type { HopCount, Rewrite } from './diagnosis.js';
import type { Way } from './flow.js';

/** Where packets were last seen, and where they were missed first. */
export interface Break {
  /** The link next to `lastSeen`; certain when `ambiguous` is empty. */
  readonly link: string;
  readonly lastSeen: string;
  readonly firstMissing: string;
  /** All links that it may be, where a hop between the two proves nothing. */
  readonly ambiguous: readonly string[];
}

/** Packets that were lost on a link, of those that entered it. */
export interface LossyLink {
  readonly link: string;
  readonly way: Way;
  readonly lost: number;
  readonly of: number;
}

/** An address that was asked for by ARP or neighbour solicitation, at a hop, and never answered there. */
export interface UnansweredNeighbour {
  readonly hop: string;
  readonly address: string;
  readonly asker: string;
  readonly requests: number;
}

/** ICMP errors of one kind from one sender. */
export interface IcmpErrorSeen {
  /** Hop that saw it first. */
  readonly hop: string;
  readonly from: string;
  readonly type: number;
  readonly code: number;
  /** Type and code in words: `destination host prohibited`. */
  readonly words: string;
  readonly way: Way;
  readonly probes: readonly number[];
  readonly nextHopMtu: number | null;
  /** All hops that saw it, first to last. */
  readonly hops: readonly string[];
}

/** Where the packets went, as the captures saw it. */
export interface Located {
  readonly counts: readonly HopCount[];
  readonly rewrites: readonly Rewrite[];
  /** Where requests ended, when no probe was answered. */
  readonly forwardBreak: Break | null;
  /** Where replies ended, when no probe was answered. */
  readonly returnBreak: Break | null;
  /** Which of the two applies: the one that lost more probes. */
  readonly way: Way | null;
  /** Links that the break may lie on, when hops in between prove nothing; else empty. */
  readonly ambiguous: readonly string[];
  readonly sent: number;
  readonly answered: number;
  readonly lost: number;
  /** Probes whose reply came after the probe had stopped waiting. */
  readonly late: readonly number[];
  /** Loss that is not the same for all probes, per link. */
  readonly lossy: readonly LossyLink[];
  /** Hops at which replies were seen. */
  readonly replyBy: readonly string[];
  /** The hop that neither requests nor replies passed although the probe was answered: something nearer answers. */
  readonly answeredBefore: string | null;
  readonly neighbour: readonly UnansweredNeighbour[];
  readonly errors: readonly IcmpErrorSeen[];
  readonly doubts: readonly string[];
}
