import type { Fault } from '../fault.js';

export const hostProxyArpNoDefaultRoute: Fault = {
  id: 'host-proxy-arp-no-default-route',
  title: 'the host has no route for the gateway that it should answer for',
  topology: 'routed-veth',
  break: [
    'ip route add 203.0.113.0/24 via 198.51.100.1',
    'ip route del default',
    'ip netns exec net1 ip neigh flush all',
  ],
  undo: [
    'ip route add default via 198.51.100.1',
    'ip route del 203.0.113.0/24 via 198.51.100.1',
    'ip netns exec net1 ip neigh flush all',
  ],
  expect: {
    cause: ['host-proxy-arp-no-default-route', 'host-proxy-arp-off'],
    link: ['socket', 'container'],
    stage: 'neighbour',
    way: 'forward',
  },
};
