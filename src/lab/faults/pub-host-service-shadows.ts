import type { Fault } from '../fault.js';

export const pubHostServiceShadows: Fault = {
  id: 'pub-host-service-shadows',
  title: 'a program of the host answers on the published port',
  topology: 'published',
  break: ['iptables -t nat -D DOCKER 2'],
  undo: ['iptables -t nat -A DOCKER ! -i br0 -p tcp --dport 8089 -j DNAT --to-destination 192.168.0.2:80'],
  probe: { destination: '198.51.100.10:8089', protocol: 'tcp', from: 'netns:outside' },
  expect: {
    cause: ['pub-host-service-shadows'],
    link: ['uplink', 'bridge'],
    stage: 'prerouting',
    way: 'forward',
  },
};
