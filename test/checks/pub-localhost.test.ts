import { pubLocalhost } from '../../checks/published/pub-localhost.js';
import { testCheck } from '../helpers/check-cases.js';
import { edited, sysctl } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(pubLocalhost, {
  fails: [
    {
      name: 'without route_localnet nothing leaves for the container from 127.0.0.1',
      evidence: recorded('pub-localhost-no-route-localnet'),
      findings: [
        {
          cause: 'pub-localhost-no-route-localnet',
          place: {
            link: 'socket – bridge',
            stage: 'output',
            way: 'forward',
            netns: 'host',
            device: 'br0',
            object: 'net.ipv4.conf.br0.route_localnet',
          },
          loses: ['socket – bridge forward'],
          proof: 'read read counted',
          remedies: [['sysctl -w net.ipv4.conf.br0.route_localnet=1']],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'route_localnet of the bridge alone is enough',
      evidence: edited(
        recorded('pub-localhost-no-route-localnet'),
        sysctl('host', 'net.ipv4.conf.br0.route_localnet', '1'),
      ),
      because: 'its source may leave by the device of the container',
    },
    {
      name: 'another address of the host may leave by any device',
      evidence: recorded('pub-local-output-dnat-missing'),
      because: 'its source may leave by the device of the container',
    },
  ],
  notApplicable: [
    {
      name: 'a client outside has no loopback address of the host',
      evidence: recorded('pub-rp-filter-dnat'),
      reason: 'the host itself does not connect',
    },
  ],
});
