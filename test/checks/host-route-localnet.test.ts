import { hostRouteLocalnet } from '../../checks/host/host-route-localnet.js';
import { testCheck } from '../helpers/check-cases.js';
import { recorded } from '../helpers/evidence.js';

testCheck(hostRouteLocalnet, {
  fails: [
    {
      name: 'a device that has to take loopback destinations gets route_localnet',
      evidence: recorded('host-route-localnet'),
      findings: [
        {
          cause: 'host-route-localnet',
          place: {
            link: 'bridge \u2013 service',
            stage: 'route',
            way: 'forward',
            netns: 'host',
            device: 'br0',
            object: 'net.ipv4.conf.br0.route_localnet',
          },
          loses: ['bridge \u2013 service forward', 'veth-host \u2013 bridge forward'],
          proof: 'read read',
          remedies: [['sysctl -w net.ipv4.conf.br0.route_localnet=1']],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a loopback destination that no rule of the host made is another matter',
      evidence: recorded('ctr-istio-redirect-no-proxy'),
      because: 'no rule sends it there',
    },
  ],
  notApplicable: [
    {
      name: 'without loopback destinations there is nothing to take',
      evidence: recorded('textbook'),
      reason: 'no packet for a loopback address comes in',
    },
  ],
});
