import type { Fault } from '../fault.js';

export const uplinkGatewayWrongMac: Fault = {
  id: 'uplink-gateway-wrong-mac',
  title: 'the host has a wrong MAC for its gateway, set by hand',
  topology: 'textbook',
  // A gateway has traffic of its own for the host, and asks for its MAC: by that it shows the one it has itself.
  break: [
    'ip neigh replace 198.51.100.1 lladdr 02:00:00:00:00:96 dev eth0 nud permanent',
    'ip netns exec outside sh -c "while :; do ip neigh del 198.51.100.10 dev up0; ping -c 1 -W 0.2 198.51.100.10; done" >/dev/null 2>&1 & echo $! >/run/asking',
  ],
  undo: ['kill $(cat /run/asking)', 'ip neigh del 198.51.100.1 dev eth0'],
  expect: { cause: ['uplink-gateway-wrong-mac', 'host-neighbour-wrong'], link: ['uplink', 'outside'], way: 'forward' },
};
