import { hostMartianSource } from '../../checks/host/host-martian-source.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, edited } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(hostMartianSource, {
  fails: [
    {
      name: 'a source that the host has itself',
      evidence: recorded('host-martian-own-source'),
      findings: [
        {
          cause: 'host-martian-own-source',
          place: { link: 'bridge – uplink', stage: 'route', way: 'forward', netns: 'host', device: 'br0' },
          loses: ['bridge – uplink forward'],
          proof: 'read asked',
          remedies: [['ip -n net1 route replace default via 192.168.0.1 dev eth0 src 192.168.0.2']],
        },
      ],
    },
    {
      name: 'which of two other addresses is the right one is not certain',
      evidence: edited(
        recorded('host-martian-own-source'),
        artifact('target', 'addresses', (all) => [
          ...all,
          ...all.filter(({ local }) => local === '192.168.0.2').map((one) => ({ ...one, local: '192.168.0.9' })),
        ]),
      ),
      findings: [
        {
          cause: 'host-martian-own-source',
          place: { link: 'bridge – uplink', stage: 'route', way: 'forward', netns: 'host', device: 'br0' },
          loses: ['bridge – uplink forward'],
          proof: 'read asked',
          remedies: ['instruction'],
        },
      ],
    },
  ],
  passes: [
    { name: 'a source of its own', evidence: recorded('textbook'), because: 'the source is no address of the host' },
    {
      name: 'another reverse-path drop',
      evidence: recorded('host-rp-filter-container-side'),
      because: 'the source is no address of the host',
    },
  ],
  notApplicable: [
    {
      name: 'within a bridge the host routes nothing',
      evidence: recorded('two-containers'),
      reason: 'the host routes nothing on this path',
    },
  ],
});
