import type { LinkState } from '../model/state.js';
import type { Target } from '../model/target.js';
import { type NetnsTopology, netnsById, type Topology } from './topology.js';

/**
 * The only device of a container whose network is a program's, as Podman and Docker have it without root; `null` for any
 * other. A VPN has such a device beside another one.
 * @see slirp4netns(1), pasta(1)
 */
export const userSpaceNetwork = ({ links }: Pick<NetnsTopology, 'links'>): LinkState | null => {
  const devices = links.filter(({ flags, kind }) => !flags.includes('LOOPBACK') && kind !== 'sit');
  const [only, ...more] = devices;
  return only !== undefined && more.length === 0 && only.kind === 'tun' ? only : null;
};

/** The target, with what its network in user space means for a trace. */
export const withUserSpaceNote = (target: Target, topology: Topology): Target => {
  const device = userSpaceNetwork(netnsById(topology, 'target'));
  if (device === null) return target;
  const note = `${device.ifname} leads to a program (slirp4netns or pasta: a container without root), which makes the connections itself; no bridge, forwarding or NAT rule of this host is on the way, and ping may not pass`;
  return { ...target, notes: [...(target.notes ?? []), note] };
};
