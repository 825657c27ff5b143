import { macvlanUpstreamMacFilter } from '../../checks/macvlan/macvlan-upstream-mac-filter.js';
import { testCheck } from '../helpers/check-cases.js';
import { recorded } from '../helpers/evidence.js';

const silent = (cause: string) => ({
  cause,
  place: { link: 'socket – container', stage: 'neighbour', way: 'forward', netns: 'target' } as const,
  loses: ['socket – container forward'],
  proof: 'read seen control',
  remedies: ['instruction'] as const,
});

testCheck(macvlanUpstreamMacFilter, {
  fails: [
    {
      name: 'a gateway that answers the host alone refuses the MAC',
      evidence: recorded('macvlan-upstream-mac-filter'),
      findings: [silent('macvlan-upstream-mac-filter')],
    },
    {
      name: 'a gateway of another network than that of the NIC is a wrong address',
      evidence: recorded('macvlan-wrong-subnet'),
      findings: [silent('macvlan-wrong-subnet')],
    },
  ],
  passes: [
    {
      name: 'a gateway that answers is right',
      evidence: recorded('macvlan'),
      because: 'the gateway 198.51.100.1 answers the container',
    },
  ],
  notApplicable: [
    { name: 'a veth has no MAC outside', evidence: recorded('textbook'), reason: 'the container has no macvlan' },
    {
      name: 'a NIC that is down refuses nothing',
      evidence: recorded('macvlan-parent-down'),
      reason: 'the NIC below the macvlan does not work',
    },
    {
      name: "without the host's own probe nobody can be told apart",
      evidence: { ...recorded('macvlan-upstream-mac-filter'), control: null },
      reason: 'whether the network outside answers anybody is not known',
    },
  ],
});
