import { pubHostServiceShadows } from '../../checks/published/pub-host-service-shadows.js';
import { testCheck } from '../helpers/check-cases.js';
import { edited, published } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(pubHostServiceShadows, {
  fails: [
    {
      name: 'a program of the host answers in place of the container',
      evidence: recorded('pub-host-service-shadows'),
      findings: [
        {
          cause: 'pub-host-service-shadows',
          place: {
            link: 'uplink – bridge',
            stage: 'prerouting',
            way: 'forward',
            netns: 'host',
            object: 'table ip nat chain PREROUTING',
          },
          loses: ['uplink – bridge forward'],
          proof: 'read read read',
          remedies: [
            [
              'iptables -t nat -I PREROUTING 1 -d 198.51.100.10 -p tcp --dport 8089 -j DNAT --to-destination 192.168.0.2:80',
            ],
            'instruction',
          ],
        },
      ],
    },
    {
      name: 'the port that the runtime was told is led there by a rule',
      evidence: edited(recorded('pub-host-service-shadows'), published({ port: 80 })),
      findings: [
        {
          cause: 'pub-host-service-shadows',
          place: {
            link: 'uplink – bridge',
            stage: 'prerouting',
            way: 'forward',
            netns: 'host',
            object: 'table ip nat chain PREROUTING',
          },
          loses: ['uplink – bridge forward'],
          proof: 'read read',
          remedies: [
            [
              'iptables -t nat -I PREROUTING 1 -d 198.51.100.10 -p tcp --dport 8089 -j DNAT --to-destination 192.168.0.2:80',
            ],
            'instruction',
          ],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a rule leads the port on first',
      evidence: recorded('pub-ctr-fw-input'),
      because: 'a rule leads the port on before any program of the host sees it',
    },
    {
      name: 'the program is docker-proxy',
      evidence: edited(
        recorded('pub-host-service-shadows'),
        published({ proxy: { pid: 4711, container: '192.168.0.2', port: 80 } }),
      ),
      because: 'no program of the host takes 198.51.100.10:8089',
    },
    {
      name: 'nothing of the host has the port',
      evidence: recorded('pub-dnat-missing'),
      because: 'no program of the host takes 198.51.100.10:8080',
    },
  ],
  notApplicable: 'never',
});
