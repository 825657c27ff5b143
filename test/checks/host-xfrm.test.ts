import { hostXfrm } from '../../checks/host/host-xfrm.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, edited } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(hostXfrm, {
  fails: [
    {
      name: 'a policy that blocks is deleted',
      evidence: recorded('host-xfrm-block'),
      findings: [
        {
          cause: 'host-xfrm-block',
          place: {
            link: 'bridge \u2013 uplink',
            stage: 'forward',
            way: 'forward',
            netns: 'host',
            object: 'xfrm policy src 192.168.0.0/24 dst 203.0.113.0/24 dir fwd priority 0',
          },
          loses: ['bridge \u2013 uplink forward'],
          proof: 'read',
          remedies: [['ip xfrm policy delete src 192.168.0.0/24 dst 203.0.113.0/24 dir fwd']],
        },
      ],
    },
    {
      name: 'a tunnel that is down is brought up by a person',
      evidence: recorded('host-xfrm-tunnel-no-sa'),
      findings: [
        {
          cause: 'host-xfrm-tunnel-no-sa',
          place: {
            link: 'bridge \u2013 uplink',
            stage: 'forward',
            way: 'forward',
            netns: 'host',
            object: 'xfrm policy src 192.168.0.0/24 dst 203.0.113.0/24 dir out priority 0',
          },
          loses: ['bridge \u2013 uplink forward'],
          proof: 'read read',
          remedies: ['instruction'],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'without policies nothing is stopped',
      evidence: recorded('textbook'),
      because: 'no policy of IPsec stops them',
    },
    {
      name: 'a tunnel with its association is up',
      evidence: edited(
        recorded('host-xfrm-tunnel-no-sa'),
        artifact('host', 'xfrm', ({ policies }) => ({
          policies,
          states: [{ source: '198.51.100.10', destination: '198.51.100.1' }],
        })),
      ),
      because: 'no policy of IPsec stops them',
    },
    {
      name: 'a policy for one protocol only is not judged',
      evidence: edited(
        recorded('host-xfrm-block'),
        artifact('host', 'xfrm', ({ policies, states }) => ({
          policies: policies.map((policy) => ({ ...policy, more: 'proto tcp' })),
          states,
        })),
      ),
      because: 'no policy of IPsec stops them',
    },
    {
      name: 'of two policies the one with the lower number decides',
      evidence: edited(
        recorded('host-xfrm-block'),
        artifact('host', 'xfrm', ({ policies, states }) => ({
          policies: policies.flatMap((policy) => [
            { ...policy, priority: 9 },
            { ...policy, action: 'allow' as const, priority: 1 },
          ]),
          states,
        })),
      ),
      because: 'no policy of IPsec stops them',
    },
  ],
  notApplicable: [
    {
      name: 'frames between two ports of a bridge meet no policy',
      evidence: recorded('br-port-isolated'),
      reason: 'nothing is routed on this path',
    },
  ],
});
