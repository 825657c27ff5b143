import type { Flow } from '../../../src/model/flow.js';
import type { Hop, HopRole, Path } from '../../../src/model/path.js';
import { hop as hopIn } from '../../helpers/path-parts.js';

/** A hop of the host, where no other namespace is named. */
export const hop = (id: string, role: HopRole, ifname: string | null, netns = 'host'): Hop =>
  hopIn(id, role, netns, ifname);

export const HOPS: readonly Hop[] = [
  hop('h0', 'socket', null, 'target'),
  hop('h1', 'container', 'eth0', 'target'),
  hop('h2', 'veth-host', 'veth1_p'),
  hop('h3', 'bridge', 'br0'),
  hop('h4', 'uplink', 'eth0'),
  hop('h5', 'outside', null),
];

export const pathOf = (hops: readonly Hop[] = HOPS): Path => ({
  hops,
  links: [],
  routers: [{ netns: 'host', link: 'h3-h4', iif: 'br0', oif: 'eth0', nextHop: '198.51.100.1' }],
  notes: [],
});

export const FLOW: Flow = {
  kind: 'egress',
  family: 4,
  protocol: 'icmp',
  source: '192.168.0.2',
  destination: '203.0.113.5',
  destinationText: '203.0.113.5',
  port: null,
  mark: 0,
};
