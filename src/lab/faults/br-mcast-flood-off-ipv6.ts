import type { Fault } from '../fault.js';

export const brMcastFloodOffIpv6: Fault = {
  id: 'br-mcast-flood-off-ipv6',
  title: 'the bridge sends no multicast to the port of the other container, and so no neighbour solicitation',
  topology: 'two-containers-ipv6',
  break: ['bridge link set dev veth2_p mcast_flood off', 'ip -6 -n net1 neigh flush all'],
  undo: ['bridge link set dev veth2_p mcast_flood on', 'ip -6 -n net1 neigh flush all'],
  expect: {
    cause: ['br-mcast-flood-off-ipv6', 'br-flood-off'],
    link: ['socket', 'container'],
    stage: 'bridge-forward',
    way: 'forward',
  },
};
