import { hostNoDefaultRoute } from '../../checks/host/host-no-default-route.js';
import { testCheck } from '../helpers/check-cases.js';
import { addRoute, edited } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(hostNoDefaultRoute, {
  fails: [
    {
      name: 'a host with an uplink and no route outside needs one',
      evidence: recorded('host-no-default-route'),
      findings: [
        {
          cause: 'host-no-default-route',
          place: { link: 'bridge – uplink', stage: 'route', way: 'forward', netns: 'host' },
          loses: ['bridge – uplink forward'],
          proof: 'read asked counted seen',
          remedies: ['instruction'],
        },
      ],
    },
    {
      name: 'a default route in a table that the packet does not meet is shown',
      evidence: edited(
        recorded('host-no-default-route'),
        addRoute('host', {
          table: '100',
          destination: '0.0.0.0/0',
          text: 'default via 198.51.100.1 dev eth0 table 100',
        }),
      ),
      findings: [
        {
          cause: 'host-no-default-route',
          place: { link: 'bridge – uplink', stage: 'route', way: 'forward', netns: 'host' },
          loses: ['bridge – uplink forward'],
          proof: 'read asked counted seen',
          remedies: ['instruction'],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a host with a default route is in order',
      evidence: recorded('textbook'),
      because: "the host's route leads to eth0",
    },
  ],
  notApplicable: [
    {
      name: 'an uplink that is down took its route along',
      evidence: recorded('nic-down'),
      reason: 'no uplink is up with an address',
    },
    {
      name: 'an uplink without an address has no route',
      evidence: recorded('nic-no-ip'),
      reason: 'no uplink is up with an address',
    },
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
