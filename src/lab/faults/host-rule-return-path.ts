import type { Fault } from '../fault.js';

export const hostRuleReturnPath: Fault = {
  id: 'host-rule-return-path',
  title: 'a rule of a VPN sends the answers into its tunnel',
  topology: 'second-uplink',
  break: [
    'ip rule add pref 5270 lookup 52',
    'ip route add default via 198.51.101.1 dev eth1 table 52',
    'ip netns exec outside ip route add 198.51.100.10/32 dev up0',
    'ip rule add pref 5209 to 203.0.113.0/24 lookup main',
  ],
  undo: [
    'ip rule del pref 5270',
    'ip rule del pref 5209',
    'ip route flush table 52',
    'ip netns exec outside ip route del 198.51.100.10/32 dev up0',
  ],
  expect: {
    cause: ['host-rule-return-path', 'host-policy-rule'],
    link: ['bridge', 'uplink'],
    stage: 'route',
    way: 'return',
  },
};
