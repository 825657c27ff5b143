import { type ProbeFacts, sequencesOf } from '../capture/sightings.js';
import type { Captured } from '../capture/taps.js';
import { udpRequestsOf } from '../capture/udp.js';
import type { ProbeResult } from '../model/probe.js';
import type { TracePlan } from './plan.js';

/** What tells the packets of a probe from others, from what this side's captures saw. */
export const probeFacts = ({ discovery }: TracePlan, { packets }: Captured, result: ProbeResult): ProbeFacts => ({
  token: result.token,
  bySequence: sequencesOf(result, packets),
  requests: udpRequestsOf(discovery.flow, packets),
  own: discovery.topology.netns.flatMap(({ addresses }) => addresses.map(({ local }) => local)),
});
