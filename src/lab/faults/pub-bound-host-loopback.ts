import type { Fault } from '../fault.js';

export const pubBoundHostLoopback: Fault = {
  id: 'pub-bound-host-loopback',
  title: 'the port is published on 127.0.0.1 of the host alone',
  topology: 'published',
  break: [
    'iptables -t nat -R DOCKER 1 -d 127.0.0.1/32 ! -i br0 -p tcp --dport 8080 -j DNAT --to-destination 192.168.0.2:80',
  ],
  undo: ['iptables -t nat -R DOCKER 1 ! -i br0 -p tcp --dport 8080 -j DNAT --to-destination 192.168.0.2:80'],
  probe: { destination: '198.51.100.10:8080', protocol: 'tcp', from: 'netns:outside' },
  expect: {
    cause: ['pub-bound-host-loopback', 'pub-service-bound-loopback'],
    link: ['uplink', 'bridge'],
    stage: 'prerouting',
    way: 'forward',
  },
};
