import type { Confidence, RankedFinding } from './finding.js';
import type { Way } from './flow.js';
import type { Met } from './met.js';
import type { Stage } from './path.js';

export type Status = 'ok' | 'degraded' | 'fault' | 'inconclusive';

/** Packets of the flow per hop. */
export interface HopCount {
  readonly hop: string;
  readonly forward: number;
  readonly return: number;
  readonly sent: number;
  /** Whether a zero proves absence: the capture ran and lost nothing itself. */
  readonly trusted: boolean;
}

export interface BrokenLink {
  readonly from: string;
  readonly to: string;
  readonly stage: Stage;
}

/** An address that changed between two hops, as seen. */
export interface Rewrite {
  readonly way: Way;
  readonly fromHop: string;
  readonly toHop: string;
  readonly field: 'source' | 'destination';
  readonly before: string;
  readonly after: string;
}

/** Packets that were lost on one link, of those that entered it; where the probes did not all end at one place. */
export interface LinkLoss {
  readonly link: string;
  readonly way: Way;
  readonly lost: number;
  readonly of: number;
  /** Between which shares the true loss lies, with a probability of 95 %. */
  readonly interval: readonly [low: number, high: number];
}

export interface RuledOut {
  readonly check: string;
  readonly code: string;
  readonly because: string;
}

export interface SkippedCheck {
  readonly check: string;
  readonly reason: string;
}

/** The conclusion from one Evidence. */
export interface Diagnosis {
  readonly status: Status;
  readonly code: string | null;
  /** `null` when the status is `ok` or nothing could be decided. */
  readonly cause: string | null;
  readonly title: string;
  readonly summary: string;
  readonly direction: Way | null;
  readonly brokenLink: BrokenLink | null;
  readonly confidence: Confidence | null;
  /** What the socket of a watched connection and conntrack on the way say of it, one line each. */
  readonly connection?: readonly string[];
  /** What a full-size packet met, where small ones were answered and it shows no fault. */
  readonly aboutSize?: string;
  /** Set where the counts and the broken link are those of the packets of this length alone: smaller ones pass. */
  readonly packetBytes?: number;
  readonly counts: readonly HopCount[];
  readonly rewrites: readonly Rewrite[];
  /** Loss that is not the same for all probes, per link; absent where there is none. */
  readonly losses?: readonly LinkLoss[];
  readonly findings: readonly RankedFinding[];
  readonly ruledOut: readonly RuledOut[];
  readonly skipped: readonly SkippedCheck[];
  /** Why it is inconclusive, one sentence each. */
  readonly doubts: readonly string[];
  /** What the walk says that the probe and its answer meet, in that order. Not part of the run document. */
  readonly met?: readonly Met[];
}
