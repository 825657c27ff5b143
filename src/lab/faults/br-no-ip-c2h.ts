import type { Fault } from '../fault.js';

export const brNoIpC2h: Fault = {
  id: 'br-no-ip-c2h',
  title: 'the bridge has no address for those who talk to it',
  topology: 'textbook',
  break: ['ip addr del 192.168.0.1/24 dev br0'],
  undo: ['ip addr add 192.168.0.1/24 dev br0'],
  probe: { destination: '192.168.0.1', protocol: 'icmp' },
  expect: { cause: ['br-no-ip-c2h', 'br-no-ip'], link: ['uplink', 'outside'], stage: 'route', way: 'forward' },
};
