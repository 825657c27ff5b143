import type { Topology } from '../topology.js';
import { bridged, DESTINATION, translated, uplink, warmUp } from './textbook.js';

const VETH_PAIRS = 500;
const RULES = 2000;

export const crowd: Topology = {
  id: 'crowd',
  title: `the textbook beside ${VETH_PAIRS} veth pairs and ${RULES} rules that concern others`,
  namespaces: ['net1', 'outside', 'others'],
  steps: [
    ...uplink,
    ...bridged,
    ...translated,
    {
      netns: 'host',
      commands: [
        'ip link add br9 type bridge',
        'ip link set br9 up',
        `seq ${VETH_PAIRS} | sed 's/.*/link add c& type veth peer name p& netns others\\nlink set c& master br9 up/' | ip -batch -`,
        'iptables -N CROWD',
        'iptables -A FORWARD -d 10.0.0.0/8 -j CROWD',
        `for hundred in $(seq ${RULES / 100}); do { echo '*filter'; for n in $(seq 100); do` +
          ' echo "-A CROWD -s 10.1.$hundred.$n/32 -p tcp --dport $n -j DROP"; done; echo COMMIT; }' +
          ' | iptables-restore --noflush || exit 1; done',
      ],
    },
    ...warmUp,
  ],
  target: 'net1',
  destination: DESTINATION,
};
