import type { Proof } from '../../src/model/finding.js';
import { hopName, hopOf, lastRouter } from '../../src/model/path-queries.js';
import type { CheckContext, PeerView } from '../define-check.js';
import { inside } from './commands.js';

type PeerHop = PeerView['hops'][number];

/** Where the packets that left this host are lost, as the other one saw them. */
export interface PeerLoss {
  readonly peer: PeerView;
  readonly way: 'forward' | 'return';
  /** Where all of them were seen last; `null`: on this host's uplink. */
  readonly last: PeerHop | null;
  /** Where none of them was seen; `null`: on this host's uplink again. */
  readonly missing: PeerHop | null;
}

/**
 * `null` where no other host was named, its captures prove nothing, the packets do not leave this one, or not all of them
 * end at one place.
 */
export const peerLoss = (context: CheckContext): PeerLoss | null => {
  const { peer, located, path } = context;
  const uplink = hopOf(path, 'uplink');
  const here = located.counts.find(({ hop }) => hop === uplink?.id);
  if (!peer || !here?.trusted || here.forward === 0 || here.return > 0 || located.answered > 0) return null;
  if (!isOtherEnd(context, peer)) return null;
  if (peer.hops.length === 0 || !peer.hops.every(({ trusted }) => trusted)) return null;
  const stations = [
    ...peer.hops.map((hop) => ({ way: 'forward' as const, hop, seen: hop.forward })),
    ...peer.hops.toReversed().map((hop) => ({ way: 'return' as const, hop, seen: hop.return })),
  ];
  const index = stations.findIndex(({ seen }) => seen === 0);
  const passed = index < 0 ? stations : stations.slice(0, index);
  if (passed.some(({ seen }) => seen < here.forward)) return null;
  const missing = stations[index] ?? null;
  return {
    peer,
    way: missing?.way ?? 'return',
    last: passed.at(-1)?.hop ?? null,
    missing: missing?.hop ?? null,
  };
};

/**
 * Whether the host that the user named is that which the packets are for: it has the address to which the tunnel sends, or the
 * MAC that the tunnel sends to; without a tunnel, it is the one that knows the way to the destination.
 */
const isOtherEnd = (
  { path, neighbour }: CheckContext,
  { addresses, entry, tunnel, remote, walk }: PeerView,
): boolean => {
  const through = hopOf(path, 'tunnel');
  const router = lastRouter(path);
  if (through === null || router?.nextHop === null || router === null || through.ifname === null) {
    const route = walk?.request.route;
    return route?.outcome === 'unicast' && route.dev !== entry?.ifname;
  }
  const mac = neighbour(through.netns, through.ifname, router.nextHop)?.lladdr;
  return (
    (remote !== null && addresses.includes(remote)) || (mac !== undefined && mac !== null && tunnel?.address === mac)
  );
};

/** What both hosts saw, as proof lines. */
export const peerSeen = (
  context: CheckContext,
  { peer, last, missing, way }: PeerLoss,
): readonly [Proof, ...Proof[]] => {
  const uplink = hopOf(context.path, 'uplink');
  const here = uplink === null ? 'the uplink' : hopName(uplink);
  const what = way === 'forward' ? 'requests' : 'answers';
  const name = (hop: PeerHop | null): string =>
    hop === null ? `${here} of this host` : `${hop.ifname} of ${peer.name}`;
  const watched = missing ?? last;
  return [
    {
      kind: 'seen',
      text: `${what} pass ${name(last)}, and none is seen on ${name(missing)}`,
      ...(watched === null
        ? {}
        : { command: inside(context.netns('peer'), ['tcpdump', '-p', '-ni', watched.ifname ?? '']) }),
    },
  ];
};
