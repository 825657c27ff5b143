import { MOST_SEARCHED } from './bridge-member.js';
import { lowerEnd, type OtherEnd } from './other-end.js';
import type { Place, Topology, Wanted } from './topology.js';

/**
 * The macvlan on the same lower device that has an address: it talks to its siblings without a switch, or not at all. Only
 * the owner's own addresses prove it, so the namespaces that the lower device's own knows are read.
 */
export const macvlanSibling = (topology: Topology, parent: Place, address: string): OtherEnd => {
  const others = topology.netns.filter(({ ref }) => ref.inode !== parent.netns.ref.inode && ref.id !== 'target');
  const ends = others.flatMap((netns) =>
    netns.links
      .filter((link) => link.kind === 'macvlan')
      .map((link) => ({ place: { netns, link }, below: lowerEnd(topology, netns, link) })),
  );
  const owner = ends.find(
    ({ place, below }) =>
      below.place?.netns === parent.netns &&
      below.place.link.ifindex === parent.link.ifindex &&
      place.netns.addresses.some(({ local, ifname }) => local === address && ifname === place.link.ifname),
  );
  if (owner) return { place: owner.place, wanted: [] };
  const unread = wantedBeside(topology, parent);
  return { place: null, wanted: unread.length > 0 ? unread : ends.flatMap(({ below }) => below.wanted) };
};

const wantedBeside = (topology: Topology, { netns }: Place): readonly Wanted[] => {
  if (netns.ids === null) return [{ kind: 'ids', netns: netns.ref }];
  return [...new Set(netns.ids.values())]
    .filter((inode) => topology.netns.every(({ ref }) => ref.inode !== inode))
    .slice(0, MOST_SEARCHED)
    .map((inode) => ({ kind: 'netns', inode }));
};
