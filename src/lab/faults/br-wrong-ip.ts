import type { Fault } from '../fault.js';

export const brWrongIp: Fault = {
  id: 'br-wrong-ip',
  title: "the bridge has another address than the containers' gateway",
  topology: 'textbook',
  break: ['ip addr del 192.168.0.1/24 dev br0', 'ip addr add 192.168.0.254/24 dev br0', 'ip -n net1 neigh flush all'],
  undo: ['ip addr del 192.168.0.254/24 dev br0', 'ip addr add 192.168.0.1/24 dev br0'],
  expect: { cause: ['br-wrong-ip'], link: ['socket', 'container'], way: 'forward' },
};
