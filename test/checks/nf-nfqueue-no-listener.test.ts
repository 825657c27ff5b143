import { nfNfqueueNoListener } from '../../checks/netfilter/nf-nfqueue-no-listener.js';
import { testCheck } from '../helpers/check-cases.js';
import { edited, iptables } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(nfNfqueueNoListener, {
  fails: [
    {
      name: 'a queue that nobody reads is gone around',
      evidence: recorded('nf-nfqueue-no-listener'),
      findings: [
        {
          cause: 'nf-nfqueue-no-listener',
          place: {
            link: 'bridge \u2013 uplink',
            stage: 'forward',
            way: 'forward',
            netns: 'host',
            object: 'table ip filter chain FORWARD rule 1',
          },
          loses: ['bridge \u2013 uplink forward'],
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
    { name: 'without a queue nothing waits', evidence: recorded('textbook'), because: 'no rule queues the packets' },
    {
      name: 'a queue that is passed while nobody reads it is in order',
      evidence: edited(
        recorded('textbook'),
        iptables(
          'host',
          '*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -j NFQUEUE --queue-num 5 --queue-bypass\nCOMMIT\n',
        ),
      ),
      because: 'no rule queues the packets',
    },
  ],
  notApplicable: [
    {
      name: 'a container without a network meets no rule of the host',
      evidence: recorded('ctr-internal-net-none'),
      reason: 'no rule of the host is on this path',
    },
  ],
});
