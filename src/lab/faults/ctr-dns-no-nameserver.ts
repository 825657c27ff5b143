import type { Fault } from '../fault.js';
import { CONTAINER_ETC, NAMESERVER } from '../topologies/container-dns.js';

export const ctrDnsNoNameserver: Fault = {
  id: 'ctr-dns-no-nameserver',
  title: 'resolv.conf of the container names no DNS server',
  topology: 'container-dns',
  break: [`echo "search corp.example" >${CONTAINER_ETC}/resolv.conf`],
  undo: [`echo "${NAMESERVER}" >${CONTAINER_ETC}/resolv.conf`],
  probe: { destination: 'dns:///example.test', protocol: 'udp' },
  expect: {
    cause: ['ctr-dns-no-nameserver', 'dns-no-server'],
    link: ['container', 'service'],
    stage: 'socket',
    way: 'forward',
  },
};
