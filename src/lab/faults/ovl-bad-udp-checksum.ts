import type { Fault } from '../fault.js';

export const ovlBadUdpChecksum: Fault = {
  id: 'ovl-bad-udp-checksum',
  title: 'the packets of the tunnel come to the other host with a wrong checksum',
  topology: 'flannel-vxlan',
  break: [
    'iptables-legacy -t mangle -A POSTROUTING -o eth0 -p udp --dport 8472 -j CHECKSUM --checksum-fill',
    'nft add table ip ck',
    "nft add chain ip ck post '{ type filter hook postrouting priority 300; }'",
    'nft add rule ip ck post oifname eth0 udp dport 8472 udp checksum set 0xdead',
  ],
  undo: [
    'nft delete table ip ck',
    'iptables-legacy -t mangle -D POSTROUTING -o eth0 -p udp --dport 8472 -j CHECKSUM --checksum-fill',
  ],
  expect: {
    cause: ['ovl-bad-udp-checksum', 'bad-checksum'],
    fromHere: ['ovl-underlay-blocked', 'uplink-no-answer'],
    link: ['uplink', 'outside'],
    way: 'forward',
  },
};
