import type { Fault } from '../fault.js';

export const uplinkAntispoofSrcIp: Fault = {
  id: 'uplink-antispoof-src-ip',
  title: "the network beyond the uplink takes packets of the host's first address alone",
  topology: 'textbook',
  // The second address is the host's own, and its neighbours find it: what is wrong lies outside.
  break: [
    'ip addr add 198.51.100.11/24 dev eth0',
    'iptables -t nat -I POSTROUTING 1 -s 192.168.0.0/24 -o eth0 -j SNAT --to-source 198.51.100.11',
    'ip netns exec outside iptables -t raw -A PREROUTING -i up0 ! -s 198.51.100.10 -j DROP',
  ],
  undo: [
    'ip netns exec outside iptables -t raw -F PREROUTING',
    'iptables -t nat -D POSTROUTING 1',
    'ip addr del 198.51.100.11/24 dev eth0',
  ],
  expect: { cause: ['uplink-antispoof-src-ip', 'uplink-no-answer'], link: ['uplink', 'outside'], way: 'forward' },
};
