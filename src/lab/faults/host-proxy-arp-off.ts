import type { Fault } from '../fault.js';

export const hostProxyArpOff: Fault = {
  id: 'host-proxy-arp-off',
  title: 'the host does not answer for the gateway of a routed veth',
  topology: 'routed-veth',
  break: ['sysctl -qw net.ipv4.conf.cali1.proxy_arp=0', 'ip netns exec net1 ip neigh flush all'],
  undo: ['sysctl -qw net.ipv4.conf.cali1.proxy_arp=1', 'ip netns exec net1 ip neigh flush all'],
  expect: { cause: ['host-proxy-arp-off'], link: ['socket', 'container'], stage: 'neighbour', way: 'forward' },
};
