import type { Run, RunEvent } from './run.js';

/** Delays in milliseconds, of the latest samples that are kept. */
export interface Delays {
  readonly min: number;
  readonly median: number;
  readonly p99: number;
  /** Mean difference of one answer's delay from the next one's. @see RFC 3550 §6.4.1, without its smoothing */
  readonly jitter: number;
}

/** What a watch knows of one captured hop. Delay is from the request's passing to the reply's. */
export interface WatchedHop {
  readonly hop: string;
  readonly name: string;
  readonly forward: number;
  readonly return: number;
  readonly delays: Delays | null;
  /** The latest probes, the newest last: delay in milliseconds, `null` for one that did not come back. */
  readonly recent: readonly (number | null)[];
}

/** Something that was not so in the round before. */
export interface WatchChange {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly kind: 'status' | 'path' | 'met' | 'failure';
  readonly text: string;
}

/** A watch so far. */
export interface Watched {
  readonly startedAt: number;
  readonly rounds: number;
  readonly sent: number;
  /** Without refusals: a port that refuses is no working flow. */
  readonly answered: number;
  readonly refused: number;
  readonly hops: readonly WatchedHop[];
  /** The latest changes, the newest last. */
  readonly changes: readonly WatchChange[];
  /** Changes that are not kept any more. */
  readonly forgotten: number;
  readonly lastRun: Run | null;
  /** The first round in which not all was well. */
  readonly fault: Run | null;
  /** The latest round before it. */
  readonly lastOk: Run | null;
}

export type WatchEvent =
  | { readonly type: 'round'; readonly number: number; readonly event: RunEvent }
  | { readonly type: 'change'; readonly change: WatchChange }
  | { readonly type: 'watched'; readonly watched: Watched };
