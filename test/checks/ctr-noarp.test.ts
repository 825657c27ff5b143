import { ctrNoarp } from '../../checks/container/ctr-noarp.js';
import { testCheck } from '../helpers/check-cases.js';
import { recorded } from '../helpers/evidence.js';

testCheck(ctrNoarp, {
  fails: [
    {
      name: 'a device without ARP gets it back',
      evidence: recorded('ctr-noarp'),
      findings: [
        {
          cause: 'ctr-noarp',
          place: {
            link: 'socket \u2013 container',
            stage: 'neighbour',
            way: 'forward',
            netns: 'target',
            device: 'eth0',
          },
          loses: [
            'socket \u2013 container forward',
            'container \u2013 veth-host forward',
            'container \u2013 veth-host return',
            'veth-host \u2013 bridge forward',
            'veth-host \u2013 bridge return',
          ],
          proof: 'read',
          remedies: [['ip -n net1 link set eth0 arp on']],
        },
      ],
    },
  ],
  passes: [{ name: 'a device with ARP is in order', evidence: recorded('textbook'), because: 'eth0 uses ARP' }],
  notApplicable: [
    {
      name: 'without a device nothing leaves by one',
      evidence: recorded('ctr-internal-net-none'),
      reason: 'the packets leave by no Ethernet device',
    },
  ],
});
