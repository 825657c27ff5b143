import type { Fault } from '../fault.js';

export const pubCtrFwInput: Fault = {
  id: 'pub-ctr-fw-input',
  title: 'a firewall in the container drops what comes in',
  topology: 'published',
  break: ['ip netns exec net1 iptables -A INPUT -p tcp --dport 80 -j DROP'],
  undo: ['ip netns exec net1 iptables -F INPUT'],
  probe: { destination: '198.51.100.10:8080', protocol: 'tcp', from: 'netns:outside' },
  expect: {
    cause: ['pub-ctr-fw-input', 'ctr-firewall'],
    link: ['container', 'service'],
    stage: 'input',
    way: 'forward',
  },
};
