import { ctrNoIp } from '../../checks/container/ctr-no-ip.js';
import { testCheck } from '../helpers/check-cases.js';
import { edited, forgetNeighbours } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(ctrNoIp, {
  fails: [
    {
      name: 'an interface without an address gets back the one that the host remembers',
      evidence: recorded('ctr-no-ip'),
      findings: [
        {
          cause: 'ctr-no-ip',
          place: { link: 'socket – container', stage: 'route', way: 'forward', netns: 'target', device: 'eth0' },
          loses: ['socket – container forward'],
          proof: 'read asked asked',
          remedies: [['ip -n net1 addr add 192.168.0.2/24 dev eth0', 'ip -n net1 route add default via 192.168.0.1']],
        },
      ],
    },
    {
      name: 'where nobody remembers the address, the runtime has to give one',
      evidence: edited(recorded('ctr-no-ip'), forgetNeighbours('host')),
      findings: [
        {
          cause: 'ctr-no-ip',
          place: { link: 'socket – container', stage: 'route', way: 'forward', netns: 'target', device: 'eth0' },
          loses: ['socket – container forward'],
          proof: 'read asked asked',
          remedies: ['instruction'],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a container with an address is in order',
      evidence: recorded('textbook'),
      because: 'the container has 192.168.0.2',
    },
  ],
  notApplicable: [
    {
      name: 'a container without an interface has nothing to give an address to',
      evidence: recorded('veth-deleted'),
      reason: 'the container has no interface',
    },
  ],
});
