import type { Fault } from '../fault.js';

export const brHairpinOff: Fault = {
  id: 'br-hairpin-off',
  title: "the container's bridge port does not send back what came in by it",
  topology: 'published-no-proxy',
  break: ['bridge link set dev veth1_p hairpin off'],
  undo: ['bridge link set dev veth1_p hairpin on'],
  probe: { destination: '10.96.0.10:80', protocol: 'tcp', from: 'netns:net1' },
  expect: {
    cause: ['br-hairpin-off', 'hairpin-off'],
    link: ['veth-host', 'bridge'],
    stage: 'bridge-forward',
    way: 'forward',
  },
};
