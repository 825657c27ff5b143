import type { Fault } from '../fault.js';

export const unexplainedDrop: Fault = {
  id: 'unexplained-drop',
  title: 'a policy of IPsec blocks the packets, for which there is no check',
  topology: 'textbook',
  break: ['ip xfrm policy add dir fwd src 192.168.0.0/24 dst 203.0.113.0/24 action block'],
  undo: ['ip xfrm policy delete dir fwd src 192.168.0.0/24 dst 203.0.113.0/24'],
  expect: { cause: ['unexplained-drop'], link: ['bridge', 'uplink'], way: 'forward' },
};
