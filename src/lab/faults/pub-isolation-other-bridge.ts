import type { Fault } from '../fault.js';

export const pubIsolationOtherBridge: Fault = {
  id: 'pub-isolation-other-bridge',
  title: 'Docker keeps a container of another network from the published port',
  topology: 'published-no-proxy',
  break: [
    'iptables -A DOCKER-ISOLATION-STAGE-1 -i br1 ! -o br1 -j DOCKER-ISOLATION-STAGE-2',
    'iptables -A DOCKER-ISOLATION-STAGE-2 -o br0 -j DROP',
  ],
  undo: ['iptables -F DOCKER-ISOLATION-STAGE-1', 'iptables -F DOCKER-ISOLATION-STAGE-2'],
  probe: { destination: '198.51.100.10:8080', protocol: 'tcp', from: 'netns:net3' },
  expect: {
    cause: ['pub-isolation-other-bridge', 'nf-rule-drop'],
    link: ['bridge', 'bridge'],
    stage: 'forward',
    way: 'forward',
  },
};
