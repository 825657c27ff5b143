import { nfUntracked } from '../../checks/netfilter/nf-untracked.js';
import { testCheck } from '../helpers/check-cases.js';
import { recorded } from '../helpers/evidence.js';

testCheck(nfUntracked, {
  fails: [
    {
      name: 'a rule of the raw table',
      evidence: recorded('nf-raw-notrack'),
      findings: [
        {
          cause: 'nf-raw-notrack',
          place: {
            link: 'bridge – uplink',
            stage: 'prerouting',
            way: 'forward',
            netns: 'host',
            object: 'table ip raw chain PREROUTING rule 1',
          },
          loses: ['uplink – outside return'],
          proof: 'seen read counted control',
          remedies: [['iptables -t raw -I PREROUTING 1 -i br0 -s 192.168.0.2 -j ACCEPT']],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'tracked packets are translated',
      evidence: recorded('textbook'),
      because: 'conntrack follows the packets',
    },
    {
      name: 'where no rule translates, that is the fault',
      evidence: recorded('nf-missing-masquerade'),
      because: 'conntrack follows the packets',
    },
    {
      name: 'where no rule would translate them either, they are not meant to be translated',
      evidence: recorded('nf-invalid-drop-asym'),
      because: 'no rule would translate the source',
    },
  ],
  notApplicable: [
    {
      name: 'traffic within a bridge does not leave',
      evidence: recorded('two-containers'),
      reason: 'the flow does not leave the host',
    },
  ],
});
