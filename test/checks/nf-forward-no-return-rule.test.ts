import { nfForwardNoReturnRule } from '../../checks/netfilter/nf-forward-no-return-rule.js';
import { testCheck } from '../helpers/check-cases.js';
import { recorded } from '../helpers/evidence.js';

testCheck(nfForwardNoReturnRule, {
  fails: [
    {
      name: 'a policy that drops the replies gets a rule for what containers began',
      evidence: recorded('nf-forward-no-return-rule'),
      findings: [
        {
          cause: 'nf-forward-no-return-rule',
          place: {
            link: 'bridge – uplink',
            stage: 'forward',
            way: 'return',
            netns: 'host',
            object: 'table ip filter chain FORWARD policy',
          },
          loses: ['bridge – uplink return'],
          proof: 'read counted',
          remedies: [['iptables -I FORWARD 1 -i eth0 -o br0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT']],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a policy that accepts drops no reply',
      evidence: recorded('textbook'),
      because: 'no FORWARD policy drops the reply',
    },
    {
      name: 'a policy of DROP with rules for both ways drops no reply',
      evidence: recorded('docker'),
      because: 'no FORWARD policy drops the reply',
    },
  ],
  notApplicable: [
    {
      name: 'a policy that drops the request already is the business of another check',
      evidence: recorded('nf-forward-policy-drop'),
      reason: 'the policy drops the request already',
    },
    {
      name: 'traffic within a bridge is not forwarded',
      evidence: recorded('two-containers'),
      reason: 'nothing is forwarded on this path',
    },
  ],
});
