import type { Fault } from '../fault.js';
import { FAR_CONTAINER } from '../topologies/flannel-vxlan.js';

export const ovlInnerMtu1500: Fault = {
  id: 'ovl-inner-mtu-1500',
  title: 'the wrapped packets travel as fragments, which the network between the hosts drops',
  topology: 'flannel-vxlan',
  break: [
    'ip link set flannel.1 mtu 1500',
    'ip -n net1 link set eth0 mtu 1500',
    'ip netns exec outside iptables-legacy -t raw -A PREROUTING -f -j DROP',
  ],
  undo: [
    'ip netns exec outside iptables-legacy -t raw -D PREROUTING -f -j DROP',
    'ip link set flannel.1 mtu 1450',
    'ip -n net1 link set eth0 mtu 1450',
  ],
  probe: { destination: FAR_CONTAINER, protocol: 'icmp', size: 1470 },
  expect: { cause: ['ovl-inner-mtu-1500', 'uplink-mtu'], link: ['uplink', 'outside'], way: 'forward' },
};
