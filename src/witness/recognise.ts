import type { Way } from '../model/flow.js';
import type { Sighting } from '../model/packet.js';
import type { Hop, Path } from '../model/path.js';
import { align, type SeenAt } from './align.js';
import type { Chain } from './chains.js';
import type { DeviceEvent } from './events.js';

/** One probe packet on one way. */
export interface ProbePacket {
  /** `null` where it cannot be told which of the probes it is. */
  readonly probe: number | null;
  readonly way: Way;
  /** Hops whose captures saw it. */
  readonly seenAt: ReadonlySet<Hop>;
}

/** A probe packet, and where the captures saw it. */
export interface SeenPacket extends ProbePacket {
  /** In order of time, microseconds since the run began. */
  readonly seen: readonly SeenAt[];
}

/** A chain that is one of our packets. */
export interface OwnChain {
  readonly chain: Chain;
  readonly packet: ProbePacket;
  /** Hop of each event of the chain that lies at the time of a sighting. */
  readonly confirmed: ReadonlyMap<DeviceEvent, Hop>;
}

/** Chains that fit about as well are not told apart. */
const CLEARLY_US = 8;

/** The probe's packets among the sightings, by probe and way. */
export const seenPackets = (path: Path, sightings: readonly Sighting[]): readonly SeenPacket[] => {
  const packets = new Map<string, { probe: number; way: Way; seen: SeenAt[] }>();
  for (const { hop: id, kind, way, probe, packet } of sightings) {
    const hop = path.hops.find((candidate) => candidate.id === id);
    if (hop === undefined || probe === null || (kind !== 'request' && kind !== 'reply')) continue;
    const key = `${probe} ${way}`;
    const known = packets.get(key) ?? { probe, way, seen: [] };
    known.seen.push({ hop, atUs: packet.at / 1000, received: isReceived(hop, way) });
    packets.set(key, known);
  }
  // A frame keeps its time from the port to the bridge.
  const order = (hop: Hop): number => path.hops.indexOf(hop);
  return [...packets.values()].map(({ probe, way, seen }) => ({
    probe,
    way,
    seenAt: new Set(seen.map(({ hop }) => hop)),
    seen: seen.sort((a, b) => a.atUs - b.atUs || (way === 'forward' ? 1 : -1) * (order(a.hop) - order(b.hop))),
  }));
};

/** The container and the uplink are the ends of the host: what goes one way is sent there, what comes is received. */
const isReceived = ({ role }: Hop, way: Way): boolean | null => {
  if (role === 'container' || role === 'uplink') return way === 'return';
  return null;
};

interface Fit {
  readonly own: OwnChain;
  /** Mean distance in time. */
  readonly meanUs: number;
}

/**
 * Which chains are our packets: those whose devices and times are the captures' own. Events name no namespace, so that a
 * packet of the same length elsewhere, past devices of the same names, differs in its times alone. Of two chains that fit
 * equally well none is taken.
 * @param toRunUs converts an event's time to microseconds since the run began
 */
export const recognise = (
  chains: readonly Chain[],
  packets: readonly SeenPacket[],
  toRunUs: (event: DeviceEvent) => number,
): readonly OwnChain[] => {
  const fits = packets.flatMap((packet) => chains.flatMap((chain) => fitOf(chain, packet, toRunUs) ?? []));
  fits.sort(better);
  const taken = new Set<Chain | ProbePacket>();
  const own: OwnChain[] = [];
  for (const fit of fits) {
    const { chain, packet } = fit.own;
    if (taken.has(chain) || taken.has(packet)) continue;
    taken.add(chain).add(packet);
    const rival = fits.find((other) => other.own.packet === packet && other !== fit && !isTakenElsewhere(other, own));
    if (rival === undefined || isClearlyBetter(fit, rival)) own.push(fit.own);
  }
  return own;
};

const isTakenElsewhere = (fit: Fit, own: readonly OwnChain[]): boolean =>
  own.some(({ chain, packet }) => chain === fit.own.chain && packet !== fit.own.packet);

const better = (a: Fit, b: Fit): number => b.own.confirmed.size - a.own.confirmed.size || a.meanUs - b.meanUs;

const isClearlyBetter = (fit: Fit, rival: Fit): boolean =>
  fit.own.confirmed.size > rival.own.confirmed.size || rival.meanUs - fit.meanUs > CLEARLY_US;

const fitOf = (chain: Chain, packet: SeenPacket, toRunUs: (event: DeviceEvent) => number): Fit | null => {
  const { confirmed, sumUs } = align(packet.seen, chain.events, toRunUs);
  return confirmed.size === 0 ? null : { own: { chain, packet, confirmed }, meanUs: sumUs / confirmed.size };
};
