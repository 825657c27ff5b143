import { nfSnatWrong } from '../../checks/netfilter/nf-snat-wrong.js';
import { testCheck } from '../helpers/check-cases.js';
import { addresses, edited, unread, withoutCapture } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(nfSnatWrong, {
  fails: [
    {
      name: 'a source that this host does not have is replaced',
      evidence: recorded('nf-snat-wrong-ip'),
      findings: [
        {
          cause: 'nf-snat-wrong-ip',
          place: {
            link: 'bridge – uplink',
            stage: 'postrouting',
            way: 'forward',
            netns: 'host',
            object: 'ip nat POSTROUTING rule 1',
          },
          loses: ['uplink – outside return'],
          proof: 'seen read read control',
          remedies: [['iptables -t nat -I POSTROUTING 1 -s 192.168.0.2 -o eth0 -j MASQUERADE']],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a source that is an address of this host is in order',
      evidence: recorded('textbook'),
      because: 'the source 198.51.100.10 is an address of this host',
    },
    {
      name: 'a source that this host got since is in order',
      evidence: edited(
        recorded('nf-snat-wrong-ip'),
        addresses('host', (one) => (one.local === '198.51.100.10' ? [one, { ...one, local: '198.51.100.77' }] : [one])),
      ),
      because: 'the source 198.51.100.77 is an address of this host',
    },
  ],
  notApplicable: [
    {
      name: 'a translation that was neither seen nor read is not guessed',
      evidence: edited(
        recorded('nf-snat-wrong-ip'),
        unread('host', 'iptablesNft'),
        ...['h1', 'h2', 'h3'].map((hop) => withoutCapture(hop)),
      ),
      reason: 'whether the source is translated is not known',
    },
    {
      name: 'a source that is not translated is not translated wrongly',
      evidence: recorded('nf-missing-masquerade'),
      reason: 'the source is not translated',
    },
    {
      name: 'traffic within a bridge does not leave the host',
      evidence: recorded('two-containers'),
      reason: 'the flow does not leave the host',
    },
  ],
});
