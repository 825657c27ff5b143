import type { KernelDrop, Limit } from '../model/evidence.js';
import type { Way } from '../model/flow.js';
import type { CaptureReport, Sighting } from '../model/packet.js';
import type { Link, Path, Stage } from '../model/path.js';
import { originLink } from '../model/path-queries.js';
import type { ProbeResult } from '../model/probe.js';
import { type Chain, chainsOf } from './chains.js';
import type { DeviceEvent, FreeEvent, TraceEvent } from './events.js';
import { dropFunction } from './functions.js';
import { isHarmless } from './healthy.js';
import { isBeforeTap, type LastPlace, lastPlaceOf, linkAt } from './last-place.js';
import { type LocalDrop, localDrops } from './local-drops.js';
import { dropReason } from './reasons.js';
import { type OwnChain, recognise, seenPackets } from './recognise.js';
import { recogniseByOrder } from './recognise-by-order.js';
import { droppingFunction, hookOf } from './stacks.js';

/** The kernel's events of one run, and how its clock relates to ours. */
export interface Witnessed {
  readonly events: readonly TraceEvent[];
  /** Events that were not written or not kept. More than 0 proves no absence of a drop. */
  readonly lost: number;
  /** Nanoseconds to add to the trace clock for nanoseconds since the Unix epoch. */
  readonly clockToEpochNs: bigint;
}

/** What it means that events were lost; `null` when none were. */
export const lostEventsLimit = ({ lost }: Witnessed): Limit | null =>
  lost === 0
    ? null
    : { what: 'kernel drop events', why: `${lost} events were lost; a drop may be missing`, install: null };

/** What a run knows of its packets, to find them among the kernel's events. */
export interface Seen {
  readonly path: Path;
  readonly sightings: readonly Sighting[];
  readonly captures: readonly CaptureReport[];
  readonly probe: ProbeResult | null;
  /** Start of the run, nanoseconds since the Unix epoch, as for the captures. */
  readonly startedNs: bigint;
}

/**
 * The drops of our probe packets, in order of time. Only what happened in the namespaces of the path, and only to packets
 * that the captures confirm by device and time; where no capture ran, to packets that the probe's own process sent, or that
 * came in the order of the path.
 */
export const toKernelDrops = (witnessed: Witnessed, seen: Seen): readonly KernelDrop[] => {
  const offsetUs = Number(witnessed.clockToEpochNs - seen.startedNs) / 1000;
  const toRunUs = ({ clockUs }: TraceEvent): number => clockUs + offsetUs;
  const answered = new Set(
    seen.probe?.answers.flatMap(({ outcome, probe }) => (outcome === 'answered' ? [probe] : [])),
  );
  const byTime = witnessed.events.toSorted((a, b) => a.clockUs - b.clockUs);
  const chains = chainsOf(byTime);
  const local = seen.probe === null ? [] : localDrops(byTime, chains, seen.probe);
  const { own, isSure } = ownChains(chains, seen, toRunUs);
  return [
    ...own.flatMap((one) => dropOf(one, seen, toRunUs, isSure) ?? []),
    ...local.map((drop) => localDropOf(drop, seen, toRunUs)),
  ]
    .filter(({ probe }) => probe === null || !answered.has(probe))
    .sort((a, b) => (a.at ?? 0) - (b.at ?? 0));
};

const ownChains = (
  chains: readonly Chain[],
  { path, sightings, captures, probe }: Seen,
  toRunUs: (event: TraceEvent) => number,
): { readonly own: readonly OwnChain[]; readonly isSure: (way: Way) => boolean } => {
  if (captures.some(worked))
    return { own: recognise(chains, seenPackets(path, sightings), toRunUs), isSure: () => !isUnmarked(probe) };
  if (probe === null) return { own: [], isSure: () => false };
  const { own, isProved, others } = recogniseByOrder(chains, path, probe);
  const areAlone = probe.protocol === 'icmp' && others.length === 0;
  return { own, isSure: (way) => isProved && (way === 'forward' || areAlone) };
};

const worked = ({ error }: CaptureReport): boolean => error === null;

