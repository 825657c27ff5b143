import type { Fault } from '../fault.js';

export const pubForwardDrop: Fault = {
  id: 'pub-forward-drop',
  title: 'no FORWARD rule accepts new connections to the container',
  topology: 'published',
  break: ['iptables -D DOCKER 1'],
  undo: ['iptables -I DOCKER -d 192.168.0.2/32 ! -i br0 -o br0 -p tcp --dport 80 -j ACCEPT'],
  probe: { destination: '198.51.100.10:8080', protocol: 'tcp', from: 'netns:outside' },
  expect: {
    cause: ['pub-forward-drop', 'nf-policy-drop'],
    link: ['uplink', 'bridge'],
    stage: 'forward',
    way: 'forward',
  },
};
