import { nfRedirectHijack } from '../../checks/netfilter/nf-redirect-hijack.js';
import { testCheck } from '../helpers/check-cases.js';
import { edited, neighbour } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(nfRedirectHijack, {
  fails: [
    {
      name: 'a dead endpoint of a service is named',
      evidence: recorded('svc-stale-endpoint'),
      findings: [
        {
          cause: 'svc-stale-endpoint',
          place: {
            link: 'bridge – uplink',
            stage: 'prerouting',
            way: 'forward',
            netns: 'host',
            object: 'table ip nat chain KUBE-SEP-1 rule 1',
          },
          loses: ['bridge – uplink forward', 'veth-host – bridge forward'],
          proof: 'read counted read',
          remedies: ['instruction'],
        },
      ],
    },
    {
      name: 'a published port that takes outgoing connections is passed by',
      evidence: recorded('nf-dnat-hijack-outbound'),
      findings: [
        {
          cause: 'nf-dnat-hijack-outbound',
          place: {
            link: 'bridge \u2013 uplink',
            stage: 'prerouting',
            way: 'forward',
            netns: 'host',
            object: 'table ip nat chain PREROUTING rule 1',
          },
          loses: ['bridge \u2013 uplink forward', 'veth-host \u2013 bridge forward'],
          proof: 'read counted read',
          remedies: [['iptables -t nat -I PREROUTING 1 -i br0 -s 192.168.0.2 -j ACCEPT']],
        },
      ],
    },
    {
      name: 'a rule left in iptables-legacy is passed by',
      evidence: recorded('nf-stale-legacy-rules'),
      findings: [
        {
          cause: 'nf-stale-legacy-rules',
          place: {
            link: 'bridge \u2013 uplink',
            stage: 'prerouting',
            way: 'forward',
            netns: 'host',
            object: 'table ip nat chain PREROUTING rule 1',
          },
          loses: ['bridge \u2013 uplink forward', 'veth-host \u2013 bridge forward'],
          proof: 'read counted read',
          remedies: [['iptables-legacy -t nat -I PREROUTING 1 -i br0 -s 192.168.0.2 -j ACCEPT']],
        },
      ],
    },
    {
      name: 'a redirect to a proxy that is not there is passed by',
      evidence: recorded('ctr-istio-redirect-no-proxy'),
      findings: [
        {
          cause: 'ctr-istio-redirect-no-proxy',
          place: {
            link: 'socket \u2013 container',
            stage: 'output',
            way: 'forward',
            netns: 'target',
            object: 'table ip nat chain OUTPUT rule 1',
          },
          loses: ['socket \u2013 container forward'],
          proof: 'read counted seen',
          remedies: [['ip netns exec net1 iptables -t nat -I OUTPUT 1 -o eth0 -d 203.0.113.5 -j ACCEPT']],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'without such a rule the destination stays',
      evidence: recorded('textbook'),
      because: 'no rule changes the destination',
    },
    {
      name: 'a new destination that answers ARP is not dead',
      evidence: edited(
        recorded('nf-dnat-hijack-outbound'),
        neighbour('host', '192.168.0.9', { states: ['REACHABLE'] }),
      ),
      because: 'the new destination is there',
    },
  ],
  notApplicable: [
    {
      name: 'what goes to the host itself is meant for its rules',
      evidence: recorded('host-route-localnet'),
      reason: 'the flow does not go outside',
    },
  ],
});
