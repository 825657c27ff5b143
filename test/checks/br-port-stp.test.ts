import { brPortStp } from '../../checks/bridge/br-port-stp.js';
import { testCheck } from '../helpers/check-cases.js';
import { bridgePort, edited, link } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(brPortStp, {
  fails: [
    {
      name: 'a port that somebody set to listening is set to forwarding',
      evidence: recorded('br-port-stp-blocking'),
      findings: [
        {
          cause: 'br-port-stp',
          place: { link: 'veth-host – bridge', stage: 'bridge-port', way: 'forward', netns: 'host', device: 'veth1_p' },
          loses: ['veth-host – bridge forward', 'socket – container forward'],
          proof: 'read',
          remedies: [['bridge link set dev veth1_p state 3']],
        },
      ],
    },
    {
      name: 'a port that the STP of the kernel holds is freed by switching STP off: its state cannot be set',
      evidence: edited(
        recorded('br-port-stp-blocking'),
        link('host', 'br0', (one) => ({ data: { ...one.data, stp_state: 1 } })),
        bridgePort('veth1_p', { state: 'learning' }),
      ),
      findings: [
        {
          cause: 'br-port-stp-learning',
          place: { link: 'veth-host – bridge', stage: 'bridge-port', way: 'forward', netns: 'host', device: 'veth1_p' },
          loses: ['veth-host – bridge forward', 'socket – container forward'],
          proof: 'read',
          remedies: [['ip link set br0 type bridge stp_state 0']],
        },
      ],
    },
  ],
  passes: [
    { name: 'a port that forwards is in order', evidence: recorded('textbook'), because: 'veth1_p is forwarding' },
  ],
  notApplicable: [
    {
      name: 'a port of a bridge that is down is the business of another check',
      evidence: recorded('br-down'),
      reason: 'the bridge or its port is down',
    },
    {
      name: 'a port without a carrier is not blocked by the bridge',
      evidence: recorded('ctr-eth0-down'),
      reason: 'veth1_p has no carrier',
    },
    {
      name: 'a routed veth is no port',
      evidence: recorded('routed-veth'),
      reason: 'no bridge of this host is on the path',
    },
  ],
});
