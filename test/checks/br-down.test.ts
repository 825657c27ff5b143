import { brDown } from '../../checks/bridge/br-down.js';
import { testCheck } from '../helpers/check-cases.js';
import { edited, withoutFlags } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(brDown, {
  fails: [
    {
      name: 'a bridge that is down is blamed, and set up again',
      evidence: recorded('br-down'),
      findings: [
        {
          cause: 'br-down',
          place: { link: 'veth-host – bridge', stage: 'bridge-port', way: 'forward', netns: 'host', device: 'br0' },
          loses: ['veth-host – bridge forward', 'socket – container forward'],
          proof: 'read',
          remedies: [['ip link set br0 up']],
        },
      ],
    },
  ],
  passes: [
    { name: 'a bridge that is up is in order', evidence: recorded('textbook'), because: 'br0 is up' },
    {
      name: 'another bridge that is down is not the one of this container',
      evidence: edited(recorded('veth-wrong-bridge'), withoutFlags('host', 'br0', 'UP')),
      because: 'br1 is up',
    },
  ],
  notApplicable: [
    {
      name: 'a routed veth has no bridge',
      evidence: recorded('routed-veth'),
      reason: 'the container is not on a bridge of this host',
    },
    {
      name: 'a container without an interface is on no bridge',
      evidence: recorded('veth-deleted'),
      reason: 'the container is not on a bridge of this host',
    },
  ],
});
