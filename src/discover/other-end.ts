import type { LinkState } from '../model/state.js';
import type { NetnsTopology, Place, Topology, Wanted } from './topology.js';

/** The device at the other end of a link, or what has to be read to find it. */
export interface OtherEnd {
  readonly place: Place | null;
  readonly wanted: readonly Wanted[];
}

/**
 * The peer of a veth. An index alone proves nothing, namespaces count alike: the peer must point back, and one side's
 * namespace identifier must say that the other namespace is the one.
 */
export const vethPeer = (topology: Topology, netns: NetnsTopology, link: LinkState): OtherEnd => {
  if (link.linkNetnsid === null) return { place: place(netns, pointingBack(netns, link)[0]), wanted: [] };
  for (const other of topology.netns) {
    const peer = pointingBack(other, link).find((candidate) => isTheOne(netns, link, other, candidate));
    if (peer !== undefined) return { place: { netns: other, link: peer }, wanted: [] };
  }
  return { place: null, wanted: wantedFor(topology, netns, link) };
};

/** The lower device of a macvlan, ipvlan or vlan, which may lie in another namespace. */
export const lowerEnd = (topology: Topology, netns: NetnsTopology, link: LinkState): OtherEnd => {
  if (link.linkNetnsid === null) {
    return {
      place: place(
        netns,
        netns.links.find((other) => other.ifindex === link.peerIndex),
      ),
      wanted: [],
    };
  }
  const inode = netns.ids?.get(link.linkNetnsid);
  const other = topology.netns.find((candidate) => candidate.ref.inode === inode);
  if (other === undefined) return { place: null, wanted: wantedFor(topology, netns, link) };
  return {
    place: place(
      other,
      other.links.find((candidate) => candidate.ifindex === link.peerIndex),
    ),
    wanted: [],
  };
};

const place = (netns: NetnsTopology, link: LinkState | undefined): Place | null =>
  link === undefined ? null : { netns, link };

const pointingBack = (other: NetnsTopology, link: LinkState): LinkState[] =>
  other.links.filter(
    (candidate) =>
      candidate.kind === link.kind && candidate.ifindex === link.peerIndex && candidate.peerIndex === link.ifindex,
  );

/** Both sides must agree where both can be asked, and at least one must know. */
const isTheOne = (netns: NetnsTopology, link: LinkState, other: NetnsTopology, peer: LinkState): boolean => {
  const there = link.linkNetnsid === null ? undefined : netns.ids?.get(link.linkNetnsid);
  const back = peer.linkNetnsid === null ? undefined : other.ids?.get(peer.linkNetnsid);
  if (there !== undefined && there !== other.ref.inode) return false;
  if (back !== undefined && back !== netns.ref.inode) return false;
  return there !== undefined || back !== undefined;
};

const wantedFor = (topology: Topology, netns: NetnsTopology, link: LinkState): Wanted[] => {
  if (link.linkNetnsid === null) return [];
  if (netns.ids === null) return [{ kind: 'ids', netns: netns.ref }];
  const inode = netns.ids.get(link.linkNetnsid);
  const isKnown = topology.netns.some((other) => other.ref.inode === inode);
  return inode === undefined || isKnown ? [] : [{ kind: 'netns', inode }];
};
