import type { Fault } from '../fault.js';

export const ctrRouteUnreachable: Fault = {
  id: 'ctr-route-unreachable',
  title: 'the container has an unreachable route for the destination',
  topology: 'textbook',
  break: ['ip -n net1 route add unreachable 203.0.113.0/24'],
  undo: ['ip -n net1 route del unreachable 203.0.113.0/24'],
  expect: { cause: ['ctr-route-unreachable'], link: ['socket', 'container'], stage: 'route', way: 'forward' },
};
