import type { Fault } from '../fault.js';

export const pubDnatWrongPort: Fault = {
  id: 'pub-dnat-wrong-port',
  title: 'a published port leads to a port of the container that is closed',
  topology: 'published',
  break: ['iptables -t nat -R DOCKER 1 ! -i br0 -p tcp --dport 8080 -j DNAT --to-destination 192.168.0.2:81'],
  undo: ['iptables -t nat -R DOCKER 1 ! -i br0 -p tcp --dport 8080 -j DNAT --to-destination 192.168.0.2:80'],
  probe: { destination: '198.51.100.10:8080', protocol: 'tcp', from: 'netns:outside' },
  expect: {
    cause: ['pub-dnat-wrong-port', 'pub-dnat-wrong'],
    link: ['container', 'service'],

    way: 'forward',
  },
};
