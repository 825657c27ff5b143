import type { Fault } from '../fault.js';

export const nicNoIp: Fault = {
  id: 'nic-no-ip',
  title: 'the uplink has no address',
  topology: 'textbook',
  break: ['ip -4 addr flush dev eth0'],
  undo: ['ip addr add 198.51.100.10/24 dev eth0', 'ip route add default via 198.51.100.1'],
  expect: { cause: ['nic-no-ip', 'nic-down'], link: ['bridge', 'uplink'], way: 'forward' },
};
