import type { Flow } from '../model/flow.js';
import type { Hop, Path } from '../model/path.js';
import { hopOf } from '../model/path-queries.js';
import type { LinkState } from '../model/state.js';
import { lookupRoute, primaryAddress } from '../routing/index.js';
import { isTunnel } from './lower-chain.js';
import { isUp, linkByName, type NetnsTopology, netnsById, type Topology } from './topology.js';

/**
 * Where the flow's packets pass the host of the other end: the device that leads back to this host's uplink, its end of the
 * tunnel, and the device towards the destination. Pure.
 */
export const peerHops = (
  peer: NetnsTopology,
  { path, flow, topology }: { readonly path: Path; readonly flow: Flow; readonly topology: Topology },
): readonly Hop[] => {
  const uplink = hopOf(path, 'uplink');
  const through = hopOf(path, 'tunnel');
  const near = uplink === null ? null : netnsById(topology, uplink.netns);
  const family = uplink?.inside?.outerFamily ?? flow.family;
  const address = near && uplink?.ifname ? primaryAddress(near, uplink.ifname, family) : null;
  const entry = address === null ? null : deviceTo(peer, address, { family, source: null, iif: null });
  const tunnel = through === null ? null : farEnd(peer, flow, uplink?.inside?.port ?? null);
  const into = tunnel ?? (through === null ? entry : null);
  const last = into && deviceTo(peer, flow.destination, { ...flow, iif: into.ifname });
  const isHidden = through !== null && uplink?.inside === undefined;
  return [
    ...hop(peer, 'uplink', entry, isHidden ? null : (uplink?.inside ?? null), isHidden),
    ...hop(peer, 'tunnel', tunnel),
    ...hop(peer, last?.kind === 'bridge' ? 'bridge' : 'veth-host', last),
  ].map((one, index) => ({ ...one, id: `p${index}` }));
};

const deviceTo = (
  peer: NetnsTopology,
  destination: string,
  from: Pick<Flow, 'family' | 'source'> & { readonly iif: string | null },
): LinkState | null => {
  const answer = lookupRoute(peer, { ...from, destination, mark: 0 });
  return answer.outcome === 'unicast' ? linkByName(peer, answer.dev) : null;
};

/** The tunnel by which the other host answers the container; else one of this kind that listens on the port. */
const farEnd = (peer: NetnsTopology, { source, family }: Flow, port: number | null): LinkState | null => {
  const back = source === null ? null : deviceTo(peer, source, { family, source: null, iif: null });
  if (back !== null && isTunnel(back)) return back;
  return peer.links.find(({ kind, data }) => kind === 'vxlan' && port !== null && data['port'] === port) ?? null;
};

const hop = (
  peer: NetnsTopology,
  role: Hop['role'],
  link: LinkState | null,
  inside: Hop['inside'] | null = null,
  isHidden = false,
): readonly Omit<Hop, 'id'>[] =>
  link === null
    ? []
    : [
        {
          role,
          netns: peer.ref.id,
          ifname: link.ifname,
          ifindex: link.ifindex,
          captured: isUp(link) && !isHidden,
          ...(inside ? { inside } : {}),
          ...(isUp(link) ? {} : { down: true, note: `${link.ifname} is down` }),
        },
      ];
