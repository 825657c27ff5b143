import type { Fault } from '../fault.js';
import { CONTAINER_ETC, NAMESERVER } from '../topologies/container-dns.js';

export const ctrDnsStub: Fault = {
  id: 'ctr-dns-stub-127.0.0.53',
  title: "resolv.conf of the container names the stub of the host's resolver",
  topology: 'container-dns',
  break: [`echo "nameserver 127.0.0.53" >${CONTAINER_ETC}/resolv.conf`],
  undo: [`echo "${NAMESERVER}" >${CONTAINER_ETC}/resolv.conf`],
  probe: { destination: 'dns:///example.test', protocol: 'udp' },
  expect: {
    cause: ['ctr-dns-stub-127.0.0.53', 'dns-no-server'],
    link: ['container', 'service'],
    stage: 'socket',
    way: 'forward',
  },
};
