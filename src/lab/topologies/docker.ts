import type { Step, Topology } from '../topology.js';
import { bridged, DESTINATION, translated, uplink, warmUp } from './textbook.js';

/** Rules of chain FORWARD as Docker leaves them for one bridge, in order. */
export const DOCKER_FORWARD_RULES = [
  'iptables -A FORWARD -j DOCKER-USER',
  'iptables -A FORWARD -j DOCKER-ISOLATION-STAGE-1',
  'iptables -A FORWARD -o br0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  'iptables -A FORWARD -o br0 -j DOCKER',
  'iptables -A FORWARD -i br0 ! -o br0 -j ACCEPT',
  'iptables -A FORWARD -i br0 -o br0 -j ACCEPT',
] as const;

export const dockerChains: readonly Step[] = [
  {
    netns: 'host',
    commands: [
      'iptables -P FORWARD DROP',
      'iptables -N DOCKER-USER',
      'iptables -N DOCKER',
      'iptables -N DOCKER-ISOLATION-STAGE-1',
      'iptables -N DOCKER-ISOLATION-STAGE-2',
      ...DOCKER_FORWARD_RULES,
    ],
  },
];

export const docker: Topology = {
  id: 'docker',
  title: 'the textbook with the filter chains that Docker makes',
  namespaces: ['net1', 'outside'],
  steps: [...uplink, ...bridged, ...translated, ...dockerChains, ...warmUp],
  target: 'net1',
  destination: DESTINATION,
};
