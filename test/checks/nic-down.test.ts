import { nicDown } from '../../checks/uplink/nic-down.js';
import { testCheck } from '../helpers/check-cases.js';
import { addLink, edited, link } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(nicDown, {
  fails: [
    {
      name: 'an uplink that is down is set up',
      evidence: recorded('nic-down'),
      findings: [
        {
          cause: 'nic-down',
          place: { link: 'bridge – uplink', stage: 'route', way: 'forward', netns: 'host', device: 'eth0' },
          loses: ['bridge – uplink forward'],
          proof: 'read read asked counted seen',
          remedies: [['ip link set eth0 up']],
        },
      ],
    },
    {
      name: 'an uplink without an address needs one',
      evidence: recorded('nic-no-ip'),
      findings: [
        {
          cause: 'nic-no-ip',
          place: { link: 'bridge – uplink', stage: 'route', way: 'forward', netns: 'host', device: 'eth0' },
          loses: ['bridge – uplink forward'],
          proof: 'read read asked counted seen',
          remedies: ['instruction'],
        },
      ],
    },
    {
      name: 'the veths of other containers are no uplinks',
      evidence: edited(
        recorded('nic-no-ip'),
        link('host', 'eth0', () => ({ kind: null })),
        addLink('host', 'veth1_p', { ifname: 'cali9', ifindex: 99, master: null }),
      ),
      findings: [
        {
          cause: 'nic-no-ip',
          place: { link: 'bridge – uplink', stage: 'route', way: 'forward', netns: 'host', device: 'eth0' },
          loses: ['bridge – uplink forward'],
          proof: 'read read asked counted seen',
          remedies: ['instruction'],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'an uplink with an address and a route is in order',
      evidence: recorded('textbook'),
      because: "the host's route leads to eth0",
    },
    {
      name: 'where only the route is gone, the uplink is in order',
      evidence: recorded('host-no-default-route'),
      because: 'an uplink is up and has an address',
    },
  ],
  notApplicable: [
    {
      name: 'a route that refuses is the business of another check',
      evidence: recorded('host-route-blackhole'),
      reason: "the host's route is of the type blackhole",
    },
    {
      name: 'traffic within a bridge is not routed',
      evidence: recorded('two-containers'),
      reason: 'nothing is routed on this path',
    },
  ],
});
