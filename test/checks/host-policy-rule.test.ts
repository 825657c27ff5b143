import { hostPolicyRule } from '../../checks/host/host-policy-rule.js';
import { testCheck } from '../helpers/check-cases.js';
import { addRoute, addRule, artifact, edited, iptables } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(hostPolicyRule, {
  fails: [
    {
      name: 'a rule for the source leads to a gateway that is silent',
      evidence: recorded('host-rule-source-table'),
      findings: [
        {
          cause: 'host-rule-source-table',
          place: {
            link: 'bridge – uplink',
            stage: 'route',
            way: 'forward',
            netns: 'host',
            object: 'ip rule pref 1000',
          },
          loses: ['bridge – uplink forward'],
          proof: 'read asked seen control',
          remedies: [['ip rule del priority 1000 from 192.168.0.0/24 lookup 100']],
        },
      ],
    },
    {
      name: 'a rule that refuses the packets is deleted',
      evidence: edited(
        recorded('textbook'),
        addRule('host', {
          priority: 90,
          destination: '203.0.113.0/24',
          action: 'prohibit',
          text: 'priority 90 from all to 203.0.113.0/24 prohibit',
        }),
      ),
      findings: [
        {
          cause: 'host-policy-rule',
          place: { link: 'bridge – uplink', stage: 'route', way: 'forward', netns: 'host', object: 'ip rule pref 90' },
          loses: ['bridge – uplink forward'],
          proof: 'read asked',
          remedies: [['ip rule del priority 90 from all to 203.0.113.0/24 prohibit']],
        },
      ],
    },
    {
      name: 'a rule for a mark leads to a gateway that is silent',
      evidence: edited(
        recorded('host-rule-source-table'),
        iptables(
          'host',
          '*mangle\n:PREROUTING ACCEPT [0:0]\n[0:0] -A PREROUTING -s 192.168.0.0/24 -j MARK --set-xmark 0x7/0xffffffff\nCOMMIT\n',
        ),
        artifact('host', 'rules', (rules) =>
          rules.map((one) =>
            one.priority === 1000
              ? {
                  ...one,
                  source: null,
                  mark: 7,
                  markMask: 0xffffffff,
                  text: 'priority 1000 from all fwmark 0x7 lookup 100',
                }
              : one,
          ),
        ),
      ),
      findings: [
        {
          cause: 'host-rule-fwmark',
          place: {
            link: 'bridge – uplink',
            stage: 'route',
            way: 'forward',
            netns: 'host',
            object: 'ip rule pref 1000',
          },
          loses: ['bridge – uplink forward'],
          proof: 'read asked seen control',
          remedies: [['ip rule del priority 1000 from all fwmark 0x7 lookup 100']],
        },
      ],
    },
    {
      name: 'a rule for the container as destination leads the replies away',
      evidence: edited(
        recorded('textbook'),
        addRule('host', {
          priority: 90,
          destination: '192.168.0.0/24',
          table: '90',
          text: 'priority 90 from all to 192.168.0.0/24 lookup 90',
        }),
        addRoute('host', {
          table: '90',
          destination: '0.0.0.0/0',
          nexthops: [{ dev: 'eth0', gateway: '198.51.100.1', weight: 1, flags: [] }],
          text: 'default via 198.51.100.1 dev eth0 table 90',
        }),
      ),
      findings: [
        {
          cause: 'host-rule-return-path',
          place: { link: 'bridge – uplink', stage: 'route', way: 'return', netns: 'host', object: 'ip rule pref 90' },
          loses: ['bridge – uplink return'],
          proof: 'read asked',
          remedies: [['ip rule del priority 90 from all to 192.168.0.0/24 lookup 90']],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a host without rules of its own is in order',
      evidence: recorded('textbook'),
      because: 'no policy rule is in the way',
    },
    {
      name: 'a rule that leads to a gateway that answers is meant',
      evidence: recorded('two-uplinks'),
      because: 'no policy rule is in the way',
    },
    {
      name: 'a rule for another source is not met',
      evidence: edited(
        recorded('textbook'),
        addRule('host', {
          priority: 90,
          source: '192.168.9.0/24',
          action: 'prohibit',
          text: 'priority 90 from 192.168.9.0/24 prohibit',
        }),
      ),
      because: 'no policy rule is in the way',
    },
  ],
  notApplicable: [
    {
      name: 'traffic within a bridge is not routed',
      evidence: recorded('two-containers'),
      reason: 'nothing is routed on this path',
    },
  ],
});
