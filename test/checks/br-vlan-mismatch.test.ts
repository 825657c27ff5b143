import { expect, test } from 'vitest';
import { brVlanMismatch } from '../../checks/bridge/br-vlan-mismatch.js';
import { diagnose } from '../../src/engine/diagnose.js';
import type { Evidence } from '../../src/model/evidence.js';
import type { BridgeVlan } from '../../src/model/state.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, bridgePort, type Edit, edited, unread } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

/** No kernel of ours filters VLANs: these are recordings of frames that a bridge dropped, with its VLANs composed. */
const composed = (whole: Evidence, ...vlans: readonly BridgeVlan[]): Evidence =>
  edited(
    whole,
    artifact('host', 'links', (all) =>
      all.map((link) => (link.kind === 'bridge' ? { ...link, data: { ...link.data, vlan_filtering: 1 } } : link)),
    ),
    ({ before, ...rest }) => {
      const { host } = before;
      if (!host) throw new Error('no host');
      const bridgeVlans = { ok: true, value: vlans, command: ['bridge', '-j', 'vlan', 'show'], ms: 2 } as const;
      return { ...rest, before: { ...before, host: { ...host, bridgeVlans } } };
    },
  );

const vlan = (ifname: string, number: number, flags: Partial<BridgeVlan> = {}): BridgeVlan => ({
  ifname,
  vlan: number,
  isPvid: true,
  isUntagged: true,
  ...flags,
});

const lateral = edited(
  recorded('br-port-isolated'),
  bridgePort('veth1_p', { isolated: false }),
  bridgePort('veth2_p', { isolated: false }),
);
const outward = edited(recorded('br-port-stp-blocking'), bridgePort('veth1_p', { state: 'forwarding' }));

const others: Edit = (whole) => ({ ...whole, kernelDrops: [] });
const finding = (cause: string, device: string, to: string) =>
  ({
    cause,
    place: {
      link: `veth-host – ${to}`,
      stage: 'bridge-forward',
      ...(cause === 'br-vlan-no-pvid' ? { turn: -2 } : {}),
      way: 'forward',
      netns: 'host',
      device,
    },
    loses: [`veth-host – ${to} forward`, 'socket – container forward', `veth-host – ${to} return`],
    proof: to === 'bridge' ? 'read read read' : 'read read read seen',
    remedies: ['instruction'],
  }) as const;

const mismatch = composed(outward, vlan('br0', 1), vlan('veth1_p', 10));
const c2c = composed(lateral, vlan('br0', 1), vlan('veth1_p', 10), vlan('veth2_p', 20));

testCheck(brVlanMismatch, {
  fails: [
    {
      name: 'port and bridge in two VLANs',
      evidence: mismatch,
      findings: [finding('br-vlan-mismatch', 'veth1_p', 'bridge')],
    },
    {
      name: 'a port that is a member and has no PVID',
      evidence: composed(outward, vlan('br0', 1), vlan('veth1_p', 1, { isPvid: false })),
      findings: [finding('br-vlan-no-pvid', 'veth1_p', 'bridge')],
    },
    {
      name: 'the bridge itself is in no VLAN',
      evidence: composed(outward, vlan('veth1_p', 1)),
      findings: [finding('br-vlan-self-missing', 'br0', 'bridge')],
    },
    {
      name: 'the answers would leave by the port with a tag',
      evidence: composed(outward, vlan('br0', 1), vlan('veth1_p', 1, { isUntagged: false })),
      findings: [finding('br-vlan-mismatch', 'veth1_p', 'bridge')],
    },
    {
      name: 'the dead VLAN of an agent',
      evidence: composed(outward, vlan('br0', 1), vlan('veth1_p', 4095)),
      findings: [finding('br-vlan-mismatch', 'veth1_p', 'bridge')],
    },
    {
      name: 'the ports of two containers in two VLANs',
      evidence: c2c,
      findings: [finding('br-vlan-mismatch-c2c', 'veth1_p', 'bridge-port')],
    },
  ],
  passes: [
    {
      name: 'one VLAN for both, other than 1, beside others',
      evidence: composed(outward, vlan('br0', 7), vlan('br0', 8, { isPvid: false }), vlan('veth1_p', 7)),
      because: 'veth1_p and br0 are in one VLAN',
    },
    {
      name: 'two PVIDs, each of which the other end sends without a tag',
      evidence: composed(
        lateral,
        vlan('veth1_p', 10),
        vlan('veth1_p', 20, { isPvid: false }),
        vlan('veth2_p', 20),
        vlan('veth2_p', 10, { isPvid: false }),
      ),
      because: 'veth1_p and veth2_p are in one VLAN',
    },
  ],
  notApplicable: [
    {
      name: 'a bridge that does not filter',
      evidence: edited(
        outward,
        (whole) => composed(whole),
        artifact('host', 'links', (all) => all.map((link) => ({ ...link, data: { ...link.data, vlan_filtering: 0 } }))),
      ),
      reason: 'br0 does not filter VLANs',
    },
    {
      name: 'VLANs that could not be read',
      evidence: edited(mismatch, unread('host', 'bridgeVlans')),
      reason: 'the VLANs of the ports were not read',
    },
    {
      name: 'a container whose own device tags',
      evidence: edited(
        mismatch,
        artifact('target', 'links', (all) => all.map((link) => ({ ...link, kind: 'vlan' }))),
      ),
      reason: 'the container tags its frames itself',
    },
    {
      name: 'a veth that is on no bridge',
      evidence: composed(recorded('routed-veth')),
      reason: 'the container is not on a bridge of this host',
    },
  ],
});

test.each([
  ['br-vlan-mismatch', mismatch],
  ['br-vlan-mismatch-c2c', c2c],
])('%s is the root where nothing else explains the loss', (cause, evidence) => {
  expect(diagnose(edited(evidence, others))).toMatchObject({ status: 'fault', cause });
});

test('a healthy network on a bridge that filters VLANs is healthy', () => {
  const healthy = diagnose(composed(recorded('textbook'), vlan('br0', 1), vlan('veth1_p', 1)));
  expect(healthy).toMatchObject({ status: 'ok', findings: [] });
});
