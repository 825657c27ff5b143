import type { Way } from './flow.js';
import type { NetnsId } from './netns.js';

/** A rule or policy that a packet of the flow met, as the kernel told it (`nft monitor trace`). */
export interface MetRuleTrace {
  readonly netns: NetnsId;
  /** Number of the packet at one hook. */
  readonly packet: string;
  readonly way: Way;
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  /** 1-based number of the rule in its chain; `null` for a policy, and where the chain was not read. */
  readonly index: number | null;
  /** `null` for a policy. */
  readonly handle: number | null;
  readonly text: string;
  /** `accept`, `drop`, `continue`, `jump …`. */
  readonly verdict: string;
}

/** What loses a packet for good. */
export const isFinal = ({ verdict, text }: Pick<MetRuleTrace, 'verdict' | 'text'>): boolean =>
  verdict === 'drop' || /\breject\b/i.test(text);

/** The rule as the object of a finding names it. */
export const objectOf = ({ family, table, chain, index, handle }: MetRuleTrace): string =>
  `table ${family} ${table} chain ${chain} ${handle === null ? 'policy' : index === null ? `handle ${handle}` : `rule ${index}`}`;
