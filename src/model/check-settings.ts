import type { Family, Flow, Protocol } from './flow.js';

/** What is asked of one check. */
export interface CheckSettings {
  /** As typed: `net1`, `pid:29044`, `docker:web`. */
  readonly target: string;
  /** As typed; `null` stands for any address outside. */
  readonly destination: string | null;
  /** `null` where the destination's own form decides. */
  readonly protocol: Protocol | null;
  /** Address of the sender: of the container, or of the client with `inbound`. */
  readonly source: string | null;
  readonly mark: number;
  readonly family: Family | null;
  /** The destination is a place of the host that the container publishes. */
  readonly inbound: boolean;
  /** That place, taken apart; `null` unless `inbound`. */
  readonly published: Pick<Flow, 'family' | 'protocol' | 'destination' | 'destinationText' | 'port'> | null;
}
