import type { Flow } from '../../../src/model/flow.js';
import type { Path } from '../../../src/model/path.js';
import { hop } from '../../helpers/path-parts.js';

export const TEXTBOOK_PATH: Path = {
  hops: [
    hop('h0', 'socket', 'target', null),
    hop('h1', 'container', 'target', 'eth0'),
    hop('h2', 'veth-host', 'router', 'veth1_p'),
    hop('h3', 'bridge', 'router', 'br0'),
    hop('h4', 'uplink', 'router', 'eth0'),
    hop('h5', 'outside', 'outside', null),
  ],
  links: [],
  routers: [{ netns: 'router', link: 'h3-h4', iif: 'br0', oif: 'eth0', nextHop: '198.51.100.1' }],
  notes: [],
};

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
