import type { Fault } from '../fault.js';

/** Listens on loopback alone, and ends with the lab. */
const LISTEN =
  'my $holder = shift; socket my $s, PF_INET, SOCK_STREAM, 0; setsockopt $s, SOL_SOCKET, SO_REUSEADDR, 1; ' +
  'bind $s, sockaddr_in(9999, INADDR_LOOPBACK) or die; listen $s, 8; sleep 1 while kill 0, $holder';

export const hostRouteLocalnet: Fault = {
  id: 'host-route-localnet',
  title: 'a port is sent to a service on loopback, which the kernel does not allow',
  topology: 'textbook',
  break: [
    `perl -MSocket -e '${LISTEN}' "$(cat /run/holder.pid)" </dev/null >/dev/null 2>&1 & echo $! >/run/service.pid`,
    'for i in $(seq 60); do ss -Hltn sport = :9999 | grep -q . && break; sleep 0.05; done',
    'sysctl -qw net.bridge.bridge-nf-call-iptables=1',
    'iptables -t nat -I PREROUTING -p tcp --dport 9000 -j DNAT --to-destination 127.0.0.1:9999',
  ],
  undo: [
    'iptables -t nat -D PREROUTING -p tcp --dport 9000 -j DNAT --to-destination 127.0.0.1:9999',
    'kill "$(cat /run/service.pid)"',
    'for i in $(seq 60); do ss -Hltn sport = :9999 | grep -q . || break; sleep 0.05; done',
  ],
  probe: { destination: '192.168.0.1:9000', protocol: 'tcp' },
  expect: { cause: ['host-route-localnet'], link: ['veth-host', 'bridge'], stage: 'route', way: 'forward' },
};
