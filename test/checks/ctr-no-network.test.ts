import { ctrNoNetwork } from '../../checks/container/ctr-no-network.js';
import { testCheck } from '../helpers/check-cases.js';
import { recorded } from '../helpers/evidence.js';

testCheck(ctrNoNetwork, {
  fails: [
    {
      name: 'a container with lo alone has no network',
      evidence: recorded('ctr-internal-net-none'),
      findings: [
        {
          cause: 'ctr-no-network',
          place: { link: 'socket – container', stage: 'route', way: 'forward', netns: 'target' },
          loses: ['socket – container forward'],
          proof: 'read asked asked',
          remedies: ['instruction'],
        },
      ],
    },
    {
      name: 'a container whose veth pair was deleted has no network',
      evidence: recorded('veth-deleted'),
      findings: [
        {
          cause: 'ctr-no-network',
          place: { link: 'socket – container', stage: 'route', way: 'forward', netns: 'target' },
          loses: ['socket – container forward'],
          proof: 'read asked asked',
          remedies: ['instruction'],
        },
      ],
    },
    {
      name: 'a container of Docker is connected to a network',
      evidence: {
        ...recorded('veth-deleted'),
        target: { ...recorded('veth-deleted').target, kind: 'docker', name: 'web-1' },
      },
      findings: [
        {
          cause: 'ctr-no-network',
          place: { link: 'socket – container', stage: 'route', way: 'forward', netns: 'target' },
          loses: ['socket – container forward'],
          proof: 'read asked asked',
          remedies: [['docker network disconnect none web-1', 'docker network connect bridge web-1']],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a container with an interface has a network',
      evidence: recorded('textbook'),
      because: 'the container has eth0',
    },
  ],
  notApplicable: 'never',
});
