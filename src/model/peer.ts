import type { CaptureReport, Sighting } from './packet.js';
import type { Hop } from './path.js';

/**
 * The host of the other end, which the user named: its state stands beside that of the other namespaces, under `peer`.
 * Absent where none was named.
 */
export interface PeerEvidence {
  /** As the user spelled it: `netns:node2`. */
  readonly spelled: string;
  /** Where the packets pass it, in the order of the request: its uplink, its end of the tunnel, what leads to the destination. */
  readonly hops: readonly Hop[];
  readonly captures: readonly CaptureReport[];
  readonly sightings: readonly Sighting[];
}
