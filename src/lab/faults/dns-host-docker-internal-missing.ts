import type { Fault } from '../fault.js';
import { CONTAINER_ETC } from '../topologies/container-dns.js';

export const dnsHostDockerInternalMissing: Fault = {
  id: 'dns-host-docker-internal-missing',
  title: 'nobody has told the container what host.docker.internal is',
  topology: 'container-dns',
  break: [`echo "127.0.0.1 localhost" >${CONTAINER_ETC}/hosts`],
  undo: [`echo "192.168.0.1 host.docker.internal" >${CONTAINER_ETC}/hosts`],
  probe: { destination: 'host.docker.internal', protocol: 'icmp' },
  expect: {
    cause: ['dns-host-docker-internal-missing', 'dns-no-server'],
    link: ['uplink', 'outside'],
    stage: 'outside',
    way: 'forward',
  },
};
