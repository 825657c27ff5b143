import { nfRuleReject } from '../../checks/netfilter/nf-rule-reject.js';
import { testCheck } from '../helpers/check-cases.js';
import { edited, flow, iptables } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(nfRuleReject, {
  fails: [
    {
      name: 'a service without endpoints is named as such, for a person to mend',
      evidence: recorded('svc-no-endpoints-reject'),
      findings: [
        {
          cause: 'svc-no-endpoints-reject',
          place: {
            link: 'bridge – uplink',
            stage: 'forward',
            way: 'forward',
            netns: 'host',
            object: 'table ip filter chain FORWARD rule 1',
          },
          loses: ['bridge – uplink forward'],
          proof: 'read counted seen',
          remedies: ['instruction'],
        },
      ],
    },
    {
      name: 'a rule that rejects is found for both ways',
      evidence: recorded('nf-reject-host-prohibited'),
      findings: [
        {
          cause: 'nf-reject-host-prohibited',
          place: {
            link: 'bridge – uplink',
            stage: 'forward',
            way: 'forward',
            netns: 'host',
            object: 'table ip filter chain FORWARD rule 1',
          },
          loses: ['bridge – uplink forward'],
          proof: 'read counted seen',
          remedies: [
            [
              'iptables -I FORWARD 1 -i br0 -o eth0 -s 192.168.0.2 -j ACCEPT',
              'iptables -I FORWARD 1 -i eth0 -o br0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
            ],
          ],
        },
        {
          cause: 'nf-reject-host-prohibited',
          place: {
            link: 'bridge – uplink',
            stage: 'forward',
            way: 'return',
            netns: 'host',
            object: 'table ip filter chain FORWARD rule 1',
          },
          loses: ['bridge – uplink return'],
          proof: 'read counted seen',
          remedies: [['iptables -I FORWARD 1 -i eth0 -o br0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT']],
        },
      ],
    },
    {
      name: 'a reset is named as such',
      evidence: edited(
        recorded('textbook'),
        flow({ protocol: 'tcp', port: 80 }),
        iptables(
          'host',
          '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n[0:0] -A FORWARD -i br0 -p tcp -j REJECT --reject-with tcp-reset\nCOMMIT\n',
        ),
      ),
      findings: [
        {
          cause: 'nf-reject-tcp-reset',
          place: {
            link: 'bridge – uplink',
            stage: 'forward',
            way: 'forward',
            netns: 'host',
            object: 'table ip filter chain FORWARD rule 1',
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
    {
      name: 'another ICMP error is what it is',
      evidence: edited(
        recorded('textbook'),
        iptables(
          'host',
          '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n[0:0] -A FORWARD -i br0 -j REJECT --reject-with icmp-net-unreachable\nCOMMIT\n',
        ),
      ),
      findings: [
        {
          cause: 'nf-rule-reject',
          place: {
            link: 'bridge – uplink',
            stage: 'forward',
            way: 'forward',
            netns: 'host',
            object: 'table ip filter chain FORWARD rule 1',
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
    {
      name: 'port unreachable is named as such',
      evidence: edited(
        recorded('textbook'),
        iptables(
          'host',
          '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n[0:0] -A FORWARD -i br0 -j REJECT --reject-with icmp-port-unreachable\nCOMMIT\n',
        ),
      ),
      findings: [
        {
          cause: 'nf-reject-port-unreachable',
          place: {
            link: 'bridge – uplink',
            stage: 'forward',
            way: 'forward',
            netns: 'host',
            object: 'table ip filter chain FORWARD rule 1',
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
      name: 'a host without such rules rejects nothing',
      evidence: recorded('textbook'),
      because: 'no firewall rule rejects them',
    },
    {
      name: 'a rule that drops is the business of another check',
      evidence: recorded('nf-docker-user-drop'),
      because: 'no firewall rule rejects them',
    },
  ],
  notApplicable: [
    {
      name: 'a container without an interface meets no rule',
      evidence: recorded('veth-deleted'),
      reason: 'no rule of the host is on this path',
    },
  ],
});
