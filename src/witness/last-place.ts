import type { Way } from '../model/flow.js';
import type { Hop, Link, Path } from '../model/path.js';
import type { Chain } from './chains.js';
import type { DeviceEvent, FreeEvent } from './events.js';
import { dropFunction } from './functions.js';
import { droppingFunction } from './stacks.js';

/** Where a chain's last event was, on our path. */
export interface LastPlace {
  readonly event: DeviceEvent;
  readonly hop: Hop;
}

/**
 * Follows one of our packets along the path, to its last event in a namespace of the path; `null` when it left those.
 * A packet changes its namespace only between being sent by one device and received by the next. So what is sent after
 * a known place is sent in the same namespace, and what is received counts only at the hop that comes next on the path,
 * or where a capture confirms it.
 */
export const lastPlaceOf = (
  chain: Chain,
  confirmed: ReadonlyMap<DeviceEvent, Hop>,
  path: Path,
  way: Way,
): LastPlace | null => {
  const { places, isOutside } = placesOf(chain, confirmed, path, way);
  const last = places.at(-1);
  return last === undefined || isOutside || hasLeft(last, path, way) ? null : last;
};

/** Where a packet of ours was on our path, event by event, and whether it went on outside of the path's namespaces. */
export const placesOf = (
  { events }: Chain,
  confirmed: ReadonlyMap<DeviceEvent, Hop>,
  path: Path,
  way: Way,
): { readonly places: readonly LastPlace[]; readonly isOutside: boolean } => {
  const places: LastPlace[] = [];
  const visited = new Set<Hop>();
  for (const event of events) {
    const next = placeOf(event, places.at(-1) ?? null, confirmed, path, way, visited);
    if (next === null) {
      if (places.length === 0) continue;
      return { places, isOutside: true };
    }
    visited.add(next.hop);
    places.push(next);
  }
  return { places, isOutside: false };
};

const placeOf = (
  event: DeviceEvent,
  before: LastPlace | null,
  confirmed: ReadonlyMap<DeviceEvent, Hop>,
  path: Path,
  way: Way,
  visited: ReadonlySet<Hop>,
): LastPlace | null => {
  const seen = confirmed.get(event);
  if (seen !== undefined) return { event, hop: seen };
  if (before === null) return null;
  if (before.hop.ifname === event.device && event.kind !== 'receive') return { ...before, event };
  const next = neighboursOf(path, before.hop, way).find(
    (hop) =>
      hop.ifname === event.device && !visited.has(hop) && (event.kind === 'receive' || hop.netns === before.hop.netns),
  );
  if (next !== undefined) return { event, hop: next };
  return event.kind === 'receive' ? null : { ...before, event };
};

/** The driver of the last device took the packet, and what comes next is outside. */
const hasLeft = ({ event, hop }: LastPlace, path: Path, way: Way): boolean =>
  event.kind === 'xmit' &&
  event.device === hop.ifname &&
  neighboursOf(path, hop, way).every(({ ifname }) => ifname === null);

/** Hops that a packet can reach next: the one further on, and those beside the path. */
export const neighboursOf = (path: Path, hop: Hop, way: Way): readonly Hop[] =>
  path.links.flatMap((link) => {
    const [from, to] = way === 'forward' ? [link.from, link.to] : [link.to, link.from];
    const isBeside = ({ role }: Hop): boolean => role === 'return-egress' || role === 'alternate-uplink';
    const other = path.hops.find(({ id }) => (from === hop.id ? id === to : to === hop.id && id === from));
    return other !== undefined && (from === hop.id || isBeside(other) || isBeside(hop)) ? [other] : [];
  });

/** The link by which a packet leaves a hop, or by which it comes. */
export const linkAt = (path: Path, hop: Hop, way: Way, side: 'leaves' | 'comes'): Link | null => {
  const towards = (way === 'forward') === (side === 'leaves');
  return path.links.find((link) => (towards ? link.from : link.to) === hop.id) ?? null;
};

/**
 * Whether a packet that was dropped after a device's event was dropped before a capture there could see it. A filter at the
 * egress of a device is asked before its queue: behind a queue it is that of the next device.
 */
export const isBeforeTap = (freed: FreeEvent, { kind }: DeviceEvent): boolean =>
  dropFunction(droppingFunction(freed))?.beforeTap === true && !(freed.reason === 'TC_EGRESS' && kind === 'queue');
