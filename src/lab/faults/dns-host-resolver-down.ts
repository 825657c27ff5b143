import type { Fault } from '../fault.js';

const PROCESS = `$(ss -Hlnup 'sport = :53' | sed -n 's/.*192.168.0.1:53 .*pid=\\([0-9]*\\).*/\\1/p' | head -n 1)`;

export const dnsHostResolverDown: Fault = {
  id: 'dns-host-resolver-down',
  title: "the host's resolver does not run",
  topology: 'container-dns',
  // Its own command line is kept, to start it again.
  break: [
    `pid=${PROCESS}; cat /proc/$pid/cmdline >/run/resolver; kill $pid`,
    'until [ -z "$(ss -Hlnu \'sport = :53\')" ]; do sleep 0.05; done',
  ],
  undo: [
    'xargs -0 setsid --fork </run/resolver >/dev/null 2>&1',
    'until [ -n "$(ss -Hlnu \'sport = :53\')" ]; do sleep 0.05; done',
  ],
  probe: { destination: 'dns://192.168.0.1/example.test', protocol: 'udp' },
  expect: {
    cause: ['dns-host-resolver-down', 'pub-service-not-listening'],
    link: ['bridge', 'service'],
    stage: 'socket',
    way: 'forward',
  },
};
