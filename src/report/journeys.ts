import type { Packet, Sighting } from '../model/packet.js';
import type { Run } from '../model/run.js';
import { hopById } from './facts.js';

/** One packet of the flow and the hops at which it was seen, in time order, one sighting for each hop. */
export interface Journey {
  readonly first: Sighting;
  readonly sightings: readonly Sighting[];
  /** Whether its last sighting is where it was lost. */
  readonly lost: boolean;
}

/** The packets of the run by probe and kind, without neighbour discovery, first seen first. */
export const journeys = (run: Run, sightings: readonly Sighting[]): readonly Journey[] => {
  const groups = new Map<string, Sighting[]>();
  for (const sighting of sightings) {
    if (sighting.kind === 'neighbour-request' || sighting.kind === 'neighbour-reply') continue;
    const key = `${sighting.probe} ${sighting.kind} ${sighting.way}`;
    const group = groups.get(key);
    if (group) group.push(sighting);
    else groups.set(key, [sighting]);
  }
  return [...groups.values()]
    .map(firstPerHop)
    .sort((a, b) => (a[0]?.packet.at ?? 0) - (b[0]?.packet.at ?? 0))
    .flatMap((group) => {
      const [first] = group;
      return first ? [{ first, sightings: group, lost: isLost(run, first, group, sightings) }] : [];
    });
};

const firstPerHop = (group: readonly Sighting[]): readonly Sighting[] => {
  const sorted = group.toSorted((a, b) => a.packet.at - b.packet.at);
  return sorted.filter((sighting, index) => sorted.findIndex((other) => other.hop === sighting.hop) === index);
};

/** A request without any answer is lost behind its last hop; a reply that did not reach the container is as well. */
const isLost = (run: Run, first: Sighting, group: readonly Sighting[], all: readonly Sighting[]): boolean => {
  if (first.kind === 'icmp-error') return false;
  const outcome = run.probe?.answers.find((answer) => answer.probe === first.probe)?.outcome;
  if (outcome === 'answered' || outcome === 'refused') return false;
  if (first.way === 'forward') return !all.some((other) => other.kind === 'reply' && other.probe === first.probe);
  return hopById(run, group.at(-1)?.hop ?? '')?.role !== 'container';
};

/** How NAT changed an address between two sightings of one packet; `null` where it did not. */
export const rewriteBetween = (
  before: Packet,
  after: Packet,
): { readonly field: 'source' | 'destination'; readonly before: string; readonly after: string } | null => {
  if (!before.ip || !after.ip) return null;
  for (const field of ['source', 'destination'] as const)
    if (before.ip[field] !== after.ip[field]) return { field, before: before.ip[field], after: after.ip[field] };
  return null;
};
