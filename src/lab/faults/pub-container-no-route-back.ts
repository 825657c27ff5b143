import type { Fault } from '../fault.js';

export const pubContainerNoRouteBack: Fault = {
  id: 'pub-container-no-route-back',
  title: 'the container has no route back to the client',
  topology: 'published',
  break: ['ip -n net1 route del default'],
  undo: ['ip -n net1 route add default via 192.168.0.1'],
  probe: { destination: '198.51.100.10:8080', protocol: 'tcp', from: 'netns:outside' },
  expect: {
    cause: ['pub-container-no-route-back', 'ctr-return-route'],
    link: ['container', 'service'],
    stage: 'route',
    way: 'return',
  },
};
