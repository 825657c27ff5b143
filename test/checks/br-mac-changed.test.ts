import { brMacChanged } from '../../checks/bridge/br-mac-changed.js';
import { testCheck } from '../helpers/check-cases.js';
import { recorded } from '../helpers/evidence.js';

testCheck(brMacChanged, {
  fails: [
    {
      name: 'an entry that somebody set does not age, and is put back as it was set',
      evidence: recorded('ctr-gw-stale-mac'),
      findings: [
        {
          cause: 'ctr-gw-stale-mac',
          place: { link: 'veth-host – bridge', stage: 'bridge-forward', way: 'forward', netns: 'host', device: 'br0' },
          loses: ['veth-host – bridge forward'],
          proof: 'read read',
          remedies: [['ip -n net1 neigh del 192.168.0.1 dev eth0']],
        },
      ],
    },
    {
      name: 'an old MAC of the bridge is forgotten in the container',
      evidence: recorded('br-mac-changed'),
      findings: [
        {
          cause: 'br-mac-changed',
          place: {
            link: 'veth-host \u2013 bridge',
            stage: 'bridge-forward',
            way: 'forward',
            netns: 'host',
            device: 'br0',
          },
          loses: ['veth-host \u2013 bridge forward'],
          proof: 'read read',
          remedies: [['ip -n net1 neigh del 192.168.0.1 dev eth0']],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'the MAC of the bridge is the right one',
      evidence: recorded('textbook'),
      because: '192.168.0.1 has the MAC of a device of this host in the container',
    },
  ],
  notApplicable: [
    {
      name: 'containers on one bridge use no gateway',
      evidence: recorded('two-containers'),
      reason: 'the container has no MAC of a bridge of this host in its neighbour table',
    },
    {
      name: 'a bridge without the address is another cause',
      evidence: recorded('br-no-ip'),
      reason: "192.168.0.1 is not the bridge's",
    },
  ],
});
