import type { Fault } from '../fault.js';

export const ctrNoDefaultRoute: Fault = {
  id: 'ctr-no-default-route',
  title: 'the container has no default route',
  topology: 'textbook',
  break: ['ip -n net1 route del default'],
  undo: ['ip -n net1 route add default via 192.168.0.1'],
  expect: { cause: ['ctr-no-default-route'], link: ['socket', 'container'], stage: 'route', way: 'forward' },
};
