import type { Fault } from '../fault.js';

export const pubHairpinFromContainer: Fault = {
  id: 'pub-hairpin-from-container',
  title: 'a container cannot reach its own published port: its bridge port has no hairpin',
  topology: 'published-no-proxy',
  break: ['bridge link set dev veth1_p hairpin off'],
  undo: ['bridge link set dev veth1_p hairpin on'],
  probe: { destination: '198.51.100.10:8080', protocol: 'tcp', from: 'netns:net1' },
  expect: {
    cause: ['pub-hairpin-from-container', 'hairpin-off'],
    link: ['veth-host', 'bridge'],
    stage: 'bridge-forward',
    way: 'forward',
  },
};
