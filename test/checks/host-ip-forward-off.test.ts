import { hostIpForwardOff } from '../../checks/host/host-ip-forward-off.js';
import { testCheck } from '../helpers/check-cases.js';
import { recorded } from '../helpers/evidence.js';

testCheck(hostIpForwardOff, {
  fails: [
    {
      name: 'a host that does not forward is told to',
      evidence: recorded('host-ip-forward-off'),
      findings: [
        {
          cause: 'host-ip-forward-off',
          place: {
            link: 'bridge – uplink',
            stage: 'route',
            way: 'forward',
            netns: 'host',
            device: 'br0',
            object: 'net.ipv4.ip_forward',
          },
          loses: ['bridge – uplink forward'],
          proof: 'read asked counted',
          remedies: [['sysctl -w net.ipv4.ip_forward=1']],
        },
      ],
    },
  ],
  passes: [
    { name: 'a host that forwards is in order', evidence: recorded('textbook'), because: 'net.ipv4.ip_forward = 1' },
    {
      name: 'off for one interface alone is the business of another check',
      evidence: recorded('host-if-forwarding-off-bridge'),
      because: 'net.ipv4.ip_forward = 1',
    },
  ],
  notApplicable: [
    {
      name: 'traffic within a bridge is not forwarded',
      evidence: recorded('two-containers'),
      reason: 'nothing is forwarded on this path',
    },
    {
      name: 'a container without an interface has nothing forwarded',
      evidence: recorded('veth-deleted'),
      reason: 'nothing is forwarded on this path',
    },
  ],
});
