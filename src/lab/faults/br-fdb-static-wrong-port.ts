import type { Fault } from '../fault.js';
import { DESTINATION } from '../topologies/textbook.js';

export const brFdbStaticWrongPort: Fault = {
  id: 'br-fdb-static-wrong-port',
  title: "the bridge has the container's MAC at another port",
  topology: 'two-containers',
  break: [
    `ip netns exec net1 ping -q -c 1 -W 2 ${DESTINATION}`,
    'mac=$(ip -n net1 -o link show eth0 | sed "s/.*ether \\([0-9a-f:]*\\).*/\\1/"); bridge fdb del $mac dev veth1_p master; bridge fdb add $mac dev veth2_p master static sticky',
  ],
  undo: [
    'mac=$(ip -n net1 -o link show eth0 | sed "s/.*ether \\([0-9a-f:]*\\).*/\\1/"); bridge fdb del $mac dev veth2_p master',
  ],
  probe: { destination: DESTINATION, protocol: 'icmp' },
  expect: {
    cause: ['br-fdb-static-wrong-port', 'br-fdb-wrong'],
    link: ['veth-host', 'bridge'],
    stage: 'bridge-port',
    way: 'return',
  },
};
