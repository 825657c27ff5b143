import type { Fault } from '../fault.js';

export const pubDnatMissing: Fault = {
  id: 'pub-dnat-missing',
  title: 'the rule that leads a published port to its container is gone',
  topology: 'published',
  break: ['iptables -t nat -D DOCKER 1'],
  undo: ['iptables -t nat -I DOCKER ! -i br0 -p tcp --dport 8080 -j DNAT --to-destination 192.168.0.2:80'],
  probe: { destination: '198.51.100.10:8080', protocol: 'tcp', from: 'netns:outside' },
  expect: {
    cause: ['pub-dnat-missing'],
    link: ['uplink', 'bridge'],
    stage: 'prerouting',
    way: 'forward',
  },
};
