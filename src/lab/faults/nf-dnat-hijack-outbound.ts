import type { Fault } from '../fault.js';

export const nfDnatHijackOutbound: Fault = {
  id: 'nf-dnat-hijack-outbound',
  title: 'a published port takes the connections of the containers too',
  topology: 'textbook',
  break: [
    'sysctl -qw net.bridge.bridge-nf-call-iptables=1',
    'iptables -t nat -I PREROUTING -p tcp --dport 80 -j DNAT --to-destination 192.168.0.9:8080',
  ],
  undo: ['iptables -t nat -D PREROUTING -p tcp --dport 80 -j DNAT --to-destination 192.168.0.9:8080'],
  probe: { destination: '203.0.113.5:80', protocol: 'tcp' },
  expect: {
    cause: ['nf-dnat-hijack-outbound', 'nf-redirect-hijack'],
    link: ['veth-host', 'bridge'],
    stage: 'prerouting',
    way: 'forward',
  },
};
