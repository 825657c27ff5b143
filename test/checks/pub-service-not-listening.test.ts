import { pubServiceNotListening } from '../../checks/published/pub-service-not-listening.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, edited, published } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(pubServiceNotListening, {
  fails: [
    {
      name: 'no socket has the port at which the packets arrive',
      evidence: recorded('pub-service-not-running'),
      findings: [
        {
          cause: 'pub-service-not-running',
          place: { link: 'container – service', stage: 'socket', way: 'forward', netns: 'target', device: 'eth0' },
          loses: ['container – service forward'],
          proof: 'read counted',
          remedies: ['instruction'],
        },
      ],
    },
    {
      name: 'the port that the runtime was told is closed, whatever else is open',
      evidence: edited(recorded('pub-dnat-wrong-port'), published({ port: 81 })),
      findings: [
        {
          cause: 'pub-service-not-running',
          place: { link: 'container – service', stage: 'socket', way: 'forward', netns: 'target', device: 'eth0' },
          loses: ['container – service forward'],
          proof: 'read counted',
          remedies: ['instruction'],
        },
      ],
    },
    {
      name: 'nothing listens in the container at all',
      evidence: edited(
        recorded('pub-dnat-wrong-port'),
        artifact('target', 'sockets', () => []),
      ),
      findings: [
        {
          cause: 'pub-service-not-running',
          place: { link: 'container – service', stage: 'socket', way: 'forward', netns: 'target', device: 'eth0' },
          loses: ['container – service forward'],
          proof: 'read counted',
          remedies: ['instruction'],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a program listens there',
      evidence: recorded('pub-ctr-fw-input'),
      because: 'port 80 of the container is open',
    },
    {
      name: 'a socket for both families takes it too',
      evidence: edited(
        recorded('pub-service-not-running'),
        artifact('target', 'sockets', () => [{ protocol: 'tcp' as const, address: '*', port: 1 }]),
      ),
      because: 'port 1 of the container is open',
    },
  ],
  notApplicable: [
    {
      name: 'no packet arrives',
      evidence: recorded('pub-dnat-missing'),
      reason: 'no packet arrives at a port of the container',
    },
    {
      name: 'the rule leads to a closed port, and another is open',
      evidence: recorded('pub-dnat-wrong-port'),
      reason: 'the rule leads to another port than those that are open',
    },
  ],
});
