import { vethMtuMismatch } from '../../checks/veth/veth-mtu-mismatch.js';
import { testCheck } from '../helpers/check-cases.js';
import { edited, link, ofFullSize } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(vethMtuMismatch, {
  fails: [
    {
      name: 'a smaller host end drops what the container sends',
      evidence: edited(recorded('veth-host-mtu-smaller'), ofFullSize),
      findings: [
        {
          cause: 'veth-host-mtu-smaller',
          place: { link: 'container – veth-host', stage: 'veth', way: 'forward', netns: 'host', device: 'veth1_p' },
          loses: ['container – veth-host forward'],
          proof: 'read asked',
          remedies: [['ip link set dev veth1_p mtu 1500']],
        },
      ],
    },
    {
      name: 'a smaller end in the container drops what comes back',
      evidence: recorded('ctr-mtu-below-host-veth'),
      findings: [
        {
          cause: 'ctr-mtu-below-host-veth',
          place: { link: 'container – veth-host', stage: 'veth', way: 'return', netns: 'target', device: 'eth0' },
          loses: ['container – veth-host return'],
          proof: 'read',
          remedies: [['ip -n net1 link set dev eth0 mtu 1500']],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'equal ends drop nothing',
      evidence: recorded('textbook'),
      because: 'both ends of the veth pair have an MTU of 1500 bytes',
    },
    {
      name: 'small packets fit through both ends',
      evidence: recorded('veth-host-mtu-smaller'),
      because: 'these packets fit into 1000 bytes',
    },
    {
      name: 'a packet longer by a VLAN tag still crosses',
      evidence: edited(
        recorded('veth-host-mtu-smaller'),
        ofFullSize,
        link('host', 'veth1_p', () => ({ mtu: 1496 })),
      ),
      because: 'these packets fit into 1496 bytes',
    },
  ],
  notApplicable: [
    {
      name: 'a veth peer that is gone cannot be compared',
      evidence: recorded('veth-deleted'),
      reason: 'the container has no veth peer on this host',
    },
  ],
});
