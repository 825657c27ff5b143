import { nfMasqNotApplied } from '../../checks/netfilter/nf-masq-not-applied.js';
import { testCheck } from '../helpers/check-cases.js';
import { edited, sourceAt, unread, withoutCapture } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(nfMasqNotApplied, {
  fails: [
    {
      name: 'no rule at all: this network is masqueraded',
      evidence: recorded('nf-missing-masquerade'),
      findings: [
        {
          cause: 'nf-missing-masquerade',
          place: {
            link: 'bridge – uplink',
            stage: 'postrouting',
            way: 'forward',
            netns: 'host',
            object: 'nat POSTROUTING',
          },
          loses: ['uplink – outside return'],
          proof: 'seen read control',
          remedies: [['iptables -t nat -A POSTROUTING -s 192.168.0.0/24 ! -o br0 -j MASQUERADE']],
        },
      ],
    },
    {
      name: 'a rule for another interface is named',
      evidence: recorded('nf-masq-wrong-iface'),
      findings: [
        {
          cause: 'nf-masq-wrong-iface',
          place: {
            link: 'bridge – uplink',
            stage: 'postrouting',
            way: 'forward',
            netns: 'host',
            object: 'ip nat POSTROUTING rule 1',
          },
          loses: ['uplink – outside return'],
          proof: 'seen read control',
          remedies: [['iptables -t nat -A POSTROUTING -s 192.168.0.0/24 ! -o br0 -j MASQUERADE']],
        },
      ],
    },
    {
      name: 'a rule for another subnet is named',
      evidence: recorded('nf-masq-wrong-subnet'),
      findings: [
        {
          cause: 'nf-masq-wrong-subnet',
          place: {
            link: 'bridge – uplink',
            stage: 'postrouting',
            way: 'forward',
            netns: 'host',
            object: 'ip nat POSTROUTING rule 1',
          },
          loses: ['uplink – outside return'],
          proof: 'seen read control',
          remedies: [['iptables -t nat -A POSTROUTING -s 192.168.0.0/24 ! -o br0 -j MASQUERADE']],
        },
      ],
    },
    {
      name: 'where the rules could not be read, it is not said that there is none',
      evidence: edited(recorded('nf-missing-masquerade'), unread('host', 'nftables'), unread('host', 'iptablesNft')),
      findings: [
        {
          cause: 'nf-masq-not-applied',
          place: {
            link: 'bridge – uplink',
            stage: 'postrouting',
            way: 'forward',
            netns: 'host',
            object: 'nat POSTROUTING',
          },
          loses: ['uplink – outside return'],
          proof: 'seen read control',
          remedies: [['iptables -t nat -A POSTROUTING -s 192.168.0.0/24 ! -o br0 -j MASQUERADE']],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a source that is translated is in order',
      evidence: recorded('textbook'),
      because: 'the request leaves eth0 as 198.51.100.10',
    },
    {
      name: 'a network that is routed on purpose gets answers',
      evidence: edited(recorded('textbook'), sourceAt('h4', '192.168.0.2')),
      because: 'answers come back without translation',
    },
    {
      name: 'a wrong translation is the business of another check',
      evidence: recorded('nf-snat-wrong-ip'),
      because: 'the request leaves eth0 as 198.51.100.77',
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
      name: 'traffic within a bridge does not leave the host',
      evidence: recorded('two-containers'),
      reason: 'the flow does not leave the host',
    },
  ],
});
