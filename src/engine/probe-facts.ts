import { type ProbeFacts, type SentFrom, sequencesOf } from '../capture/sightings.js';
import type { Captured } from '../capture/taps.js';
import { udpRequestsOf } from '../capture/udp.js';
import type { CaptureReport } from '../model/packet.js';
import type { ProbeResult } from '../model/probe.js';
import type { TracePlan } from './plan.js';

/** What tells the packets of a probe from others, from what this side's captures saw. */
export const probeFacts = (plan: TracePlan, { packets, reports }: Captured, result: ProbeResult): ProbeFacts => ({
  token: result.token,
  bySequence: sequencesOf(result, packets, sentFrom(plan, reports)),
  requests: udpRequestsOf(plan.discovery.flow, packets),
  own: ownAddresses(plan),
});

/** Addresses of the namespaces of the path. */
export const ownAddresses = ({ discovery }: TracePlan): readonly string[] =>
  discovery.topology.netns.flatMap(({ addresses }) => addresses.map(({ local }) => local));

/** Whose connections are the probe's. */
export const sentFrom = (
  { discovery: { flow, path }, sender }: TracePlan,
  reports: readonly Pick<CaptureReport, 'hop' | 'error'>[],
): SentFrom => ({
  source: sender ? flow.source : null,
  destination: flow.destination,
  nearest: path.hops.find(({ id }) => reports.some(({ hop, error }) => hop === id && error === null))?.id,
});
