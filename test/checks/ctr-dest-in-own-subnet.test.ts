import { ctrDestInOwnSubnet } from '../../checks/container/ctr-dest-in-own-subnet.js';
import { testCheck } from '../helpers/check-cases.js';
import { addRoute, addresses, control, edited, neighbour } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const DESTINATION = '192.168.5.9';

/** Container and bridge are in one network that holds the destination; the host's own route to that leads outside. */
const covered = edited(
  recorded('ctr-wrong-mask-wide'),
  addresses('host', (own) => [own.local === '192.168.0.1' ? { ...own, prefixLength: 16 } : own]),
);

const onBridge = addRoute('host', {
  destination: '192.168.0.0/16',
  nexthops: [{ dev: 'br0', gateway: null, weight: 1, flags: [] }],
  text: '192.168.0.0/16 dev br0',
});

testCheck(ctrDestInOwnSubnet, {
  fails: [
    {
      name: 'nobody on the bridge has the address, and the host reaches it elsewhere',
      evidence: edited(covered, control(true)),
      findings: [
        {
          cause: 'ctr-dest-in-own-subnet',
          place: {
            link: 'socket – container',
            stage: 'neighbour',
            way: 'forward',
            netns: 'target',
            device: 'eth0',
            object: '192.168.0.0/16 dev eth0 proto kernel scope link src 192.168.0.2',
          },
          loses: ['socket – container forward'],
          proof: 'read read seen asked control',
          remedies: [['ip -n net1 route add 192.168.5.9 via 192.168.0.1 dev eth0'], 'instruction'],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'somebody on the bridge has it',
      evidence: edited(
        covered,
        control(true),
        neighbour('target', DESTINATION, { lladdr: '02:00:00:00:00:07', states: ['REACHABLE'] }),
      ),
      because: '192.168.5.9 answers on the network of the container',
    },
  ],
  notApplicable: [
    { name: 'a gateway is asked', evidence: recorded('textbook'), reason: 'the container sends to a gateway' },
    {
      name: 'a neighbour that is dead is on the bridge for the host too',
      evidence: edited(covered, control(true), onBridge),
      reason: 'the host has 192.168.5.9 on the network of the container too',
    },
    {
      name: 'an address that answers nobody',
      evidence: edited(covered, control(false)),
      reason: '192.168.5.9 does not answer the host either',
    },
    {
      name: 'a prefix of the container that is too wide',
      evidence: edited(recorded('ctr-wrong-mask-wide'), control(true)),
      reason: 'the destination is in no network that the container shares with the host',
    },
  ],
});
