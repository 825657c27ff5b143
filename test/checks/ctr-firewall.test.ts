import { ctrFirewall } from '../../checks/container/ctr-firewall.js';
import { testCheck } from '../helpers/check-cases.js';
import { edited, iptables } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(ctrFirewall, {
  fails: [
    {
      name: 'what comes in to a published port is dropped in the container',
      evidence: recorded('pub-ctr-fw-input'),
      findings: [
        {
          cause: 'pub-ctr-fw-input',
          place: {
            link: 'container – service',
            stage: 'input',
            way: 'forward',
            netns: 'target',
            object: 'ip filter INPUT rule 1: -A INPUT -p tcp -m tcp --dport 80 -j DROP',
          },
          loses: ['container – service forward'],
          proof: 'read counted',
          remedies: [['ip netns exec net1 iptables -I INPUT 1 -i eth0 -s 198.51.100.1 -j ACCEPT']],
        },
      ],
    },
    {
      name: 'a rule of OUTPUT in the container drops the request',
      evidence: recorded('ctr-fw-output-drop'),
      findings: [
        {
          cause: 'ctr-fw-output-drop',
          place: {
            link: 'socket – container',
            stage: 'output',
            way: 'forward',
            netns: 'target',
            object: 'ip filter OUTPUT rule 1: -A OUTPUT -d 203.0.113.0/24 -j DROP',
          },
          loses: ['socket – container forward'],
          proof: 'read counted',
          remedies: [['ip netns exec net1 iptables -I OUTPUT 1 -o eth0 -d 203.0.113.5 -j ACCEPT']],
        },
      ],
    },
    {
      name: 'a rule of INPUT in the container drops the reply',
      evidence: recorded('ctr-fw-input-drop'),
      findings: [
        {
          cause: 'ctr-fw-input-drop',
          place: {
            link: 'socket – container',
            stage: 'input',
            way: 'return',
            netns: 'target',
            object: 'ip filter INPUT rule 1: -A INPUT -p icmp -j DROP',
          },
          loses: ['socket – container return'],
          proof: 'read counted',
          remedies: [
            ['ip netns exec net1 iptables -I INPUT 1 -i eth0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'],
          ],
        },
      ],
    },
    {
      name: 'a policy of legacy iptables in the container counts too',
      evidence: edited(
        recorded('textbook'),
        iptables('target', '*filter\n:INPUT ACCEPT [0:0]\n:OUTPUT DROP [0:0]\nCOMMIT\n'),
      ),
      findings: [
        {
          cause: 'ctr-fw-output-drop',
          place: {
            link: 'socket – container',
            stage: 'output',
            way: 'forward',
            netns: 'target',
            object: 'ip filter OUTPUT policy: policy DROP',
          },
          loses: ['socket – container forward'],
          proof: 'read',
          remedies: [['ip netns exec net1 iptables-legacy -I OUTPUT 1 -o eth0 -d 203.0.113.5 -j ACCEPT']],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a container without rules lets everything pass',
      evidence: recorded('textbook'),
      because: 'no rule in the container drops it',
    },
    {
      name: 'a rule for another destination is not in the way',
      evidence: edited(
        recorded('textbook'),
        iptables('target', '*filter\n:OUTPUT ACCEPT [0:0]\n[0:0] -A OUTPUT -d 203.0.113.77/32 -j DROP\nCOMMIT\n'),
      ),
      because: 'no rule in the container drops it',
    },
  ],
  notApplicable: [
    {
      name: 'a container without an interface sends nothing that a rule could drop',
      evidence: recorded('veth-deleted'),
      reason: 'the container has no interface',
    },
  ],
});
