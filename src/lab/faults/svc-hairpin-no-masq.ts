import type { Fault } from '../fault.js';

export const svcHairpinNoMasq: Fault = {
  id: 'svc-hairpin-no-masq',
  title: 'what a container sends to itself by its published address keeps its source',
  topology: 'published-no-proxy',
  break: ['iptables -t nat -D POSTROUTING -s 192.168.0.2/32 -d 192.168.0.2/32 -p tcp --dport 80 -j MASQUERADE'],
  undo: ['iptables -t nat -A POSTROUTING -s 192.168.0.2/32 -d 192.168.0.2/32 -p tcp --dport 80 -j MASQUERADE'],
  probe: { destination: '198.51.100.10:8080', protocol: 'tcp', from: 'netns:net1' },
  expect: {
    cause: ['svc-hairpin-no-masq', 'hairpin-off'],
    link: ['container', 'service'],
    stage: 'postrouting',
    way: 'forward',
  },
};
