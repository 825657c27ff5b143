import { pubDnatWrong } from '../../checks/published/pub-dnat-wrong.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, edited, published } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(pubDnatWrong, {
  fails: [
    {
      name: 'a rule leads to an address that no container has',
      evidence: recorded('pub-dnat-wrong-ip'),
      findings: [
        {
          cause: 'pub-dnat-wrong-ip',
          place: {
            link: 'uplink – bridge',
            stage: 'prerouting',
            way: 'forward',
            netns: 'host',
            object: 'table ip nat chain DOCKER rule 1',
          },
          loses: ['uplink – bridge forward'],
          proof: 'read counted read',
          remedies: [
            [
              'iptables -t nat -I PREROUTING 1 -d 198.51.100.10 -p tcp --dport 8080 -j DNAT --to-destination 192.168.0.2:80',
            ],
            'instruction',
          ],
        },
      ],
    },
    {
      name: 'an older rule is ahead of the right one',
      evidence: recorded('pub-dnat-duplicate'),
      findings: [
        {
          cause: 'pub-dnat-duplicate',
          place: {
            link: 'uplink – bridge',
            stage: 'prerouting',
            way: 'forward',
            netns: 'host',
            object: 'table ip nat chain DOCKER rule 1',
          },
          loses: ['uplink – bridge forward'],
          proof: 'read counted read read',
          remedies: [
            [
              'iptables -t nat -I PREROUTING 1 -d 198.51.100.10 -p tcp --dport 8080 -j DNAT --to-destination 192.168.0.2:80',
            ],
            'instruction',
          ],
        },
      ],
    },
    {
      name: 'a rule leads to a closed port while another is open',
      evidence: recorded('pub-dnat-wrong-port'),
      findings: [
        {
          cause: 'pub-dnat-wrong-port',
          place: {
            link: 'uplink – bridge',
            stage: 'prerouting',
            way: 'forward',
            netns: 'host',
            object: 'table ip nat chain DOCKER rule 1',
          },
          loses: ['container – service forward'],
          proof: 'read counted read counted',
          remedies: [
            [
              'iptables -t nat -I PREROUTING 1 -d 198.51.100.10 -p tcp --dport 8080 -j DNAT --to-destination 192.168.0.2:80',
            ],
            'instruction',
          ],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a rule that leads to the right port',
      evidence: recorded('pub-ctr-fw-input'),
      because:
        '-A DOCKER ! -i br0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 192.168.0.2:80 leads to the container',
    },
    {
      name: 'the closed port is the one that the runtime was told: then the program is missing, not the rule wrong',
      evidence: edited(recorded('pub-dnat-wrong-port'), published({ port: 81 })),
      because:
        '-A DOCKER ! -i br0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 192.168.0.2:81 leads to the container',
    },
    {
      name: 'no port is open at all: nothing says that another one was meant',
      evidence: edited(
        recorded('pub-dnat-wrong-port'),
        artifact('target', 'sockets', () => []),
      ),
      because:
        '-A DOCKER ! -i br0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 192.168.0.2:81 leads to the container',
    },
    {
      name: 'it leads to another address of the same container',
      evidence: edited(
        recorded('pub-dnat-wrong-ip'),
        artifact('target', 'addresses', (all) =>
          all.map((own) => (own.ifname === 'lo' && own.family === 4 ? { ...own, local: '192.168.0.66' } : own)),
        ),
      ),
      because:
        '-A DOCKER ! -i br0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 192.168.0.66:80 leads to another address of the container',
    },
  ],
  notApplicable: [
    {
      name: 'without a rule',
      evidence: recorded('pub-dnat-missing'),
      reason: 'no rule translates the destination',
    },
  ],
});
