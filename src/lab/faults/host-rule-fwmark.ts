import type { Fault } from '../fault.js';

export const hostRuleFwmark: Fault = {
  id: 'host-rule-fwmark',
  title: 'marked packets are looked up in a table that refuses them',
  topology: 'textbook',
  break: [
    'iptables -t mangle -A PREROUTING -i br0 -j MARK --set-mark 0x7',
    'ip rule add pref 900 fwmark 0x7 lookup 100',
    'ip route add unreachable default table 100',
  ],
  undo: [
    'ip rule del pref 900',
    'ip route flush table 100',
    'iptables -t mangle -D PREROUTING -i br0 -j MARK --set-mark 0x7',
  ],
  expect: {
    cause: ['host-rule-fwmark', 'host-policy-rule'],
    link: ['bridge', 'uplink'],
    stage: 'route',
    way: 'forward',
  },
};
