import type { Fault } from '../fault.js';

export const nfDockerUserDrop: Fault = {
  id: 'nf-docker-user-drop',
  title: 'a rule in DOCKER-USER drops the answers',
  topology: 'docker',
  break: ['iptables -I DOCKER-USER -i eth0 ! -s 198.51.100.0/24 -j DROP'],
  undo: ['iptables -D DOCKER-USER -i eth0 ! -s 198.51.100.0/24 -j DROP'],
  expect: {
    cause: ['nf-docker-user-drop', 'nf-rule-drop'],
    link: ['bridge', 'uplink'],
    stage: 'forward',
    way: 'return',
  },
};
