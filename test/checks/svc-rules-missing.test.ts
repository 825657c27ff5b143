import { svcRulesMissing } from '../../checks/netfilter/svc-rules-missing.js';
import { testCheck } from '../helpers/check-cases.js';
import { edited, unread } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const lost = recorded('svc-rules-missing');
const answered = lost.probe && {
  ...lost.probe,
  answered: lost.probe.sent,
  answers: lost.probe.answers.map((answer) => ({ ...answer, outcome: 'answered' as const })),
};

testCheck(svcRulesMissing, {
  fails: [
    {
      name: 'an empty chain of kube-proxy is named where a private address leaves by the default route',
      evidence: lost,
      findings: [
        {
          cause: 'svc-rules-missing',
          place: {
            link: 'bridge – uplink',
            stage: 'prerouting',
            way: 'forward',
            netns: 'host',
            object: 'table ip nat chain KUBE-SERVICES',
          },
          loses: ['uplink – outside forward', 'uplink – outside return'],
          proof: 'read seen',
          remedies: ['instruction'],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'where answers come back nothing is missing',
      evidence: { ...lost, probe: answered },
      because: 'answers come back',
    },
  ],
  notApplicable: [
    {
      name: 'a chain with rules is not empty',
      evidence: recorded('svc-stale-endpoint'),
      reason: 'no chain of kube-proxy is empty',
    },
    {
      name: 'rules that were not read prove nothing',
      evidence: edited(lost, unread('host', 'iptablesNft'), unread('host', 'nftables')),
      reason: 'the rules of services were not read',
    },
    {
      name: 'what ends on this host is no service elsewhere',
      evidence: recorded('ctr-lo-down'),
      reason: 'the flow does not leave the host',
    },
  ],
});
