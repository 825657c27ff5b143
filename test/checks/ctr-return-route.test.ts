import { ctrReturnRoute } from '../../checks/container/ctr-return-route.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, edited, sysctl } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(ctrReturnRoute, {
  fails: [
    {
      name: 'a strict check on the second device of the container is made loose',
      evidence: recorded('ctr-rp-filter'),
      findings: [
        {
          cause: 'ctr-rp-filter',
          place: {
            link: 'bridge \u2013 uplink',
            stage: 'route',
            way: 'return',
            netns: 'target',
            device: 'eth1',
            object: 'net.ipv4.conf.eth1.rp_filter',
          },
          loses: ['bridge \u2013 uplink return', 'socket \u2013 container return'],
          proof: 'read read asked counted',
          remedies: [['ip netns exec net1 sysctl -w net.ipv4.conf.eth1.rp_filter=2']],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a loose check lets the answers in',
      evidence: edited(recorded('ctr-rp-filter'), sysctl('target', 'net.ipv4.conf.all.rp_filter', '2')),
      because: 'eth1 of the container takes them',
    },
    {
      name: 'a strict check that dropped nothing is not to blame',
      evidence: edited(
        recorded('ctr-rp-filter'),
        artifact('target', 'counters', () => ({})),
      ),
      because: 'its reverse-path check dropped nothing',
    },
  ],
  notApplicable: [
    {
      name: 'answers that come by the first device are no matter of the second',
      evidence: recorded('textbook'),
      reason: 'answers come by the device that the requests left by',
    },
  ],
});
