import type { Fault } from '../fault.js';

export const hostRuleSourceTable: Fault = {
  id: 'host-rule-source-table',
  title: 'a policy rule sends the containers to a dead gateway',
  topology: 'second-uplink',
  break: [
    'ip route add default via 198.51.101.99 dev eth1 table 100',
    'ip rule add pref 1000 from 192.168.0.0/24 lookup 100',
  ],
  undo: ['ip rule del pref 1000', 'ip route flush table 100'],
  expect: { cause: ['host-rule-source-table', 'host-policy-rule'], link: ['bridge', 'uplink'], way: 'forward' },
};
