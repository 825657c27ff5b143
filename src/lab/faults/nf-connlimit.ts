import type { Fault } from '../fault.js';
import { DESTINATION } from '../topologies/textbook.js';

const PORT = 81;

export const nfConnlimit: Fault = {
  id: 'nf-connlimit',
  title: 'FORWARD allows the container two connections, and it holds two',
  topology: 'textbook',
  break: [
    'iptables -A FORWARD -i br0 -p tcp --syn -m connlimit --connlimit-above 2 -j DROP',
    `ip netns exec outside perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(LocalPort => ${PORT}, Listen => 9, ReuseAddr => 1) or die; sleep 600' >/dev/null 2>&1 & echo $! >/run/listening`,
    `for i in $(seq 60); do ip netns exec outside ss -Htln | grep -q :${PORT} && break; sleep 0.05; done`,
    `ip netns exec net1 perl -MIO::Socket::INET -e 'my @s = map { IO::Socket::INET->new("${DESTINATION}:${PORT}") or die } 1, 2; sleep 600' >/dev/null 2>&1 & echo $! >/run/connected`,
    'for i in $(seq 60); do [ $(ip netns exec net1 ss -Htn state established | wc -l) = 2 ] && break; sleep 0.05; done',
  ],
  undo: ['kill $(cat /run/listening /run/connected)', 'iptables -F FORWARD'],
  probe: { destination: `${DESTINATION}:80`, protocol: 'tcp' },
  expect: { cause: ['nf-connlimit', 'nf-rate-limit'], link: ['bridge', 'uplink'], stage: 'forward', way: 'forward' },
};
