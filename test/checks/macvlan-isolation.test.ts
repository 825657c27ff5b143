import { macvlanIsolation } from '../../checks/macvlan/macvlan-isolation.js';
import { testCheck } from '../helpers/check-cases.js';
import { edited, link } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const peer = () => {
  const found = recorded('macvlan-private-c2c').path.hops.find(({ role }) => role === 'peer');
  if (!found) throw new Error('the recording has no other container');
  return found.netns;
};

const mode = (netns: string, wanted: string) =>
  link(netns, 'eth0', ({ data }) => ({ data: { ...data, mode: wanted } }));

testCheck(macvlanIsolation, {
  fails: [
    {
      name: 'two macvlans in mode private never talk to each other',
      evidence: recorded('macvlan-private-c2c'),
      findings: [
        {
          cause: 'macvlan-private-c2c',
          place: { link: 'socket – container', stage: 'neighbour', way: 'forward', netns: 'target', device: 'eth0' },
          loses: ['socket – container forward'],
          proof: 'read read seen',
          remedies: [
            ['ip -n net1 link set eth0 type macvlan mode bridge', 'ip -n net2 link set eth0 type macvlan mode bridge'],
          ],
        },
      ],
    },
    {
      name: 'one of the two in mode vepa needs a switch that sends frames back',
      evidence: edited(recorded('macvlan-private-c2c'), mode('target', 'bridge'), mode(peer(), 'vepa')),
      findings: [
        {
          cause: 'macvlan-isolation',
          place: { link: 'socket – container', stage: 'neighbour', way: 'forward', netns: peer(), device: 'eth0' },
          loses: ['socket – container forward'],
          proof: 'read seen',
          remedies: [['ip -n net2 link set eth0 type macvlan mode bridge']],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'both in mode bridge hand frames to each other',
      evidence: edited(recorded('macvlan-private-c2c'), mode('target', 'bridge'), mode(peer(), 'bridge')),
      because: 'the macvlans hand frames to each other',
    },
  ],
  notApplicable: [
    {
      name: 'what goes to the network outside passes the NIC in every mode',
      evidence: edited(recorded('macvlan'), mode('target', 'private')),
      reason: 'the flow does not go from one macvlan to another',
    },
    {
      name: 'containers on a bridge are no macvlans',
      evidence: recorded('two-containers'),
      reason: 'the flow does not go from one macvlan to another',
    },
  ],
});
