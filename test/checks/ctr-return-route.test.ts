import { ctrReturnRoute } from '../../checks/container/ctr-return-route.js';
import { testCheck } from '../helpers/check-cases.js';
import { addresses, artifact, edited, sysctl, withoutCapture } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(ctrReturnRoute, {
  fails: [
    {
      name: "a client's packets arrive, and no route leads back to it",
      evidence: recorded('pub-container-no-route-back'),
      findings: [
        {
          cause: 'pub-container-no-route-back',
          place: { link: 'container – service', stage: 'route', way: 'return', netns: 'target', device: 'eth0' },
          loses: ['container – service return'],
          proof: 'read counted',
          remedies: [['ip -n net1 route add default via 192.168.0.1 dev eth0']],
        },
      ],
    },
    {
      name: 'nor does the bridge have an address that could be the way',
      evidence: edited(
        recorded('pub-container-no-route-back'),
        addresses('host', (own) => (own.ifname === 'br0' ? [] : [own])),
      ),
      findings: [
        {
          cause: 'pub-container-no-route-back',
          place: { link: 'container – service', stage: 'route', way: 'return', netns: 'target', device: 'eth0' },
          loses: ['container – service return'],
          proof: 'read counted',
          remedies: ['instruction'],
        },
      ],
    },
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
      name: 'a client that the container has a route to',
      evidence: recorded('pub-ctr-fw-input'),
      because: 'the container has a route back to the client',
    },
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
    {
      name: 'nor is it where a capture is missing, so that answers may have come that nobody saw',
      evidence: edited(
        recorded('ctr-rp-filter'),
        artifact('target', 'counters', () => ({})),
        ...recorded('ctr-rp-filter')
          .path.hops.slice(3)
          .map(({ id }) => withoutCapture(id)),
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
