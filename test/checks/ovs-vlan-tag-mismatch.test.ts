import { ovsVlanTagMismatch } from '../../checks/bridge/ovs-vlan-tag-mismatch.js';
import type { OvsPort } from '../../src/model/state.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, type Edit, edited } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const evidence = recorded('ovs-vlan-tag-mismatch');

const port =
  (ifname: string, change: Partial<OvsPort>): Edit =>
  (whole) =>
    artifact('host', 'ovsPorts', (all) => all.map((one) => (one.ifname === ifname ? { ...one, ...change } : one)))(
      whole,
    );

const finding = {
  cause: 'ovs-vlan-tag-mismatch',
  place: { link: 'lower – bridge', stage: 'bridge-forward', way: 'forward', netns: 'host', device: 'qvo1' },
  proof: 'read read',
  remedies: ['instruction'],
} as const;

const LOST = ['lower – bridge forward', 'socket – container forward', 'lower – bridge return'];

testCheck(ovsVlanTagMismatch, {
  fails: [
    {
      name: 'the dead VLAN: the frames leave by the device of the bridge with their tag on',
      evidence,
      findings: [
        {
          ...finding,
          loses: [
            'lower – bridge forward',
            'bridge – uplink forward',
            'socket – container forward',
            'lower – bridge return',
          ],
        },
      ],
    },
    {
      name: 'two VLANs: the frames do not leave the switch',
      evidence: edited(evidence, port('qvo1', { tag: 7 }), port('br-int', { tag: 8 })),
      findings: [{ ...finding, loses: LOST }],
    },
    {
      name: 'a trunk that does not carry the VLAN',
      evidence: edited(evidence, port('br-int', { trunks: [10, 20] })),
      findings: [{ ...finding, loses: LOST }],
    },
    {
      name: 'only the device of the bridge has a tag',
      evidence: edited(evidence, port('qvo1', { tag: null }), port('br-int', { tag: 8 })),
      findings: [{ ...finding, loses: LOST }],
    },
  ],
  passes: [
    {
      name: 'ports without a tag',
      evidence: recorded('openstack'),
      because: 'qvo1 and br-int are in one VLAN',
    },
    {
      name: 'the same tag on both',
      evidence: edited(evidence, port('br-int', { tag: 4095 })),
      because: 'qvo1 and br-int are in one VLAN',
    },
  ],
  notApplicable: [
    {
      name: 'a bridge of Linux is no Open vSwitch',
      evidence: recorded('textbook'),
      reason: 'the packets pass no Open vSwitch that is known',
    },
    {
      name: 'a VLAN device takes the frames with that tag',
      evidence: edited(
        evidence,
        artifact('host', 'links', (all) => [
          ...all,
          ...all
            .filter(({ ifname }) => ifname === 'br-int')
            .map((link) => ({ ...link, ifname: 'vlan4095', kind: 'vlan', lower: 'br-int', data: { id: 4095 } })),
        ]),
      ),
      reason: 'a VLAN device on br-int takes the frames',
    },
  ],
});
