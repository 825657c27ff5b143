import { pubDnatMissing } from '../../checks/published/pub-dnat-missing.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, asDocker, edited, published } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(pubDnatMissing, {
  fails: [
    {
      name: 'without its rule the host takes the packets for itself; the container has one port that is open to others',
      evidence: recorded('pub-dnat-missing'),
      findings: [
        {
          cause: 'pub-dnat-missing',
          place: {
            link: 'uplink – bridge',
            stage: 'prerouting',
            way: 'forward',
            netns: 'host',
            object: 'table ip nat chain PREROUTING',
          },
          loses: ['uplink – bridge forward'],
          proof: 'read read counted',
          remedies: [
            [
              'iptables -t nat -I PREROUTING 1 -d 198.51.100.10 -p tcp --dport 8080 -j DNAT --to-destination 192.168.0.2:80',
            ],
          ],
        },
      ],
    },
    {
      name: 'which of two open ports was meant, nobody says',
      evidence: edited(
        recorded('pub-dnat-missing'),
        artifact('target', 'sockets', (all) => [...all, { protocol: 'tcp' as const, address: '0.0.0.0', port: 443 }]),
      ),
      findings: [
        {
          cause: 'pub-dnat-missing',
          place: {
            link: 'uplink – bridge',
            stage: 'prerouting',
            way: 'forward',
            netns: 'host',
            object: 'table ip nat chain PREROUTING',
          },
          loses: ['uplink – bridge forward'],
          proof: 'read counted',
          remedies: ['instruction'],
        },
      ],
    },
    {
      name: 'Docker knows the port: it is let make its rules anew, or a rule is made by hand',
      evidence: edited(recorded('pub-dnat-missing'), asDocker('0.0.0.0:8080->80/tcp'), published({ port: 80 })),
      findings: [
        {
          cause: 'pub-dnat-missing',
          place: {
            link: 'uplink – bridge',
            stage: 'prerouting',
            way: 'forward',
            netns: 'host',
            object: 'table ip nat chain PREROUTING',
          },
          loses: ['uplink – bridge forward'],
          proof: 'read read read counted',
          remedies: [
            ['docker restart net1'],
            [
              'iptables -t nat -I PREROUTING 1 -d 198.51.100.10 -p tcp --dport 8080 -j DNAT --to-destination 192.168.0.2:80',
            ],
          ],
        },
      ],
    },
    {
      name: 'from the host itself it is OUTPUT that has no rule; another rule for the port names the meant one',
      evidence: recorded('pub-local-output-dnat-missing'),
      findings: [
        {
          cause: 'pub-local-output-dnat-missing',
          place: {
            link: 'socket – bridge',
            stage: 'output',
            way: 'forward',
            netns: 'host',
            object: 'table ip nat chain OUTPUT',
          },
          loses: ['socket – bridge forward'],
          proof: 'read counted',
          remedies: [
            [
              'iptables -t nat -I OUTPUT 1 -d 198.51.100.10 -p tcp --dport 8080 -j DNAT --to-destination 192.168.0.2:80',
            ],
          ],
        },
      ],
    },
    {
      name: "a rule that leaves out the bridge of the containers does not lead another container's packets",
      evidence: recorded('pub-dnat-excludes-bridge'),
      findings: [
        {
          cause: 'pub-dnat-excludes-bridge',
          place: {
            link: 'bridge – veth-host',
            stage: 'prerouting',
            way: 'forward',
            netns: 'host',
            object: 'table ip nat chain PREROUTING',
          },
          loses: ['bridge – veth-host forward'],
          proof: 'read counted',
          remedies: ['instruction'],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'with its rule',
      evidence: recorded('pub-service-bound-loopback'),
      because: '-A DOCKER ! -i br0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 192.168.0.2:8081 leads it on',
    },
  ],
  notApplicable: [
    {
      name: 'a port published on 127.0.0.1 alone is told by another check',
      evidence: recorded('pub-bound-host-loopback'),
      reason: 'the port is published on a loopback address alone',
    },
    {
      name: 'a program of the host that has the port is told by another check',
      evidence: recorded('pub-host-service-shadows'),
      reason: 'a program of the host has the port',
    },
  ],
});
