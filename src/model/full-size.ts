import type { Sighting } from './packet.js';
import type { ProbeResult } from './probe.js';

/**
 * What became of a packet as large as the container's device allows, with don't-fragment, which was sent after the
 * ordinary probe had been answered.
 */
export interface FullSize {
  /** Length of the IP packet in bytes: the MTU of the container's device. */
  readonly bytes: number;
  /** One echo request of that length. */
  readonly probe: ProbeResult;
  /** Small echo requests, where the ordinary probe was none: they tell whether echoes are answered at all. */
  readonly control: ProbeResult | null;
  readonly sightings: readonly Sighting[];
  /**
   * Length in bytes of the largest of some smaller packets that was answered; `null` when none was. Absent where none was
   * tried, since the first was answered or refused.
   */
  readonly passes?: number | null;
}

const LEAST_MTU = 1280;

/**
 * Whether a length that passes where longer packets do not can be the limit of a link. Smaller ones hardly are: IPv6 needs
 * this much of every link, and some networks drop large echoes alone. @see RFC 8200 §5
 */
export const isLinkLimit = (passes: number): boolean => passes >= LEAST_MTU;
