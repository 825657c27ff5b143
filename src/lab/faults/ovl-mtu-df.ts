import type { Fault } from '../fault.js';
import { FAR_CONTAINER } from '../topologies/flannel-vxlan.js';

export const ovlMtuDf: Fault = {
  id: 'ovl-mtu-df',
  title: 'the wrapped packets do not fit the uplink, and must not be fragmented',
  topology: 'flannel-vxlan',
  break: [
    'ip link set eth0 mtu 1400',
    'ip -n outside link set up0 mtu 1400',
    'ip link set flannel.1 type vxlan id 1 df set',
  ],
  undo: [
    'ip link set flannel.1 type vxlan id 1 df unset',
    'ip link set eth0 mtu 1500',
    'ip -n outside link set up0 mtu 1500',
  ],
  probe: { destination: FAR_CONTAINER, protocol: 'icmp', size: 1400, df: true },
  expect: { cause: ['ovl-mtu-df', 'uplink-mtu'], link: ['tunnel', 'uplink'], way: 'forward' },
};
