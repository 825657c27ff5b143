import type { Fault } from '../fault.js';
import { DESTINATION } from '../topologies/textbook.js';

const PORT = 7777;

export const nfMasqPortExhaustion: Fault = {
  id: 'nf-masq-port-exhaustion',
  title: 'the ports that MASQUERADE may use for one service are all taken',
  topology: 'textbook',
  break: [
    'sysctl -qw net.netfilter.nf_conntrack_udp_timeout=600',
    'iptables -t nat -I POSTROUTING 1 -s 192.168.0.0/24 -o eth0 -p udp -j MASQUERADE --to-ports 40000-40001',
    `ip netns exec net1 perl -MIO::Socket::INET -e 'IO::Socket::INET->new(PeerAddr => "${DESTINATION}:${PORT}", Proto => "udp")->send("x") for 1, 2'`,
  ],
  undo: ['iptables -t nat -D POSTROUTING 1', 'sysctl -qw net.netfilter.nf_conntrack_udp_timeout=30'],
  probe: { destination: `${DESTINATION}:${PORT}`, protocol: 'udp' },
  expect: {
    cause: ['nf-masq-port-exhaustion', 'conntrack-full'],
    link: ['bridge', 'uplink'],
    stage: 'postrouting',
    way: 'forward',
  },
};
