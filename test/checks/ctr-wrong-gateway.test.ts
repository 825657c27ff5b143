import { ctrWrongGateway } from '../../checks/container/ctr-wrong-gateway.js';
import { testCheck } from '../helpers/check-cases.js';
import { edited, neighbour } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(ctrWrongGateway, {
  fails: [
    {
      name: 'a gateway that nobody has is replaced by the address of the bridge',
      evidence: recorded('ctr-wrong-gateway'),
      findings: [
        {
          cause: 'ctr-wrong-gateway',
          place: {
            link: 'socket – container',
            stage: 'neighbour',
            way: 'forward',
            netns: 'target',
            object: 'default via 192.168.0.254',
          },
          loses: ['socket – container forward'],
          proof: 'read read read seen',
          remedies: [['ip -n net1 route replace default via 192.168.0.1']],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a gateway that is an address of the host is in order',
      evidence: recorded('textbook'),
      because: "the gateway 192.168.0.1 is the host's address on br0",
    },
    {
      name: 'a gateway that answers is not wrong, whoever has it',
      evidence: edited(
        recorded('ctr-wrong-gateway'),
        neighbour('target', '192.168.0.254', { states: ['REACHABLE'], lladdr: '02:00:00:00:00:77' }),
      ),
      because: 'the gateway 192.168.0.254 has the MAC 02:00:00:00:00:77',
    },
  ],
  notApplicable: [
    {
      name: 'where the gateway is the first address of the subnet, the bridge is wrong',
      evidence: recorded('br-wrong-ip'),
      reason: "192.168.0.1 is the subnet's first address, which a bridge has by custom",
    },
    {
      name: 'a routed veth has no bridge',
      evidence: recorded('routed-veth'),
      reason: 'the container is not on a bridge',
    },
  ],
});
