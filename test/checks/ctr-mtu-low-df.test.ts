import { ctrMtuLowDf } from '../../checks/container/ctr-mtu-low-df.js';
import { testCheck } from '../helpers/check-cases.js';
import { edited, link } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const place = { link: 'socket – container', stage: 'route', way: 'forward', netns: 'target', device: 'eth0' } as const;

testCheck(ctrMtuLowDf, {
  fails: [
    {
      name: 'a device that is smaller than those around it gets their MTU',
      evidence: recorded('ctr-mtu-low-df'),
      findings: [
        {
          cause: 'ctr-mtu-low-df',
          place,
          loses: ['socket – container forward'],
          proof: 'read asked',
          remedies: [['ip -n net1 link set dev eth0 mtu 1500']],
        },
      ],
    },
    {
      name: 'where the bridge is as small, the sender has to send less',
      evidence: edited(
        recorded('ctr-mtu-low-df'),
        link('host', 'br0', () => ({ mtu: 1000 })),
      ),
      findings: [
        {
          cause: 'ctr-mtu-low-df',
          place,
          loses: ['socket – container forward'],
          proof: 'read asked',
          remedies: ['instruction'],
        },
      ],
    },
    {
      name: 'what is remembered of a path that was mended is forgotten',
      evidence: recorded('ctr-pmtu-cache-poisoned'),
      findings: [
        {
          cause: 'ctr-pmtu-cache-poisoned',
          place,
          loses: ['socket – container forward'],
          proof: 'asked',
          remedies: [['ip -n net1 route flush cache']],
        },
      ],
    },
    {
      name: 'a device that is large enough is not blamed for what is remembered of the path',
      evidence: edited(
        recorded('ctr-mtu-low-df'),
        link('target', 'eth0', () => ({ mtu: 1500 })),
      ),
      findings: [
        {
          cause: 'ctr-pmtu-cache-poisoned',
          place,
          loses: ['socket – container forward'],
          proof: 'asked',
          remedies: [['ip -n net1 route flush cache']],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a packet that a router turned away was sent',
      evidence: recorded('nic-mtu-small-df'),
      because: 'the container sends them',
    },
  ],
  notApplicable: [
    {
      name: 'packets that may be fragmented are never too big',
      evidence: recorded('ctr-mtu-below-host-veth'),
      reason: 'the packets may be fragmented',
    },
  ],
});
