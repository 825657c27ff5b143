import type { Fault } from '../fault.js';
import { DESTINATION } from '../topologies/textbook.js';

/** Switches a checksum offload of a device: 0x17 is ETHTOOL_STXCSUM, 0x15 ETHTOOL_SRXCSUM. @see linux/ethtool.h */
const offload = (netns: string, device: string, command: string, on: 0 | 1): string =>
  `ip netns exec ${netns} perl -MSocket -e 'socket(my $s, AF_INET, SOCK_DGRAM, 0) or die; my $v = pack("LL", ${command}, ${on}); my $i = pack("a16 P8", "${device}", $v); ioctl($s, 0x8946, $i) or die "$!"'`;

export const uplinkBadChecksum: Fault = {
  id: 'uplink-bad-checksum',
  title: 'TCP segments leave with a wrong checksum',
  topology: 'textbook',
  break: [
    offload('net1', 'eth0', '0x17', 0),
    offload('outside', 'up0', '0x15', 0),
    'nft add table ip ck',
    "nft add chain ip ck post '{ type filter hook postrouting priority 300; }'",
    'nft add rule ip ck post oifname eth0 ip protocol tcp tcp checksum set 0xdead',
  ],
  undo: ['nft delete table ip ck', offload('outside', 'up0', '0x15', 1), offload('net1', 'eth0', '0x17', 1)],
  probe: { destination: `${DESTINATION}:80`, protocol: 'tcp' },
  expect: {
    cause: ['uplink-bad-checksum', 'bad-checksum'],
    link: ['uplink', 'outside'],
    way: 'forward',
  },
};
