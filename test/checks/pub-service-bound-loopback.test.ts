import { pubServiceBoundLoopback } from '../../checks/published/pub-service-bound-loopback.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, asDocker, edited } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(pubServiceBoundLoopback, {
  fails: [
    {
      name: 'the service listens on 127.0.0.1 of the container',
      evidence: recorded('pub-service-bound-loopback'),
      findings: [
        {
          cause: 'pub-service-bound-loopback',
          place: { link: 'container – service', stage: 'socket', way: 'forward', netns: 'target', device: 'eth0' },
          loses: ['container – service forward'],
          proof: 'read counted',
          remedies: ['instruction'],
        },
      ],
    },
    {
      name: 'the only rule for the port asks for 127.0.0.1',
      evidence: recorded('pub-bound-host-loopback'),
      findings: [
        {
          cause: 'pub-bound-host-loopback',
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
      name: 'Docker published it on 127.0.0.1',
      evidence: edited(recorded('pub-dnat-missing'), asDocker('127.0.0.1:8080->80/tcp')),
      findings: [
        {
          cause: 'pub-bound-host-loopback',
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
  ],
  passes: [
    {
      name: 'a socket on all addresses',
      evidence: recorded('pub-ctr-fw-input'),
      because: 'port 80: no socket is on another address alone',
    },
    {
      name: 'a second socket on the address of the container',
      evidence: edited(
        recorded('pub-service-bound-loopback'),
        artifact('target', 'sockets', (all) => [
          ...all,
          { protocol: 'tcp' as const, address: '192.168.0.2', port: 8081 },
        ]),
      ),
      because: 'port 8081: no socket is on another address alone',
    },
  ],
  notApplicable: [
    {
      name: 'no packet arrives in the container',
      evidence: recorded('pub-dnat-missing'),
      reason: 'no packet arrives in the container',
    },
    {
      name: 'Docker published it on another address as well',
      evidence: edited(recorded('pub-dnat-missing'), asDocker('127.0.0.1:8080->80/tcp', '198.51.100.10:8080->80/tcp')),
      reason: 'no packet arrives in the container',
    },
  ],
});
