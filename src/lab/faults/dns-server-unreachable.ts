import type { Fault } from '../fault.js';
import { DNS_SERVER } from '../topologies/textbook.js';

export const dnsServerUnreachable: Fault = {
  id: 'dns-server-unreachable',
  title: 'nobody has the address of the DNS server any more',
  topology: 'textbook',
  break: [
    `ip netns exec outside ip addr del ${DNS_SERVER}/32 dev lo`,
    `ip neigh del ${DNS_SERVER} dev eth0 2>/dev/null || true`,
  ],
  undo: [`ip netns exec outside ip addr add ${DNS_SERVER}/32 dev lo`],
  probe: { destination: `dns://${DNS_SERVER}/example.test`, protocol: 'udp' },
  expect: {
    cause: ['dns-server-unreachable'],
    link: ['bridge', 'uplink'],
    stage: 'neighbour',
    way: 'forward',
  },
};
