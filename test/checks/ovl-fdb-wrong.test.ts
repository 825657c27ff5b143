import { ovlFdbWrong } from '../../checks/overlay/ovl-fdb-wrong.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, edited } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const out = (cause: string, loses: readonly string[]) => ({
  cause,
  place: { link: 'tunnel – uplink', stage: 'route', way: 'forward', netns: 'host', device: 'flannel.1' } as const,
  loses,
  proof: 'read read',
  remedies: ['instruction'] as const,
});

testCheck(ovlFdbWrong, {
  fails: [
    {
      name: 'a next hop without a MAC is named',
      evidence: recorded('ovl-neigh-missing'),
      findings: [
        {
          cause: 'ovl-neigh-missing',
          place: { link: 'bridge – tunnel', stage: 'neighbour', way: 'forward', netns: 'host', device: 'flannel.1' },
          loses: ['bridge – tunnel forward'],
          proof: 'read read seen',
          remedies: ['instruction'],
        },
      ],
    },
    {
      name: 'a MAC without a host is named',
      evidence: recorded('ovl-fdb-missing'),
      findings: [out('ovl-fdb-missing', ['tunnel – uplink forward'])],
    },
    {
      name: 'an end that is this host itself is named',
      evidence: recorded('ovl-same-public-ip'),
      findings: [out('ovl-same-public-ip', ['tunnel – uplink forward', 'bridge – tunnel forward'])],
    },
  ],
  passes: [
    {
      name: 'a known end on another host is right',
      evidence: recorded('flannel-vxlan'),
      because: 'flannel.1 knows 192.168.11.0 as 02:0f:00:00:00:0b behind 198.51.101.20',
    },
  ],
  notApplicable: [
    {
      name: 'without a tunnel there is nothing to know',
      evidence: recorded('flannel-host-gw'),
      reason: 'the flow leaves by no VXLAN device',
    },
    {
      name: 'a device that learns asks the others itself',
      evidence: edited(
        recorded('ovl-fdb-missing'),
        artifact('host', 'links', (links) =>
          links.map((link) => (link.kind === 'vxlan' ? { ...link, data: { ...link.data, learning: true } } : link)),
        ),
      ),
      reason: 'flannel.1 asks and learns by itself',
    },
  ],
});
