import { hostProxyArpOff } from '../../checks/host/host-proxy-arp-off.js';
import { testCheck } from '../helpers/check-cases.js';
import { recorded } from '../helpers/evidence.js';

testCheck(hostProxyArpOff, {
  fails: [
    {
      name: 'the host answers for the gateway again',
      evidence: recorded('host-proxy-arp-off'),
      findings: [
        {
          cause: 'host-proxy-arp-off',
          place: {
            link: 'socket \u2013 container',
            stage: 'neighbour',
            way: 'forward',
            netns: 'host',
            device: 'cali1',
            object: 'net.ipv4.conf.cali1.proxy_arp',
          },
          loses: ['socket \u2013 container forward'],
          proof: 'read read seen',
          remedies: [['sysctl -w net.ipv4.conf.cali1.proxy_arp=1']],
        },
      ],
    },
    {
      name: 'a host without a default route gets a route for the gateway',
      evidence: recorded('host-proxy-arp-no-default-route'),
      findings: [
        {
          cause: 'host-proxy-arp-no-default-route',
          place: {
            link: 'socket \u2013 container',
            stage: 'neighbour',
            way: 'forward',
            netns: 'host',
            device: 'cali1',
            object: 'route to 169.254.1.1',
          },
          loses: ['socket \u2013 container forward'],
          proof: 'read read seen',
          remedies: [['ip route add 169.254.1.1/32 dev lo']],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a gateway that resolves is answered for',
      evidence: recorded('routed-veth'),
      because: '169.254.1.1 has a MAC in the container',
    },
    {
      name: 'a gateway that the host has needs no proxy',
      evidence: recorded('veth-not-enslaved'),
      because: 'the host has 192.168.0.1 itself',
    },
  ],
  notApplicable: [
    {
      name: 'on a bridge the host has the gateway',
      evidence: recorded('textbook'),
      reason: 'the container has no gateway on a routed veth',
    },
  ],
});
