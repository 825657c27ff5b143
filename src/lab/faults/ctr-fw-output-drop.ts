import type { Fault } from '../fault.js';

export const ctrFwOutputDrop: Fault = {
  id: 'ctr-fw-output-drop',
  title: "the container's own firewall drops what it sends",
  topology: 'textbook',
  break: ['ip netns exec net1 iptables -A OUTPUT -d 203.0.113.0/24 -j DROP'],
  undo: ['ip netns exec net1 iptables -D OUTPUT -d 203.0.113.0/24 -j DROP'],
  expect: {
    cause: ['ctr-fw-output-drop', 'ctr-firewall'],
    link: ['socket', 'container'],
    stage: 'output',
    way: 'forward',
  },
};
