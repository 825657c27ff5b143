import { macvlanParentDown } from '../../checks/macvlan/macvlan-parent-down.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, edited } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(macvlanParentDown, {
  fails: [
    {
      name: 'the NIC below is set up again',
      evidence: recorded('macvlan-parent-down'),
      findings: [
        {
          cause: 'macvlan-parent-down',
          place: { link: 'socket – container', stage: 'qdisc', way: 'forward', netns: 'host', device: 'eth0' },
          loses: ['socket – container forward'],
          proof: 'read read',
          remedies: [['ip link set eth0 up']],
        },
      ],
    },
  ],
  passes: [{ name: 'a NIC that is up carries it', evidence: recorded('macvlan'), because: 'eth0 is up' }],
  notApplicable: [
    {
      name: 'a veth stands on no NIC',
      evidence: recorded('textbook'),
      reason: 'the container has no macvlan',
    },
    {
      name: 'another device of that name is not the one below',
      evidence: edited(
        recorded('macvlan-parent-down'),
        artifact('target', 'links', (links) => links.map((link) => ({ ...link, peerIndex: 4711 }))),
      ),
      reason: 'the device below the macvlan is not known',
    },
  ],
});
