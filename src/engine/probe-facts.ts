import { type ProbeFacts, sequencesOf } from '../capture/sightings.js';
import type { Captured } from '../capture/taps.js';
import { udpRequestsOf } from '../capture/udp.js';
import type { CaptureReport } from '../model/packet.js';
import type { Path } from '../model/path.js';
import type { ProbeResult } from '../model/probe.js';
import type { TracePlan } from './plan.js';

/** What tells the packets of a probe from others, from what this side's captures saw. */
export const probeFacts = (
  { discovery, sender }: TracePlan,
  { packets, reports }: Captured,
  result: ProbeResult,
): ProbeFacts => ({
  token: result.token,
  bySequence: sequencesOf(result, packets, {
    source: sender ? discovery.flow.source : null,
    destination: discovery.flow.destination,
    nearest: nearestHop(discovery.path, reports),
  }),
  requests: udpRequestsOf(discovery.flow, packets),
  own: discovery.topology.netns.flatMap(({ addresses }) => addresses.map(({ local }) => local)),
});

/** The hop next to the sender whose capture listens. */
const nearestHop = ({ hops }: Path, reports: readonly CaptureReport[]): string | undefined =>
  hops.find(({ id }) => reports.some(({ hop, error }) => hop === id && error === null))?.id;
