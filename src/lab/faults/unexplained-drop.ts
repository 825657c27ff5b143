import type { Fault } from '../fault.js';

export const unexplainedDrop: Fault = {
  id: 'unexplained-drop',
  title: 'a policy of IPsec with a selector that no check judges blocks the packets',
  topology: 'textbook',
  break: ['ip xfrm policy add dir fwd src 192.168.0.0/24 dst 203.0.113.0/24 proto icmp action block'],
  undo: ['ip xfrm policy delete dir fwd src 192.168.0.0/24 dst 203.0.113.0/24 proto icmp'],
  expect: { cause: ['unexplained-drop'], link: ['bridge', 'uplink'], way: 'forward' },
};
