import { xdpDrop } from '../../checks/host/xdp-drop.js';
import type { Evidence } from '../../src/model/evidence.js';
import { testCheck } from '../helpers/check-cases.js';
import { edited, link } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const withoutKernel = (evidence: Evidence): Evidence => ({ ...evidence, kernelDrops: [] });

const XDP = { mode: 2, prog: { id: 7, name: 'filter' } };

const finding = {
  cause: 'veth-xdp-drop',
  place: { link: 'container – veth-host', stage: 'tc', way: 'forward', netns: 'host', device: 'veth1_p' },
  loses: ['container – veth-host forward'],
  proof: 'read',
} as const;

testCheck(xdpDrop, {
  fails: [
    {
      name: 'a program on the host veth drops the request before any capture there',
      evidence: recorded('veth-xdp-drop'),
      findings: [{ ...finding, remedies: [['ip link set dev veth1_p xdpgeneric off']] }],
    },
    {
      name: 'so it is where the kernel tells of no drops, as without tracefs',
      evidence: edited(recorded('veth-xdp-drop'), withoutKernel),
      findings: [{ ...finding, remedies: [['ip link set dev veth1_p xdpgeneric off']] }],
    },
    {
      name: 'a program that the driver runs is taken off as such',
      evidence: edited(
        recorded('veth-xdp-drop'),
        link('host', 'veth1_p', () => ({ xdp: { ...XDP, mode: 1 } })),
      ),
      findings: [{ ...finding, remedies: [['ip link set dev veth1_p xdpdrv off']] }],
    },
    {
      name: 'it is the same for IPv6, of which the device knows nothing',
      evidence: edited(recorded('veth-xdp-drop'), (evidence) => ({
        ...evidence,
        flow: { ...evidence.flow, family: 6, source: '2001:db8::2', destination: '2001:db8:1::5' },
      })),
      findings: [{ ...finding, remedies: [['ip link set dev veth1_p xdpgeneric off']] }],
    },
  ],
  passes: [
    {
      name: 'a program on the uplink of a host whose packets get no answer, of which the kernel tells nothing',
      evidence: edited(
        recorded('uplink-upstream-drops'),
        link('host', 'eth0', () => ({ xdp: XDP })),
      ),
      because: 'the XDP programs let the packets pass',
    },
    {
      name: 'a program on the path of packets that pass it',
      evidence: edited(
        recorded('nf-forward-policy-drop'),
        link('host', 'veth1_p', () => ({ xdp: XDP })),
      ),
      because: 'the XDP programs let the packets pass',
    },
    {
      name: 'drops on the same link that the kernel puts elsewhere',
      evidence: edited(recorded('veth-xdp-drop'), (evidence) => ({
        ...evidence,
        kernelDrops: evidence.kernelDrops.map((drop) => ({ ...drop, function: 'veth_xmit' })),
      })),
      because: 'the XDP programs let the packets pass',
    },
  ],
  notApplicable: [
    { name: 'a host without XDP', evidence: recorded('textbook'), reason: 'no device on this path has an XDP program' },
  ],
});
