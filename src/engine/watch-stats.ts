import type { Sighting } from '../model/packet.js';
import type { Delays, WatchedHop } from '../model/watch.js';

/** Samples that are kept for each hop; older ones are forgotten. */
const MAX_SAMPLES = 2000;
/** Samples that are told, for drawing. */
const MAX_RECENT = 120;

/** Counts and delays of each captured hop over the rounds of a watch. Memory is bounded. */
export class HopStatistics {
  readonly #hops = new Map<string, { forward: number; return: number; samples: (number | null)[] }>();

  /** Takes in one round: what was seen at each captured hop, of so many probes. */
  add(hops: readonly string[], sightings: readonly Sighting[], sent: number): void {
    for (const hop of hops) {
      const own = this.#hops.get(hop) ?? { forward: 0, return: 0, samples: [] };
      const requests = firstOf(sightings, hop, 'request');
      const replies = firstOf(sightings, hop, 'reply');
      own.forward += requests.size;
      own.return += replies.size;
      for (let probe = 1; probe <= sent; probe += 1) {
        const [out, back] = [requests.get(probe), replies.get(probe)];
        own.samples.push(out === undefined || back === undefined ? null : (back - out) / 1e6);
      }
      own.samples.splice(0, Math.max(0, own.samples.length - MAX_SAMPLES));
      this.#hops.set(hop, own);
    }
  }

  of(hop: string, name: string): WatchedHop {
    const own = this.#hops.get(hop) ?? { forward: 0, return: 0, samples: [] };
    const { forward, return: back, samples } = own;
    return { hop, name, forward, return: back, delays: delaysOf(samples), recent: samples.slice(-MAX_RECENT) };
  }
}

/** Time in nanoseconds at which each probe was first seen at a hop. */
const firstOf = (sightings: readonly Sighting[], hop: string, kind: 'request' | 'reply'): Map<number, number> => {
  const first = new Map<number, number>();
  for (const sighting of sightings) {
    if (sighting.hop !== hop || sighting.kind !== kind || sighting.probe === null) continue;
    const before = first.get(sighting.probe) ?? Number.POSITIVE_INFINITY;
    first.set(sighting.probe, Math.min(before, sighting.packet.at));
  }
  return first;
};

/** `null` without any answer. Quantiles by nearest rank. */
export const delaysOf = (samples: readonly (number | null)[]): Delays | null => {
  const times = samples.filter((sample): sample is number => sample !== null);
  if (times.length === 0) return null;
  const sorted = times.toSorted((one, other) => one - other);
  const rank = (share: number): number => sorted[Math.max(Math.ceil(share * sorted.length) - 1, 0)] ?? 0;
  const steps = times.slice(1).map((time, index) => Math.abs(time - (times[index] ?? time)));
  const jitter = steps.length === 0 ? 0 : steps.reduce((sum, step) => sum + step, 0) / steps.length;
  return { min: rank(0), median: rank(0.5), p99: rank(0.99), jitter };
};
