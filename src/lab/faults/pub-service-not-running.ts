import type { Fault } from '../fault.js';

export const pubServiceNotRunning: Fault = {
  id: 'pub-service-not-running',
  title: 'nothing listens in the container where its packets arrive',
  topology: 'published',
  break: ['ip netns exec net1 iptables -t nat -A PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 1'],
  undo: ['ip netns exec net1 iptables -t nat -F PREROUTING'],
  probe: { destination: '198.51.100.10:8080', protocol: 'tcp', from: 'netns:outside' },
  expect: {
    cause: ['pub-service-not-running', 'pub-service-not-listening'],
    link: ['container', 'service'],
    stage: 'socket',
    way: 'forward',
  },
};
