import type { Fault } from '../fault.js';

export const pubDnatWrongIp: Fault = {
  id: 'pub-dnat-wrong-ip',
  title: 'a published port leads to an address that no container has',
  topology: 'published',
  break: ['iptables -t nat -R DOCKER 1 ! -i br0 -p tcp --dport 8080 -j DNAT --to-destination 192.168.0.66:80'],
  undo: ['iptables -t nat -R DOCKER 1 ! -i br0 -p tcp --dport 8080 -j DNAT --to-destination 192.168.0.2:80'],
  probe: { destination: '198.51.100.10:8080', protocol: 'tcp', from: 'netns:outside' },
  expect: {
    cause: ['pub-dnat-wrong-ip', 'pub-dnat-wrong'],
    link: ['uplink', 'bridge'],
    stage: 'prerouting',
    way: 'forward',
  },
};
