import type { Fault } from '../fault.js';

/** Listens, and ends with the lab. */
const LISTEN =
  'my $holder = shift; socket my $s, PF_INET, SOCK_STREAM, 0; setsockopt $s, SOL_SOCKET, SO_REUSEADDR, 1; ' +
  'bind $s, sockaddr_in(8081, INADDR_ANY) or die; listen $s, 8; sleep 1 while kill 0, $holder';

export const appLocalhostMeansContainer: Fault = {
  id: 'app-localhost-means-container',
  title: 'the container asks its own localhost for a service that runs on the host',
  topology: 'textbook',
  break: [
    `perl -MSocket -e '${LISTEN}' "$(cat /run/holder.pid)" </dev/null >/dev/null 2>&1 & echo $! >/run/service.pid`,
    'until ss -Hltn sport = :8081 | grep -q .; do sleep 0.01; done',
  ],
  undo: ['kill "$(cat /run/service.pid)"', 'while ss -Hltn sport = :8081 | grep -q .; do sleep 0.01; done'],
  probe: { destination: '127.0.0.1:8081', protocol: 'tcp' },
  expect: {
    cause: ['app-localhost-means-container'],
    link: ['container', 'service'],
    stage: 'socket',
    way: 'forward',
  },
};
