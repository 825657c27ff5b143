import { brNoIp } from '../../checks/bridge/br-no-ip.js';
import { testCheck } from '../helpers/check-cases.js';
import { edited, link, neighbour, withoutFlags } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(brNoIp, {
  fails: [
    {
      name: 'a bridge that lost its address gets the gateway address of its containers',
      evidence: recorded('br-no-ip'),
      findings: [
        {
          cause: 'br-no-ip',
          place: { link: 'bridge – uplink', stage: 'route', way: 'return', netns: 'host', device: 'br0' },
          loses: ['bridge – uplink return', 'socket – container forward', 'bridge – uplink return'],
          proof: 'read read asked',
          remedies: [['ip addr add 192.168.0.1/24 dev br0']],
        },
      ],
    },
    {
      name: 'a gateway that does not resolve any more is shown as well',
      evidence: edited(recorded('br-no-ip'), neighbour('target', '192.168.0.1', { states: ['FAILED'], lladdr: null })),
      findings: [
        {
          cause: 'br-no-ip',
          place: { link: 'bridge – uplink', stage: 'route', way: 'return', netns: 'host', device: 'br0' },
          loses: ['bridge – uplink return', 'socket – container forward', 'bridge – uplink return'],
          proof: 'read read asked',
          remedies: [['ip addr add 192.168.0.1/24 dev br0']],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a bridge that has the gateway address is in order',
      evidence: recorded('textbook'),
      because: "the gateway 192.168.0.1 is the host's address on br0",
    },
  ],
  notApplicable: [
    {
      name: 'a bridge with another address is the business of another check',
      evidence: recorded('br-wrong-ip'),
      reason: "192.168.0.1 is the subnet's first address, which a bridge has by custom",
    },
    {
      name: 'a bridge that is down is the business of another check',
      evidence: edited(recorded('br-no-ip'), withoutFlags('host', 'br0', 'UP')),
      reason: 'br0 is down',
    },
    {
      name: 'a routed veth has no bridge',
      evidence: recorded('routed-veth'),
      reason: 'the container is not on a bridge',
    },
    {
      name: 'a bridge that leads outside itself may have its gateway there',
      evidence: edited(
        recorded('br-no-ip'),
        link('host', 'eth0', () => ({ master: 'br0', kind: null })),
      ),
      reason: 'eth0 takes br0 outside: the gateway may be there',
    },
  ],
});
