import type { KernelSighting } from '../model/evidence.js';
import type { Hop, Path } from '../model/path.js';
import type { ProbeResult } from '../model/probe.js';
import { chainsOf } from './chains.js';
import type { DeviceEvent } from './events.js';
import type { Witnessed } from './kernel-drops.js';
import { isBeforeTap, placesOf } from './last-place.js';
import type { OwnChain } from './recognise.js';
import { recogniseByOrder } from './recognise-by-order.js';

export interface KernelSeen {
  readonly path: Path;
  readonly probe: ProbeResult;
  /** Start of the run, nanoseconds since the Unix epoch. */
  readonly startedNs: bigint;
}

/**
 * Where the kernel's events alone show the probe's packets, as captures would; `null` where that is no whole picture: events
 * were lost, a request is not known to be the probe's own, another packet may be one of ours, or a reply has no length by
 * which the kernel was asked for it, as those of TCP and UDP do once a request has come to the end of the path.
 */
export const toKernelSightings = (
  witnessed: Witnessed,
  { path, probe, startedNs }: KernelSeen,
): readonly KernelSighting[] | null => {
  if (witnessed.lost > 0 || probe.sent === 0) return null;
  const chains = chainsOf(witnessed.events.toSorted((a, b) => a.clockUs - b.clockUs));
  const { own, isProved, others } = recogniseByOrder(chains, path, probe);
  if (!isProved || own.some(({ packet }) => packet.probe === null)) return null;
  if (probe.protocol === 'icmp' && others.length > 0) return null;
  const offsetUs = Number(witnessed.clockToEpochNs - startedNs) / 1000;
  const sightings = own.flatMap((one) => sightingsOf(one, path, offsetUs));
  const end = endOf(path);
  const isThrough = sightings.some(({ hop, way }) => way === 'forward' && hop === end);
  const isWatchedBack = probe.protocol === 'icmp' && path.hops.some(({ role }) => role === 'outside');
  const isPlain = probe.answers.every(({ outcome }) => outcome === 'answered' || outcome === 'timeout');
  return isThrough && !(isWatchedBack && isPlain) ? null : sightings;
};

/** The last device on the way of a request, within the namespaces of the path. */
const endOf = ({ hops }: Path): string | undefined =>
  hops.findLast(({ ifname, role }) => ifname !== null && role !== 'return-egress' && role !== 'alternate-uplink')?.id;

const sightingsOf = (own: OwnChain, path: Path, offsetUs: number): readonly KernelSighting[] => {
  const { chain, confirmed, packet } = own;
  const { way, probe } = packet;
  const { places } = placesOf(chain, confirmed, path, way);
  const seen = new Map<Hop, DeviceEvent>();
  for (const { event, hop } of places)
    if (event.device === hop.ifname && !seen.has(hop) && isTapped(event, own)) seen.set(hop, event);
  return [...seen].map(([hop, { clockUs }]) => ({
    hop: hop.id,
    way,
    probe: probe ?? 0,
    at: Math.round((clockUs + offsetUs) * 1000),
  }));
};

/** Whether a capture at the device would show it: behind the queue on transmit, behind XDP on receive. */
const isTapped = (event: DeviceEvent, { chain: { events, freed } }: OwnChain): boolean => {
  if (event !== events.at(-1)) return true;
  if (freed !== null) return !isBeforeTap(freed, event);
  return event.kind !== 'queue';
};
