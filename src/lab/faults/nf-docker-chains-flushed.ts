import type { Fault } from '../fault.js';
import { DOCKER_FORWARD_RULES } from '../topologies/docker.js';

export const nfDockerChainsFlushed: Fault = {
  id: 'nf-docker-chains-flushed',
  title: 'a firewall reload has flushed the rules of Docker',
  topology: 'docker',
  break: ['iptables -F'],
  undo: ['iptables -F FORWARD', ...DOCKER_FORWARD_RULES],
  expect: {
    cause: ['nf-docker-chains-flushed', 'nf-policy-drop'],
    link: ['bridge', 'uplink'],
    stage: 'forward',
    way: 'forward',
  },
};
