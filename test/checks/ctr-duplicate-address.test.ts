import { ctrDuplicateAddress } from '../../checks/container/ctr-duplicate-address.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, edited, link, neighbour } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const OWN = '02:00:00:00:00:02';

/** The container's device has this address, and the host sends to it. */
const sentToOwn = [
  link('target', 'eth0', () => ({ address: OWN })),
  neighbour('host', '192.168.0.2', { lladdr: OWN, states: ['REACHABLE'] }),
];

testCheck(ctrDuplicateAddress, {
  fails: [
    {
      name: 'another container with the same address gets the replies',
      evidence: recorded('ctr-duplicate-ip'),
      findings: [
        {
          cause: 'ctr-duplicate-ip',
          place: { link: 'bridge – uplink', stage: 'neighbour', way: 'return', netns: 'host', device: 'br0' },
          loses: ['socket – container return', 'container – veth-host return', 'veth-host – bridge return'],
          proof: 'read read seen',
          remedies: [['ip -n net2 addr del 192.168.0.2/24 dev eth0', 'ip neigh del 192.168.0.2 dev br0']],
        },
      ],
    },
    {
      name: 'which of the two keeps the address is not certain where the other has no address besides',
      evidence: edited(
        recorded('ctr-duplicate-ip'),
        artifact('ns1', 'addresses', (all) =>
          all
            .filter(({ local }) => local !== '192.168.0.3')
            .map((one) => ({ ...one, flags: one.flags.filter((flag) => flag !== 'secondary') })),
        ),
      ),
      findings: [
        {
          cause: 'ctr-duplicate-ip',
          place: { link: 'bridge – uplink', stage: 'neighbour', way: 'return', netns: 'host', device: 'br0' },
          loses: ['socket – container return', 'container – veth-host return', 'veth-host – bridge return'],
          proof: 'read read seen',
          remedies: ['instruction'],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'one that is silent takes nothing away',
      evidence: edited(recorded('ctr-duplicate-ip'), ...sentToOwn),
      because: 'the host sends what is for 192.168.0.2 to the container',
    },
  ],
  notApplicable: [
    {
      name: 'a wrong MAC that belongs to nobody who has the address',
      evidence: recorded('host-neigh-permanent-wrong'),
      reason: 'no other namespace is known to have the address',
    },
    {
      name: 'a neighbour that had the address and has it no more, as an entry that is stale',
      evidence: edited(
        recorded('ctr-duplicate-ip'),
        artifact('ns1', 'addresses', (all) => all.filter(({ local }) => local !== '192.168.0.2')),
      ),
      reason: 'no other namespace is known to have the address',
    },
    {
      name: 'a third MAC, which neither of the two has',
      evidence: edited(recorded('ctr-duplicate-ip'), neighbour('host', '192.168.0.2', { lladdr: '02:00:00:00:00:99' })),
      reason: 'the host sends to neither of the two that have the address',
    },
    {
      name: 'a container alone on its bridge',
      evidence: recorded('textbook'),
      reason: 'no other namespace is known to have the address',
    },
  ],
});
