import type { Fault } from '../fault.js';

export const ctrFwInputDrop: Fault = {
  id: 'ctr-fw-input-drop',
  title: "the container's own firewall drops the answers",
  topology: 'textbook',
  break: ['ip netns exec net1 iptables -A INPUT -p icmp -j DROP'],
  undo: ['ip netns exec net1 iptables -D INPUT -p icmp -j DROP'],
  expect: {
    cause: ['ctr-fw-input-drop', 'ctr-firewall'],
    link: ['socket', 'container'],
    stage: 'input',
    way: 'return',
  },
};
