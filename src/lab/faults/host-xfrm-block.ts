import type { Fault } from '../fault.js';

export const hostXfrmBlock: Fault = {
  id: 'host-xfrm-block',
  title: 'a policy of IPsec blocks the subnet of the containers',
  topology: 'textbook',
  break: ['ip xfrm policy add src 192.168.0.0/24 dst 203.0.113.0/24 dir fwd action block'],
  undo: ['ip xfrm policy flush'],
  expect: { cause: ['host-xfrm-block', 'host-xfrm'], link: ['bridge', 'uplink'], stage: 'forward', way: 'forward' },
};
