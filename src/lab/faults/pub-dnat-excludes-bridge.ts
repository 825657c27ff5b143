import type { Fault } from '../fault.js';

export const pubDnatExcludesBridge: Fault = {
  id: 'pub-dnat-excludes-bridge',
  title: 'the rule of a published port leaves out containers of the same bridge',
  topology: 'published-no-proxy',
  break: ['iptables -t nat -R DOCKER 1 ! -i br0 -p tcp --dport 8080 -j DNAT --to-destination 192.168.0.2:80'],
  undo: ['iptables -t nat -R DOCKER 1 -p tcp --dport 8080 -j DNAT --to-destination 192.168.0.2:80'],
  probe: { destination: '198.51.100.10:8080', protocol: 'tcp', from: 'netns:net2' },
  expect: {
    cause: ['pub-dnat-excludes-bridge', 'pub-dnat-wrong'],
    link: ['bridge', 'veth-host'],
    stage: 'prerouting',
    way: 'forward',
  },
};
