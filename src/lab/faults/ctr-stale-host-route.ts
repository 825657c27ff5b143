import type { Fault } from '../fault.js';
import { DESTINATION } from '../topologies/textbook.js';

export const ctrStaleHostRoute: Fault = {
  id: 'ctr-stale-host-route',
  title: 'the container has an old route for the destination, to a neighbour that is gone',
  topology: 'textbook',
  break: [`ip -n net1 route add ${DESTINATION} via 192.168.0.77`],
  undo: [`ip -n net1 route del ${DESTINATION} via 192.168.0.77`],
  expect: { cause: ['ctr-stale-host-route'], link: ['socket', 'container'], stage: 'neighbour', way: 'forward' },
};
