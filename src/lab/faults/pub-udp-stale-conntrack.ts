import type { Fault } from '../fault.js';

const CLIENT_PORT = 45_454;
const RULE = 'DOCKER -p udp --dport 7000 -j DNAT --to-destination 192.168.0.2:7778';
const FORGET = 'conntrack -D -p udp --orig-port-dst 7000 >/dev/null 2>&1 || true';

/** One datagram of the steady client. */
const SAY =
  `socket my $s, PF_INET, SOCK_DGRAM, 0; bind $s, sockaddr_in(${CLIENT_PORT}, INADDR_ANY) or die; ` +
  'send $s, "word", 0, sockaddr_in(7000, inet_aton("198.51.100.10")) or die';

export const pubUdpStaleConntrack: Fault = {
  id: 'pub-udp-stale-conntrack',
  title: 'a steady client sent while the rule for its UDP port was missing: conntrack remembers that',
  topology: 'published-no-proxy',
  break: [
    `iptables -t nat -D ${RULE}`,
    FORGET,
    `ip netns exec outside perl -MSocket -e '${SAY}'`,
    `iptables -t nat -A ${RULE}`,
  ],
  undo: [FORGET],
  probe: { destination: 'udp://198.51.100.10:7000', protocol: 'udp', from: 'netns:outside', sourcePort: CLIENT_PORT },
  expect: { cause: ['pub-udp-stale-conntrack'], link: ['uplink', 'bridge'], stage: 'prerouting', way: 'forward' },
};
