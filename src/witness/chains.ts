import type { DeviceEvent, FreeEvent, TraceEvent } from './events.js';
import { dropFunction } from './functions.js';
import { droppingFunction } from './stacks.js';

/** The devices that one packet passed, and its end where the kernel dropped it. */
export interface Chain {
  readonly events: readonly [DeviceEvent, ...DeviceEvent[]];
  readonly freed: FreeEvent | null;
}

/** The kernel takes a packet from device to device, and to its drop, without a pause. */
const AT_ONCE_US = 2_000;
/** Neighbour discovery gives up after 3 s by default; queues of shapers and of netfilter hold packets as long. */
const HELD_US = 10_000_000;

/**
 * Follows the buffers from event to event. A buffer's address is used again as soon as its packet is gone, for any
 * packet: after a pause, a device that comes a second time begins a new packet. A drop counts only right after the
 * packet's last device and on the same processor, or in a function in which packets wait. That a device has sent it on is told
 * once all that follows in the same call is over, its drop included.
 * @param events in order of time
 */
export const chainsOf = (events: readonly TraceEvent[]): readonly Chain[] => {
  const chains: Chain[] = [];
  const open = new Map<string, number>();
  const gone = new Map<string, FreeEvent>();
  for (const event of events) {
    const index = open.get(event.skb);
    const chain = index === undefined ? undefined : chains[index];
    if (event.kind === 'free') {
      if (index !== undefined && chain && endsHere(chain, event)) {
        chains[index] = { ...chain, freed: event };
        gone.set(event.skb, event);
      }
      open.delete(event.skb);
    } else if (index !== undefined && chain && goesOn(chain, event)) {
      chains[index] = { events: [...chain.events, event], freed: null };
    } else if (!isToldLate(event, gone.get(event.skb))) {
      open.set(event.skb, chains.push({ events: [event], freed: null }) - 1);
    }
  }
  return chains;
};

const goesOn = ({ events }: Chain, next: DeviceEvent): boolean => {
  const waited = next.clockUs - lastOf(events).clockUs;
  if (waited <= AT_ONCE_US) return true;
  if (waited > HELD_US) return false;
  return isDequeued(lastOf(events), next) || !events.some(({ device }) => device === next.device);
};

/** The word of a device that it has sent on what was dropped behind it. */
const isToldLate = ({ kind, cpu, clockUs }: DeviceEvent, freed: FreeEvent | undefined): boolean =>
  kind === 'xmit' && freed !== undefined && cpu === freed.cpu && clockUs - freed.clockUs <= AT_ONCE_US;

/** A shaper let the packet go. */
const isDequeued = (last: DeviceEvent, next: DeviceEvent): boolean =>
  last.kind === 'queue' && next.kind === 'xmit' && last.device === next.device;

const endsHere = ({ events }: Chain, freed: FreeEvent): boolean => {
  const last = lastOf(events);
  const waited = freed.clockUs - last.clockUs;
  const held = dropFunction(droppingFunction(freed))?.holdsAfter;
  if (held !== undefined && held === last.kind && waited <= HELD_US) return true;
  return events.some(({ cpu, clockUs }) => cpu === freed.cpu && freed.clockUs - clockUs <= AT_ONCE_US);
};

export const lastOf = (events: Chain['events']): DeviceEvent => events.at(-1) ?? events[0];
