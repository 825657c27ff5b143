import type { Fault } from '../fault.js';

export const hostIfForwardingOffBridge: Fault = {
  id: 'host-if-forwarding-off-bridge',
  title: 'the host does not forward packets that come in by the bridge',
  topology: 'textbook',
  break: ['sysctl -qw net.ipv4.conf.br0.forwarding=0'],
  undo: ['sysctl -qw net.ipv4.conf.br0.forwarding=1'],
  expect: {
    cause: ['host-if-forwarding-off-bridge', 'host-if-forwarding-off'],
    link: ['bridge', 'uplink'],
    stage: 'route',
    way: 'forward',
  },
};
