import { ovlInnerMtu1500 } from '../../checks/overlay/ovl-inner-mtu-1500.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, edited } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const place = {
  link: 'tunnel – uplink',
  stage: 'postrouting',
  way: 'forward',
  netns: 'host',
  device: 'flannel.1',
} as const;

testCheck(ovlInnerMtu1500, {
  fails: [
    {
      name: 'fragments of wrapped packets that nobody answers are told',
      evidence: recorded('ovl-inner-mtu-1500'),
      findings: [
        {
          cause: 'ovl-inner-mtu-1500',
          place,
          loses: ['uplink – outside forward', 'uplink – outside return'],
          proof: 'read read inferred',
          remedies: [['ip link set dev flannel.1 mtu 1450', 'ip -n net1 link set dev eth0 mtu 1450']],
        },
      ],
    },
    {
      name: 'wrapped packets that must not be fragmented are lost here',
      evidence: recorded('ovl-mtu-df'),
      findings: [
        {
          cause: 'ovl-mtu-df',
          place,
          loses: ['tunnel – uplink forward'],
          proof: 'read read inferred read',
          remedies: [['ip link set dev flannel.1 type vxlan id 1 df unset']],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'small packets fit',
      evidence: recorded('ovl-vni-mismatch'),
      because: `packets of ${recorded('ovl-vni-mismatch').probeSettings.size + 28 + 50} bytes with the tunnel's headers fit eth0`,
    },
    {
      name: 'a tunnel that leaves room for its headers is right',
      evidence: edited(
        recorded('ovl-inner-mtu-1500'),
        artifact('host', 'links', (links) =>
          links.map((link) => (link.kind === 'vxlan' ? { ...link, mtu: 1450 } : link)),
        ),
      ),
      because: 'the tunnel fits its uplink',
    },
  ],
  notApplicable: [
    {
      name: 'without a tunnel nothing is wrapped',
      evidence: recorded('textbook'),
      reason: 'the flow leaves by no VXLAN device',
    },
    {
      name: 'an unknown device below has no size',
      evidence: recorded('ovl-fdb-missing'),
      reason: 'the device below the tunnel is not known',
    },
  ],
});
