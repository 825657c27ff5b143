import { ctrWrongAddress } from '../../checks/container/ctr-wrong-address.js';
import { testCheck } from '../helpers/check-cases.js';
import { edited, neighbour } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(ctrWrongAddress, {
  fails: [
    {
      name: 'a prefix that is too wide takes a remote address for a neighbour: the right prefix is set',
      evidence: recorded('ctr-wrong-mask-wide'),
      findings: [
        {
          cause: 'ctr-wrong-mask-wide',
          place: {
            link: 'socket \u2013 container',
            stage: 'neighbour',
            way: 'forward',
            netns: 'target',
            device: 'eth0',
            object: 'address 192.168.0.2/16',
          },
          loses: ['socket \u2013 container forward'],
          proof: 'read read seen',
          remedies: [['ip -n net1 addr add 192.168.0.2/24 dev eth0', 'ip -n net1 addr del 192.168.0.2/16 dev eth0']],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a destination on the network is a neighbour',
      evidence: recorded('two-containers'),
      because: '192.168.0.3 is on the network of br0',
    },
    {
      name: 'a neighbour that answers is one, whatever the prefix of the host',
      evidence: edited(recorded('ctr-wrong-mask-wide'), neighbour('target', '192.168.5.9', { states: ['REACHABLE'] })),
      because: '192.168.5.9 answers on the network of the container',
    },
  ],
  notApplicable: [
    {
      name: 'a destination behind the gateway is no matter of the prefix',
      evidence: recorded('textbook'),
      reason: 'the container sends to a gateway',
    },
    {
      name: 'a network on which the host has no address cannot be compared',
      evidence: recorded('br-no-ip-c2h'),
      reason: "the host has no address on the container's network",
    },
  ],
});
