import { nfNetdevIngressDrop } from '../../checks/netfilter/nf-netdev-ingress-drop.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, edited } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

/** A text of the ruleset in place of another. */
const rewritten = (from: string | RegExp, to: string) =>
  artifact('host', 'nftables', (text) => {
    if (text.replace(from, to) === text) throw new Error(`no ${from} to replace`);
    return text.replace(from, to);
  });

testCheck(nfNetdevIngressDrop, {
  fails: [
    {
      name: 'a netdev chain drops the reply at the uplink',
      evidence: recorded('nf-netdev-ingress-drop'),
      findings: [
        {
          cause: 'nf-netdev-ingress-drop',
          place: {
            link: 'bridge – uplink',
            stage: 'prerouting',
            way: 'return',
            netns: 'host',
            object: 'table netdev edge chain in rule 1',
          },
          loses: ['bridge – uplink return'],
          proof: 'read counted',
          remedies: [
            ['nft insert rule netdev edge in ip saddr 203.0.113.5 ip daddr 198.51.100.10 accept comment "vethoscope"'],
          ],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a rule for another protocol',
      evidence: edited(recorded('nf-netdev-ingress-drop'), rewritten(/"right":\s*"icmp"/, '"right":"tcp"')),
      because: 'no rule at a device drops the packets',
    },
  ],
  notApplicable: [
    {
      name: 'a chain at another device',
      evidence: edited(recorded('nf-netdev-ingress-drop'), rewritten('"dev":["eth0"]', '"dev":["eth9"]')),
      reason: 'no device on this path has rules of its own',
    },
    {
      name: 'a host without such chains',
      evidence: recorded('textbook'),
      reason: 'no device on this path has rules of its own',
    },
  ],
});
