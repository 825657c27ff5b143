import { nfPolicyDrop } from '../../checks/netfilter/nf-policy-drop.js';
import { testCheck } from '../helpers/check-cases.js';
import { edited, iptables, sysctl } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(nfPolicyDrop, {
  fails: [
    {
      name: "a client's connection to a published port that nothing accepts",
      evidence: recorded('pub-forward-drop'),
      findings: [
        {
          cause: 'pub-forward-drop',
          place: {
            link: 'uplink – bridge',
            stage: 'forward',
            way: 'forward',
            netns: 'host',
            object: 'table ip filter chain FORWARD policy',
          },
          loses: ['uplink – bridge forward'],
          proof: 'read counted',
          remedies: [
            [
              'iptables -I DOCKER-USER 1 -i eth0 -o br0 -s 198.51.100.1 -j ACCEPT',
              'iptables -I DOCKER-USER 1 -i br0 -o eth0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
            ],
          ],
        },
      ],
    },
    {
      name: 'a policy of DROP without rules gets two rules for this bridge',
      evidence: recorded('nf-forward-policy-drop'),
      findings: [
        {
          cause: 'nf-forward-policy-drop',
          place: {
            link: 'bridge – uplink',
            stage: 'forward',
            way: 'forward',
            netns: 'host',
            object: 'table ip filter chain FORWARD policy',
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
      name: "Docker's chains without a jump to them are rebuilt by Docker",
      evidence: recorded('nf-docker-chains-flushed'),
      findings: [
        {
          cause: 'nf-docker-chains-flushed',
          place: {
            link: 'bridge – uplink',
            stage: 'forward',
            way: 'forward',
            netns: 'host',
            object: 'table ip filter chain FORWARD policy',
          },
          loses: ['bridge – uplink forward'],
          proof: 'read read counted',
          remedies: [
            ['systemctl restart docker'],
            [
              'iptables -I FORWARD 1 -i br0 -o eth0 -s 192.168.0.2 -j ACCEPT',
              'iptables -I FORWARD 1 -i eth0 -o br0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
            ],
          ],
        },
      ],
    },
    {
      name: 'the policy of legacy iptables counts too, and is mended there',
      evidence: edited(
        recorded('textbook'),
        iptables('host', '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n'),
      ),
      findings: [
        {
          cause: 'nf-forward-policy-drop',
          place: {
            link: 'bridge – uplink',
            stage: 'forward',
            way: 'forward',
            netns: 'host',
            object: 'table ip filter chain FORWARD policy',
          },
          loses: ['bridge – uplink forward'],
          proof: 'read',
          remedies: [
            [
              'iptables-legacy -I FORWARD 1 -i br0 -o eth0 -s 192.168.0.2 -j ACCEPT',
              'iptables-legacy -I FORWARD 1 -i eth0 -o br0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
            ],
          ],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a policy that accepts drops nothing',
      evidence: recorded('textbook'),
      because: 'no FORWARD policy of iptables drops the request',
    },
    {
      name: 'a policy of DROP behind rules that accept drops nothing',
      evidence: recorded('docker'),
      because: 'no FORWARD policy of iptables drops the request',
    },
    {
      name: 'a policy of nftables is the business of another check',
      evidence: recorded('nf-nft-forward-drop'),
      because: 'no FORWARD policy of iptables drops the request',
    },
  ],
  notApplicable: [
    {
      name: 'traffic within a bridge does not meet FORWARD without br_netfilter',
      evidence: edited(recorded('two-containers'), sysctl('host', 'net.bridge.bridge-nf-call-iptables', '0')),
      reason: 'the packets are bridged, not forwarded',
    },
    {
      name: 'a container without an interface meets no rule',
      evidence: recorded('veth-deleted'),
      reason: 'no FORWARD rule is on this path',
    },
  ],
});
