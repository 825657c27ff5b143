import type { Fault } from '../fault.js';
import { DESTINATION } from '../topologies/textbook.js';

const PORT = 7777;
const CLIENT_PORT = 40_001;

/** One datagram of the client. */
const SAY =
  `socket my $s, PF_INET, SOCK_DGRAM, 0; bind $s, sockaddr_in(${CLIENT_PORT}, INADDR_ANY) or die; ` +
  `send $s, "word", 0, sockaddr_in(${PORT}, inet_aton("${DESTINATION}")) or die`;

export const nfMasqFailoverFirstPacket: Fault = {
  id: 'nf-masq-failover-first-packet',
  title: 'the default route moves to the second uplink while a masqueraded flow stands',
  topology: 'second-uplink',
  break: [`ip netns exec net1 perl -MSocket -e '${SAY}'`, 'ip route replace default via 198.51.101.1 dev eth1'],
  undo: ['ip route replace default via 198.51.100.1 dev eth0'],
  probe: { destination: `${DESTINATION}:${PORT}`, protocol: 'udp', sourcePort: CLIENT_PORT },
  expect: {
    cause: ['nf-masq-failover-first-packet', 'nf-snat-wrong'],
    link: ['bridge', 'uplink'],
    stage: 'postrouting',
    way: 'forward',
  },
};
