import type { Way } from './flow.js';
import type { NetnsId } from './netns.js';
import type { Stage } from './path.js';

/** One decision of the kernel about the probe or its answer, as the walk through the state that was read predicts it. */
export interface Met {
  readonly way: Way;
  readonly link: string;
  readonly stage: Stage;
  readonly netns: NetnsId;
  readonly outcome: 'pass' | 'drop' | 'reject' | 'unknown';
  /** What was asked: a route, `forwarding`, the reverse path, a hook of netfilter. */
  readonly text: string;
  /** Rules and policies that the packet meets there, in order. */
  readonly rules: readonly MetRule[];
}

export interface MetRule {
  /** `nft ip filter FORWARD 3`, where the rule stands. */
  readonly place: string;
  /** The rule as its own tool prints it. */
  readonly text: string;
  /** The one that decided, or that rewrote an address. */
  readonly hit: boolean;
}
