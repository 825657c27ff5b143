import { nfRateLimit } from '../../checks/netfilter/nf-rate-limit.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, type Edit, edited, iptables } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

interface NftRule {
  readonly rule?: { readonly chain: string; readonly handle: number; readonly expr: readonly unknown[] };
}

/** A rule that accepts by the time of day, before the one that drops. */
const acceptedByTime: Edit = artifact('host', 'nftables', (text) => {
  const { nftables } = JSON.parse(text) as { readonly nftables: readonly NftRule[] };
  const expr = [{ xt: { type: 'match', name: 'time' } }, { accept: null }];
  const more = nftables.flatMap((one) =>
    one.rule?.chain === 'FORWARD' && JSON.stringify(one.rule.expr).includes('"drop"')
      ? [{ rule: { ...one.rule, handle: 99, expr } }, one]
      : [one],
  );
  return JSON.stringify({ nftables: more });
});

testCheck(nfRateLimit, {
  fails: [
    {
      name: 'a limit that accepts, and a rule that drops the rest',
      evidence: recorded('nf-limit-drop'),
      findings: [
        {
          cause: 'nf-limit-drop',
          place: {
            link: 'bridge – uplink',
            stage: 'forward',
            way: 'forward',
            netns: 'host',
            object: 'table ip filter chain FORWARD rule 2',
          },
          loses: ['bridge – uplink forward'],
          proof: 'read counted',
          remedies: [
            [
              'iptables -I FORWARD 1 -i br0 -o eth0 -s 192.168.0.2 -j ACCEPT',
              'iptables -I FORWARD 1 -i eth0 -o br0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
            ],
          ],
        },
      ],
    },
    {
      name: 'a limit on connections that others of the container use up',
      evidence: recorded('nf-connlimit'),
      findings: [
        {
          cause: 'nf-connlimit',
          place: {
            link: 'bridge – uplink',
            stage: 'forward',
            way: 'forward',
            netns: 'host',
            object: 'table ip filter chain FORWARD rule 1',
          },
          loses: ['bridge – uplink forward'],
          proof: 'read counted',
          remedies: [
            [
              'iptables -I FORWARD 1 -i br0 -o eth0 -s 192.168.0.2 -j ACCEPT',
              'iptables -I FORWARD 1 -i eth0 -o br0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
            ],
          ],
        },
      ],
    },
    {
      name: 'a rule that drops by chance',
      evidence: recorded('nf-statistic-random'),
      findings: [
        {
          cause: 'nf-statistic-random',
          place: {
            link: 'bridge – uplink',
            stage: 'forward',
            way: 'forward',
            netns: 'host',
            object: 'table ip filter chain FORWARD rule 1',
          },
          loses: ['bridge – uplink forward'],
          proof: 'read counted',
          remedies: [
            [
              'iptables -I FORWARD 1 -i br0 -o eth0 -s 192.168.0.2 -j ACCEPT',
              'iptables -I FORWARD 1 -i eth0 -o br0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
            ],
          ],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'where the drop may hang on a match of another kind, the limit is not blamed for it',
      evidence: edited(recorded('nf-limit-drop'), acceptedByTime),
      because: 'no rule that drops a part of the packets counted the loss',
    },
    {
      name: 'rules that drop all are not its business',
      evidence: recorded('nf-docker-user-drop'),
      because: 'no rule that drops a part of the packets counted the loss',
    },
    {
      name: 'a limit whose drops did not count the loss',
      evidence: edited(
        recorded('nf-limit-drop'),
        iptables(
          'host',
          '*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -i br0 -m limit --limit 2/s -j ACCEPT\n-A FORWARD -i br0 -j DROP\nCOMMIT\n',
          'nft',
        ),
      ),
      because: 'no rule that drops a part of the packets counted the loss',
    },
  ],
  notApplicable: [{ name: 'where nothing is lost', evidence: recorded('textbook'), reason: 'nothing is lost' }],
});
