import { ctrEth0Down } from '../../checks/container/ctr-eth0-down.js';
import { testCheck } from '../helpers/check-cases.js';
import { addresses, edited } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(ctrEth0Down, {
  fails: [
    {
      name: 'an interface that is down is set up, and its default route added again',
      evidence: recorded('ctr-eth0-down'),
      findings: [
        {
          cause: 'ctr-eth0-down',
          place: { link: 'socket – container', stage: 'route', way: 'forward', netns: 'target', device: 'eth0' },
          loses: ['socket – container forward'],
          proof: 'read asked asked',
          remedies: [['ip -n net1 link set eth0 up', 'ip -n net1 route add default via 192.168.0.1']],
        },
      ],
    },
    {
      name: 'a loopback that is down is told from an interface',
      evidence: recorded('ctr-lo-down'),
      findings: [
        {
          cause: 'ctr-lo-down',
          place: { link: 'socket – container', stage: 'route', way: 'forward', netns: 'target', device: 'lo' },
          loses: ['socket – container forward'],
          proof: 'read asked',
          remedies: [['ip -n net1 link set lo up']],
        },
      ],
    },
    {
      name: 'without a gateway to be guessed only the interface is set up',
      evidence: edited(
        recorded('ctr-eth0-down'),
        addresses('host', (one) => (one.ifname === 'br0' ? [] : [one])),
      ),
      findings: [
        {
          cause: 'ctr-eth0-down',
          place: { link: 'socket – container', stage: 'route', way: 'forward', netns: 'target', device: 'eth0' },
          loses: ['socket – container forward'],
          proof: 'read asked asked',
          remedies: [['ip -n net1 link set eth0 up']],
        },
      ],
    },
  ],
  passes: [{ name: 'an interface that is up is in order', evidence: recorded('textbook'), because: 'eth0 is up' }],
  notApplicable: [
    {
      name: 'a container without an interface has none that is down',
      evidence: recorded('veth-deleted'),
      reason: 'the container has no interface',
    },
  ],
});
