import type { Fault } from '../fault.js';

export const nfDockerIsolation: Fault = {
  id: 'nf-docker-isolation',
  title: 'Docker isolates the two bridges from each other',
  topology: 'docker-two-bridges',
  break: [
    'iptables -A DOCKER-ISOLATION-STAGE-1 -i br0 ! -o br0 -j DOCKER-ISOLATION-STAGE-2',
    'iptables -A DOCKER-ISOLATION-STAGE-2 -o br1 -j DROP',
  ],
  undo: ['iptables -F DOCKER-ISOLATION-STAGE-1', 'iptables -F DOCKER-ISOLATION-STAGE-2'],
  expect: {
    cause: ['nf-docker-isolation', 'nf-rule-drop'],
    link: ['bridge', 'bridge'],
    stage: 'forward',
    way: 'forward',
  },
};
