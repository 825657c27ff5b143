import type { Fault } from '../fault.js';

export const nfStaleLegacyRules: Fault = {
  id: 'nf-stale-legacy-rules',
  title: 'a rule forgotten in iptables-legacy sends connections to a container that is gone',
  topology: 'textbook',
  break: [
    'sysctl -qw net.bridge.bridge-nf-call-iptables=1',
    'iptables-legacy -t nat -A PREROUTING -d 203.0.113.5 -p tcp --dport 80 -j DNAT --to-destination 192.168.0.66:80',
  ],
  undo: [
    'iptables-legacy -t nat -D PREROUTING -d 203.0.113.5 -p tcp --dport 80 -j DNAT --to-destination 192.168.0.66:80',
  ],
  probe: { destination: '203.0.113.5:80', protocol: 'tcp' },
  expect: {
    cause: ['nf-stale-legacy-rules', 'nf-rule-drop'],
    link: ['veth-host', 'bridge'],
    stage: 'prerouting',
    way: 'forward',
  },
};
