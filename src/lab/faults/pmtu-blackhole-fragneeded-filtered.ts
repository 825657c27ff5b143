import type { Fault } from '../fault.js';

export const pmtuBlackholeFragneededFiltered: Fault = {
  id: 'pmtu-blackhole-fragneeded-filtered',
  title: 'the host drops the word that packets are too big',
  topology: 'small-link-beyond',
  break: ['iptables -A FORWARD -p icmp --icmp-type fragmentation-needed -j DROP', 'ip -n net1 route flush cache'],
  undo: ['iptables -F FORWARD'],
  expect: {
    cause: ['pmtu-blackhole-fragneeded-filtered', 'pmtu-blackhole'],
    link: ['bridge', 'uplink'],
    way: 'return',
  },
};
