import type { Fault } from '../fault.js';

export const hostDefaultRouteViaVeth: Fault = {
  id: 'host-default-route-via-veth',
  title: 'a DHCP client put a default route on the veth',
  topology: 'textbook',
  break: [
    'ip addr add 169.254.33.7/16 dev veth1_p',
    'ip route add default dev veth1_p metric 1',
    'ip route del default via 198.51.100.1',
    'ip route add default via 198.51.100.1 dev eth0 metric 100',
  ],
  undo: [
    'ip route del default dev veth1_p metric 1',
    'ip addr del 169.254.33.7/16 dev veth1_p',
    'ip route add default via 198.51.100.1',
    'ip route del default via 198.51.100.1 dev eth0 metric 100',
  ],
  expect: { cause: ['host-default-route-via-veth'], link: ['bridge', 'uplink'], stage: 'route', way: 'forward' },
};
