import type { Fault } from '../fault.js';

export const ctrWrongGateway: Fault = {
  id: 'ctr-wrong-gateway',
  title: "the container's default route names an address that nobody owns",
  topology: 'textbook',
  break: ['ip -n net1 route replace default via 192.168.0.254'],
  undo: ['ip -n net1 route replace default via 192.168.0.1'],
  expect: { cause: ['ctr-wrong-gateway'], link: ['socket', 'container'], stage: 'neighbour', way: 'forward' },
};
