import type { Topology } from '../topology.js';
import { bridged, DESTINATION, uplink, warmUp } from './textbook.js';

export const iptablesLegacy: Topology = {
  id: 'iptables-legacy',
  title: 'the textbook with the legacy iptables back-end alone',
  namespaces: ['net1', 'outside'],
  steps: [
    ...uplink,
    ...bridged,
    {
      netns: 'host',
      commands: [
        'iptables-legacy -P FORWARD DROP',
        'iptables-legacy -A FORWARD -i br0 ! -o br0 -j ACCEPT',
        'iptables-legacy -A FORWARD -o br0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
        'iptables-legacy -t nat -A POSTROUTING -s 192.168.0.0/24 ! -o br0 -j MASQUERADE',
      ],
    },
    ...warmUp,
  ],
  target: 'net1',
  destination: DESTINATION,
  rootOnly: true,
};
