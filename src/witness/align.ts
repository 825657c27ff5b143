import type { Hop } from '../model/path.js';
import type { DeviceEvent } from './events.js';

/** When a capture saw a packet, microseconds since the run began. */
export interface SeenAt {
  readonly hop: Hop;
  readonly atUs: number;
  /** Whether the hop's device received the packet or sent it, where the hop's place on the path tells. */
  readonly received: boolean | null;
}

/** Which event each sighting is, and the sum of their distances in time. */
export interface Alignment {
  readonly confirmed: ReadonlyMap<DeviceEvent, Hop>;
  readonly sumUs: number;
}

/** The kernel's event and the capture's timestamp of one packet at one device lie this near to each other. */
const NEAR_US = 150;

/**
 * Finds for a packet's sightings the events of a chain that they are: as many as possible, in the same order, and as near
 * in time as can be. The order tells apart what the two clocks, which agree within some microseconds, do not: a packet
 * passes devices of the same name in two namespaces within five.
 * @param seen in the order of the packet's way
 * @param events in order of time
 * @param toRunUs converts an event's time to microseconds since the run began
 */
export const align = (
  seen: readonly SeenAt[],
  events: readonly DeviceEvent[],
  toRunUs: (event: DeviceEvent) => number,
): Alignment => {
  let best: readonly Chain[] = Array.from({ length: events.length + 1 }, () => NONE);
  for (const { hop, atUs, received } of seen) {
    const row: Chain[] = [NONE];
    for (const [index, event] of events.entries()) {
      const distance = Math.abs(toRunUs(event) - atUs);
      const skipped = better(row[index] ?? NONE, best[index + 1] ?? NONE);
      const isSame = event.device === hop.ifname && (received === null || received === (event.kind === 'receive'));
      const isNear = isSame && distance <= NEAR_US;
      row.push(isNear ? better(skipped, extended(best[index] ?? NONE, event, hop, distance)) : skipped);
    }
    best = row;
  }
  return toAlignment(best.at(-1) ?? NONE);
};

/** An alignment as the list of its pairs, the last first: a packet that goes in circles has hundreds. */
interface Chain {
  readonly size: number;
  readonly sumUs: number;
  readonly last: { readonly event: DeviceEvent; readonly hop: Hop; readonly before: Chain } | null;
}

const NONE: Chain = { size: 0, sumUs: 0, last: null };

const extended = (before: Chain, event: DeviceEvent, hop: Hop, distance: number): Chain => ({
  size: before.size + 1,
  sumUs: before.sumUs + distance,
  last: { event, hop, before },
});

const better = (a: Chain, b: Chain): Chain => (b.size > a.size || (b.size === a.size && b.sumUs < a.sumUs) ? b : a);

const toAlignment = (whole: Chain): Alignment => {
  const pairs: [DeviceEvent, Hop][] = [];
  for (let { last } = whole; last !== null; { last } = last.before) pairs.push([last.event, last.hop]);
  return { confirmed: new Map(pairs.reverse()), sumUs: whole.sumUs };
};
