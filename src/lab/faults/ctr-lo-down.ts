import type { Fault } from '../fault.js';

export const ctrLoDown: Fault = {
  id: 'ctr-lo-down',
  title: "the container's loopback is down",
  topology: 'textbook',
  break: ['ip -n net1 link set lo down'],
  undo: ['ip -n net1 link set lo up'],
  probe: { destination: '192.168.0.2', protocol: 'icmp' },
  expect: { cause: ['ctr-lo-down'], link: ['socket', 'container'], stage: 'route', way: 'forward' },
};
