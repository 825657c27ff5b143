import type { Fault } from '../fault.js';

export const pubServiceBoundLoopback: Fault = {
  id: 'pub-service-bound-loopback',
  title: 'the service listens on 127.0.0.1 of its container alone',
  topology: 'published',
  break: ['iptables -t nat -R DOCKER 1 ! -i br0 -p tcp --dport 8080 -j DNAT --to-destination 192.168.0.2:8081'],
  undo: ['iptables -t nat -R DOCKER 1 ! -i br0 -p tcp --dport 8080 -j DNAT --to-destination 192.168.0.2:80'],
  probe: { destination: '198.51.100.10:8080', protocol: 'tcp', from: 'netns:outside' },
  expect: {
    cause: ['pub-service-bound-loopback'],
    link: ['container', 'service'],
    stage: 'socket',
    way: 'forward',
  },
};
