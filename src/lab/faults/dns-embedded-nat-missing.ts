import type { Fault } from '../fault.js';

export const dnsEmbeddedNatMissing: Fault = {
  id: 'dns-embedded-nat-missing',
  title: "the container has lost the rule that leads 127.0.0.11 to Docker's resolver",
  topology: 'container-dns',
  break: ['ip netns exec net1 iptables -t nat -F OUTPUT'],
  undo: [
    'ip netns exec net1 iptables -t nat -A OUTPUT -d 127.0.0.11/32 -p udp --dport 53 -j DNAT --to-destination 127.0.0.11:40053',
  ],
  probe: { destination: 'dns://127.0.0.11/example.test', protocol: 'udp' },
  expect: {
    cause: ['dns-embedded-nat-missing', 'dns-no-server'],
    link: ['container', 'service'],
    stage: 'socket',
    way: 'forward',
  },
};
