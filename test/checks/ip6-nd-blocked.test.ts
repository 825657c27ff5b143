import { ip6NdBlocked } from '../../checks/netfilter/ip6-nd-blocked.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, edited } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const acceptedInNft = artifact('host', 'nftables', (text) => text.replace('{"drop": null}', '{"accept": null}'));
const acceptedInSave = artifact('host', 'ip6tablesNft', (text) => text.replace('135 -j DROP', '135 -j ACCEPT'));

testCheck(ip6NdBlocked, {
  fails: [
    {
      name: 'a rule of INPUT drops solicitations: the packets wait in the container',
      evidence: recorded('ip6-nd-blocked'),
      findings: [
        {
          cause: 'ip6-nd-blocked',
          place: {
            link: 'bridge – uplink',
            stage: 'input',
            way: 'forward',
            netns: 'host',
            object: 'table ip6 filter chain INPUT rule 1',
          },
          loses: ['socket – container forward'],
          proof: 'read',
          remedies: [
            [
              'ip6tables -I INPUT 1 -p icmpv6 --icmpv6-type 135 -j ACCEPT',
              'ip6tables -I INPUT 1 -p icmpv6 --icmpv6-type 136 -j ACCEPT',
            ],
          ],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a rule that accepts solicitations',
      evidence: edited(recorded('ip6-nd-blocked'), acceptedInNft, acceptedInSave),
      because: 'no rule drops what IPv6 finds its neighbours by',
    },
  ],
  notApplicable: [
    {
      name: 'IPv4 has ARP',
      evidence: recorded('textbook'),
      reason: 'IPv4 finds its neighbours by ARP',
    },
    {
      name: 'neighbours that are known need not be asked for',
      evidence: recorded('ipv6'),
      reason: 'the neighbours on this path are known',
    },
  ],
});
