import { toSightings } from '../capture/sightings.js';
import { type Captured, startTaps, type TapSet } from '../capture/taps.js';
import type { TopologyState } from '../collect/topology.js';
import { type DiscoverOptions, type Discovery, peerHops, readNamespace, resolveTarget } from '../discover/index.js';
import { inspectNetnsFile } from '../host/proc.js';
import { EXIT, KnownError } from '../model/errors.js';
import type { NetnsId, NetnsRef } from '../model/netns.js';
import type { Hop } from '../model/path.js';
import type { PeerEvidence } from '../model/peer.js';
import type { ProbeResult } from '../model/probe.js';
import type { NetnsState } from '../model/state.js';
import type { TracePlan } from './plan.js';
import { probeFacts } from './probe-facts.js';
import { type SlowReads, statesBefore } from './snapshot.js';

/** The host of the other end, as the user named it. */
export interface Peer {
  readonly spelled: string;
  readonly netns: NetnsRef;
  readonly state: TopologyState;
  readonly hops: readonly Hop[];
}

/**
 * The other end's host, of which nothing is read unless the user names it.
 * @throws KnownError where there is none of that name, it is on this side, or the packets do not leave this host
 */
export const findPeer = async (spelled: string, discovery: Discovery, options: DiscoverOptions): Promise<Peer> => {
  const { name, netnsPath } = await resolveTarget(spelled, options);
  const file = inspectNetnsFile(netnsPath);
  const inode = file.kind === 'netns' ? file.inode : 0;
  const refuse = (why: string): KnownError =>
    new KnownError(why, { exitCode: EXIT.usage, hint: '--peer names the namespace of the host at the other end' });
  if (discovery.netns.some((netns) => netns.inode === inode)) throw refuse(`${name} is on this side of the path`);
  if (!discovery.path.hops.some(({ role }) => role === 'outside'))
    throw refuse('the packets do not leave this host: there is no other one to look at');
  const ref: NetnsRef = { id: 'peer', name, path: netnsPath, inode };
  const { state, topology } = await readNamespace(ref, options);
  return { spelled, netns: ref, state, hops: peerHops(topology, discovery) };
};

/** The namespaces of a trace: those of the path, and the other host's. */
export const netnsOf = ({ discovery, peer }: TracePlan): readonly NetnsRef[] => [
  ...discovery.netns,
  ...(peer ? [peer.netns] : []),
];

/** The devices of a namespace of a trace. */
export const linksIn = ({ discovery, peer }: TracePlan, { id }: NetnsRef): NetnsState['links'] | undefined =>
  (peer?.netns.id === id ? peer.state : discovery.state[id])?.links;

/** The state of every namespace of a trace before the probe. */
export const allStates = async (
  { discovery, peer, collect }: TracePlan,
  slow: SlowReads,
): Promise<Readonly<Record<NetnsId, NetnsState>>> => {
  const there = peer && {
    netns: [peer.netns],
    path: { ...discovery.path, hops: peer.hops },
    state: { peer: peer.state },
  };
  const [here, theirs] = await Promise.all([
    statesBefore(discovery, slow, collect),
    there ? statesBefore(there, slow, collect) : {},
  ]);
  return { ...here, ...theirs };
};

/** Starts the captures on the other host; `null` where none was named. */
export const watchPeer = async (
  { peerCaptures, token }: TracePlan,
  startedNs: bigint,
  signal: AbortSignal,
): Promise<TapSet | null> => (peerCaptures.length === 0 ? null : startTaps(peerCaptures, { startedNs, token, signal }));

/** What was seen of the probe's packets on the other host. */
export const peerEvidence = (
  { spelled, hops }: Peer,
  plan: TracePlan,
  { there, here }: { readonly there: Captured | undefined; readonly here: Captured },
  result: ProbeResult,
): PeerEvidence => {
  const facts = probeFacts(plan, here, result);
  const { flow } = plan.discovery;
  return {
    spelled,
    hops,
    captures: there?.reports ?? [],
    sightings: [...(there?.packets ?? [])].flatMap(([hop, packets]) => toSightings(hop, packets, flow, facts)),
  };
};
