import { vethWrongBridge } from '../../checks/veth/veth-wrong-bridge.js';
import { testCheck } from '../helpers/check-cases.js';
import { addresses, edited, role } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(vethWrongBridge, {
  fails: [
    {
      name: 'a port of another bridge is moved to the one that has the route',
      evidence: recorded('veth-wrong-bridge'),
      findings: [
        {
          cause: 'veth-wrong-bridge',
          place: { link: 'bridge – uplink', stage: 'bridge-port', way: 'return', netns: 'host', device: 'veth1_p' },
          loses: ['bridge – uplink return', 'uplink – return-egress return', 'socket – container forward'],
          proof: 'read asked',
          remedies: [['ip link set veth1_p master br0']],
        },
      ],
    },
  ],
  passes: [
    { name: 'a port of its bridge is in order', evidence: recorded('textbook'), because: 'the route back is right' },
    {
      name: 'a veth without a bridge is the business of another check',
      evidence: recorded('veth-not-enslaved'),
      because: 'veth1_p is where the route leads',
    },
    {
      name: 'a bridge that has the subnet of the container as well is not the wrong one',
      evidence: edited(
        recorded('veth-wrong-bridge'),
        addresses('host', (one) =>
          one.ifname === 'br0' && one.family === 4 ? [one, { ...one, ifname: 'br1' }] : [one],
        ),
      ),
      because: "br1 has the container's subnet",
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
