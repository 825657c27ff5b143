import type { LinkState } from '../model/state.js';
import { vethPeer } from './other-end.js';
import { type Segment, STAGES } from './segments.js';
import { linkByName, type NetnsTopology, type Place, type Topology } from './topology.js';

/** A frame's way through Open vSwitch to one of its own devices, by which the namespace routes on. */
export interface SwitchedWay {
  readonly segments: readonly Segment[];
  readonly device: LinkState;
  readonly note: string;
}

/**
 * The way of a frame that has come in by a port of Open vSwitch to the device of the same bridge that has the next hop's
 * address; `null` where it is no such port, or nobody here has the address. What the switch decides in between no device shows.
 */
export const switchedWay = ({ netns, link }: Place, nextHop: string | null): SwitchedWay | null => {
  const ports = netns.ovsPorts ?? [];
  const entry = ports.find(({ ifname }) => ifname === link.ifname);
  const owner = ports.find(
    ({ bridge, ifname }) =>
      bridge === entry?.bridge && netns.addresses.some((own) => own.ifname === ifname && own.local === nextHop),
  );
  const device = owner ? linkByName(netns, owner.ifname) : null;
  if (!entry || device === null) return null;
  return {
    segments: [{ role: 'bridge', netns: netns.ref.id, link: device, stages: STAGES.outOfBridge }],
    device,
    note: `between ${link.ifname} and ${device.ifname} Open vSwitch decides (bridge ${entry.bridge}), which no device shows`,
  };
};

/** The same from a bridge of Linux before it, over the veth pair that joins the two, as OpenStack has it: qbr, qvb, qvo. */
export const switchedBehind = (
  topology: Topology,
  netns: NetnsTopology,
  bridge: LinkState,
  nextHop: string,
): SwitchedWay | null => {
  for (const port of netns.links.filter(({ master, kind }) => master === bridge.ifname && kind === 'veth')) {
    const { place } = vethPeer(topology, netns, port);
    const way = place?.netns === netns ? switchedWay(place, nextHop) : null;
    if (!place || way === null) continue;
    return {
      ...way,
      segments: [
        { role: 'lower', netns: netns.ref.id, link: port, stages: STAGES.betweenPorts },
        { role: 'lower', netns: netns.ref.id, link: place.link, stages: STAGES.veth },
        ...way.segments,
      ],
    };
  }
  return null;
};
