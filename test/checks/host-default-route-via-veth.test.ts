import { hostDefaultRouteViaVeth } from '../../checks/host/host-default-route-via-veth.js';
import { testCheck } from '../helpers/check-cases.js';
import { recorded } from '../helpers/evidence.js';

testCheck(hostDefaultRouteViaVeth, {
  fails: [
    {
      name: 'a default route by the veth of a container is deleted',
      evidence: recorded('host-default-route-via-veth'),
      findings: [
        {
          cause: 'host-default-route-via-veth',
          place: {
            link: 'bridge \u2013 uplink',
            stage: 'route',
            way: 'forward',
            netns: 'host',
            device: 'veth1_p',
            object: 'default dev veth1_p scope link metric 1',
          },
          loses: ['bridge \u2013 uplink forward'],
          proof: 'read asked seen',
          remedies: [['ip route del default dev veth1_p scope link metric 1']],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a dead gateway on the uplink is no container',
      evidence: recorded('host-gateway-unreachable'),
      because: 'the route leads to no container',
    },
  ],
  notApplicable: [
    {
      name: 'a next hop that answers is in order',
      evidence: recorded('textbook'),
      reason: 'the next hop of the host is not silent',
    },
  ],
});
