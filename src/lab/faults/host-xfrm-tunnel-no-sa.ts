import type { Fault } from '../fault.js';

export const hostXfrmTunnelNoSa: Fault = {
  id: 'host-xfrm-tunnel-no-sa',
  title: 'a policy of IPsec sends the containers into a tunnel that is not up',
  topology: 'textbook',
  break: [
    'ip xfrm policy add src 192.168.0.0/24 dst 203.0.113.0/24 dir out tmpl src 198.51.100.10 dst 198.51.100.1 proto esp mode tunnel',
  ],
  undo: ['ip xfrm policy flush'],
  expect: {
    cause: ['host-xfrm-tunnel-no-sa', 'host-xfrm'],
    link: ['bridge', 'uplink'],
    stage: 'forward',
    way: 'forward',
  },
};