const dropOf = (
  own: OwnChain,
  seen: Seen,
  toRunUs: (event: TraceEvent) => number,
  isSure: (way: Way) => boolean,
): KernelDrop | null => {
  const { chain, packet, confirmed } = own;
  const { path } = seen;
  const { freed } = chain;
  if (freed === null || isHarmless(freed)) return null;
  const place = lastPlaceOf(chain, confirmed, path, packet.way);
  if (place === null) return null;
  const link = linkOf(place, freed, own, seen);
  return {
    ...causeOf(freed, isArrival(place, packet.way) ? ARRIVAL : (link?.stages ?? []), toRunUs),
    probe: packet.probe,
    device: place.event.device,
    netns: place.hop.netns,
    way: packet.way,
    ...(link ? { link: link.id } : {}),
    devices: devicesOf(chain.events, confirmed),
    ...(isSure(packet.way) ? {} : { likely: true as const }),
  };
};

/** Whether other traffic has packets of the same lengths: connections, and queries of a resolver. */
const isUnmarked = (probe: ProbeResult | null): boolean =>
  probe !== null && (probe.isOwnTraffic === true || (probe.protocol !== 'icmp' && probe.token === null));

/** In the namespace of the sender, on the first link of the path. */
const localDropOf = (
  { probe, freed }: LocalDrop,
  { path }: Seen,
  toRunUs: (event: TraceEvent) => number,
): KernelDrop => {
  const link = originLink(path);
  const netns = path.hops.find(({ id }) => id === link.from)?.netns ?? null;
  return {
    ...causeOf(freed, link.stages, toRunUs),
    probe,
    device: null,
    netns,
    way: 'forward',
    link: link.id,
    devices: [],
  };
};

/** @param onLink stages that the packet can have been in */
const causeOf = (freed: FreeEvent, onLink: readonly Stage[], toRunUs: (event: TraceEvent) => number) => {
  const name = droppingFunction(freed);
  const stages = stagesOf(freed, name, onLink);
  const [stage] = stages;
  return {
    reason: freed.reason ?? 'NOT_SPECIFIED',
    function: name,
    at: Math.round(toRunUs(freed) * 1000),
    ...(stages.length === 1 && stage ? { stage } : {}),
    stages,
    words: wordsOf(freed, name),
  };
};

/**
 * The link on which the packet died. A capture sees a packet after the queue on transmit and after XDP on receive: what
 * it did not see there was lost on the link that leads to the device.
 */
const linkOf = (
  { hop, event }: LastPlace,
  freed: FreeEvent,
  { packet }: OwnChain,
  { path, captures }: Seen,
): Link | null => {
  const isCaptured = captures.some((capture) => capture.hop === hop.id && worked(capture));
  const isMissed = isCaptured ? !packet.seenAt.has(hop) : isBeforeTap(freed, event);
  return linkAt(path, hop, packet.way, isMissed && event.device === hop.ifname ? 'comes' : 'leaves');
};

/** Stages of a packet that its own namespace receives; the link lists those of a packet that it sends. */
const ARRIVAL: readonly Stage[] = ['prerouting', 'route', 'input', 'socket'];

const isArrival = ({ hop, event }: LastPlace, way: Way): boolean =>
  hop.role === 'container' && way === 'return' && event.kind === 'receive';

/** Those stages in which the function drops, or the one that the stack shows; where there are none, the function's own. */
const stagesOf = (freed: FreeEvent, name: string, onLink: readonly Stage[]): readonly Stage[] => {
  const known = dropFunction(name)?.stages ?? [];
  const hook = hookOf(freed);
  if (hook !== null && known.includes(hook)) return [hook];
  const there = known.filter((stage) => onLink.includes(stage));
  return there.length > 0 ? there : known;
};

const wordsOf = ({ reason }: FreeEvent, name: string): string => {
  const why = reason === null || reason === 'NOT_SPECIFIED' ? null : dropReason(reason)?.words;
  const where = dropFunction(name)?.words;
  const words = [why, where].filter((text) => text !== undefined && text !== null);
  return words.length > 0 ? words.join('; ') : 'the kernel does not say why';
};

const devicesOf = (events: readonly DeviceEvent[], confirmed: OwnChain['confirmed']): readonly string[] =>
  events
    .slice(events.findIndex((event) => confirmed.has(event)))
    .filter(({ kind }) => kind !== 'xmit')
    .map(({ device }) => device);
