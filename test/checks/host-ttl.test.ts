import { hostTtl } from '../../checks/host/host-ttl.js';
import { testCheck } from '../helpers/check-cases.js';
import { recorded } from '../helpers/evidence.js';

testCheck(hostTtl, {
  fails: [
    {
      name: 'a rule that sets the TTL to 1',
      evidence: recorded('host-ttl-mangle'),
      findings: [
        {
          cause: 'host-ttl-mangle',
          place: {
            link: 'bridge – uplink',
            stage: 'forward',
            way: 'forward',
            netns: 'host',
            object: 'table ip mangle chain PREROUTING rule 1',
          },
          loses: ['bridge – uplink forward'],
          proof: 'read counted counted',
          remedies: [['iptables -t mangle -I PREROUTING 1 -i br0 -s 192.168.0.2 -j ACCEPT']],
        },
      ],
    },
  ],
  passes: [
    { name: 'packets with a TTL to spare', evidence: recorded('textbook'), because: 'the packets have a TTL to spare' },
    {
      name: 'a small default of the container is no rule',
      evidence: recorded('ctr-ttl-1'),
      because: 'no rule of this host changes the TTL',
    },
  ],
  notApplicable: [
    {
      name: 'traffic within a bridge is not routed',
      evidence: recorded('two-containers'),
      reason: 'nothing is routed on this path',
    },
  ],
});
