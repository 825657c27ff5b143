import type { Fault } from '../fault.js';

export const hostIpForwardOff: Fault = {
  id: 'host-ip-forward-off',
  title: 'the host does not forward packets',
  topology: 'textbook',
  break: ['sysctl -qw net.ipv4.ip_forward=0'],
  undo: ['sysctl -qw net.ipv4.ip_forward=1'],
  expect: { cause: ['host-ip-forward-off'], link: ['bridge', 'uplink'], stage: 'route', way: 'forward' },
};
