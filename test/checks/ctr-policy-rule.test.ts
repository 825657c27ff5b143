import { ctrPolicyRule } from '../../checks/container/ctr-policy-rule.js';
import { testCheck } from '../helpers/check-cases.js';
import { addRule, edited, unread } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(ctrPolicyRule, {
  fails: [
    {
      name: 'a policy rule of the container that refuses the destination is deleted',
      evidence: recorded('ctr-policy-rule'),
      findings: [
        {
          cause: 'ctr-policy-rule',
          place: {
            link: 'socket – container',
            stage: 'route',
            way: 'forward',
            netns: 'target',
            object: 'ip rule pref 100',
          },
          loses: ['socket – container forward'],
          proof: 'read asked asked',
          remedies: [['ip -n net1 rule del priority 100 from all to 203.0.113.0/24 blackhole']],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'the rules that every kernel has refuse nothing',
      evidence: recorded('textbook'),
      because: 'no policy rule of the container refuses it',
    },
    {
      name: 'a rule for another source refuses nothing',
      evidence: edited(
        recorded('textbook'),
        addRule('target', {
          priority: 100,
          source: '192.168.9.0/24',
          action: 'blackhole',
          text: 'priority 100 from 192.168.9.0/24 blackhole',
        }),
      ),
      because: 'no policy rule of the container refuses it',
    },
  ],
  notApplicable: [
    {
      name: 'rules that cannot be walked decide nothing',
      evidence: edited(recorded('textbook'), unread('target', 'routes')),
      reason: "the container's rules could not be walked",
    },
  ],
});
