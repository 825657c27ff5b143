import { brWrongIp } from '../../checks/bridge/br-wrong-ip.js';
import { testCheck } from '../helpers/check-cases.js';
import { addresses, edited } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(brWrongIp, {
  fails: [
    {
      name: 'a bridge with another address than the gateway gets that one as well',
      evidence: recorded('br-wrong-ip'),
      findings: [
        {
          cause: 'br-wrong-ip',
          place: { link: 'socket – container', stage: 'neighbour', way: 'forward', netns: 'host', device: 'br0' },
          loses: ['socket – container forward'],
          proof: 'read read read seen',
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
    {
      name: 'a gateway on another subnet than the bridge is no matter of its address',
      evidence: edited(
        recorded('br-wrong-ip'),
        addresses('host', (one) => [one.ifname === 'br0' ? { ...one, local: '192.168.7.254' } : one]),
      ),
      because: "br0 is not on the gateway's subnet",
    },
  ],
  notApplicable: [
    {
      name: 'a routed veth has no bridge',
      evidence: recorded('routed-veth'),
      reason: 'the container is not on a bridge',
    },
    {
      name: 'where the container talked to the bridge before, its own route is wrong',
      evidence: recorded('ctr-wrong-gateway'),
      reason: 'the container has talked to 192.168.0.1 on br0 before',
    },
    {
      name: 'a bridge without any address is the business of another check',
      evidence: recorded('br-no-ip'),
      reason: 'br0 has no IPv4 address',
    },
  ],
});
