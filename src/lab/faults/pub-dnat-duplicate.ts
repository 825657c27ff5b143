import type { Fault } from '../fault.js';

export const pubDnatDuplicate: Fault = {
  id: 'pub-dnat-duplicate',
  title: 'an older rule leads the published port elsewhere first',
  topology: 'published',
  break: ['iptables -t nat -I DOCKER 1 ! -i br0 -p tcp --dport 8080 -j DNAT --to-destination 192.168.0.66:80'],
  undo: ['iptables -t nat -D DOCKER 1'],
  probe: { destination: '198.51.100.10:8080', protocol: 'tcp', from: 'netns:outside' },
  expect: {
    cause: ['pub-dnat-duplicate', 'pub-dnat-wrong'],
    link: ['uplink', 'bridge'],
    stage: 'prerouting',
    way: 'forward',
  },
};
