import { vethHostEndDown } from '../../checks/veth/veth-host-end-down.js';
import { testCheck } from '../helpers/check-cases.js';
import { recorded } from '../helpers/evidence.js';

testCheck(vethHostEndDown, {
  fails: [
    {
      name: 'a host end that is down is set up',
      evidence: recorded('veth-host-end-down'),
      findings: [
        {
          cause: 'veth-host-end-down',
          place: { link: 'container – veth-host', stage: 'veth', way: 'forward', netns: 'host', device: 'veth1_p' },
          loses: ['socket – container forward', 'container – veth-host forward'],
          proof: 'read read',
          remedies: [['ip link set veth1_p up']],
        },
      ],
    },
  ],
  passes: [
    { name: 'a host end that is up is in order', evidence: recorded('textbook'), because: 'veth1_p is up' },
    {
      name: 'a container end that is down leaves the host end up',
      evidence: recorded('ctr-eth0-down'),
      because: 'veth1_p is up',
    },
  ],
  notApplicable: [
    {
      name: 'a veth pair that is gone has no host end',
      evidence: recorded('veth-deleted'),
      reason: 'the container has no veth peer on this host',
    },
  ],
});
