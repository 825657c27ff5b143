import { vethNotEnslaved } from '../../checks/veth/veth-not-enslaved.js';
import { testCheck } from '../helpers/check-cases.js';
import { edited, role } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(vethNotEnslaved, {
  fails: [
    {
      name: 'a veth without a bridge becomes a port of the one that has the route',
      evidence: recorded('veth-not-enslaved'),
      findings: [
        {
          cause: 'veth-not-enslaved',
          place: { link: 'veth-host – uplink', stage: 'bridge-port', way: 'return', netns: 'host', device: 'veth1_p' },
          loses: ['veth-host – uplink return', 'uplink – return-egress return', 'socket – container forward'],
          proof: 'read read asked',
          remedies: [['ip link set veth1_p master br0']],
        },
      ],
    },
  ],
  passes: [
    { name: 'a port of its bridge is in order', evidence: recorded('textbook'), because: 'the route back is right' },
    {
      name: 'a veth that is routed on purpose is in order',
      evidence: recorded('routed-veth'),
      because: 'the route back is right',
    },
    {
      name: 'a port of another bridge is the business of another check',
      evidence: recorded('veth-wrong-bridge'),
      because: 'veth1_p is a port of br1',
    },
  ],
  notApplicable: [
    {
      name: 'a container behind a tunnel has no veth here',
      evidence: edited(recorded('host-rp-filter-container-side'), role('h2', 'tunnel')),
      reason: 'the container has no veth peer on this host',
    },
    {
      name: 'traffic within a bridge is not routed back',
      evidence: recorded('two-containers'),
      reason: 'no reply is routed on this path',
    },
  ],
});
