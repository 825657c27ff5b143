import type { Fault } from '../fault.js';
import { DESTINATION } from '../topologies/textbook.js';

/** Takes the ports, and ends with the lab. */
const TAKE =
  'my ($holder, @ports) = @ARGV; my @taken = map { socket my $s, PF_INET, SOCK_STREAM, 0; ' +
  'bind $s, sockaddr_in($_, INADDR_ANY) or die; listen $s, 1; $s } @ports; sleep 1 while kill 0, $holder';

export const ctrPortExhaustion: Fault = {
  id: 'ctr-port-exhaustion',
  title: 'every source port that the container may use is taken',
  topology: 'textbook',
  break: [
    'ip netns exec net1 sysctl -qw net.ipv4.ip_local_port_range="40000 40001"',
    `nsenter --net=/run/netns/net1 perl -MSocket -e '${TAKE}' "$(cat /run/holder.pid)" 40000 40001 </dev/null >/dev/null 2>&1 & echo $! >/run/ports.pid`,
    'until ip netns exec net1 ss -Hltn sport = :40001 | grep -q .; do sleep 0.01; done',
  ],
  undo: [
    'kill "$(cat /run/ports.pid)"',
    'while ip netns exec net1 ss -Hltn sport = :40001 | grep -q .; do sleep 0.01; done',
    'ip netns exec net1 sysctl -qw net.ipv4.ip_local_port_range="32768 60999"',
  ],
  probe: { destination: `${DESTINATION}:80`, protocol: 'tcp' },
  expect: { cause: ['ctr-port-exhaustion'], link: ['socket', 'container'], stage: 'socket', way: 'forward' },
};
