import { tcDrop } from '../../checks/host/tc-drop.js';
import type { Evidence } from '../../src/model/evidence.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, edited, unread } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const withoutKernel = (evidence: Evidence): Evidence => ({ ...evidence, kernelDrops: [] });

/** No hook of tc dropped anything during the probe. */
const uncounted = (netns: string) => artifact(netns, 'qdiscs', (all) => all.map((one) => ({ ...one, drops: 0 })));

/** Programs that cannot be read, as those of an agent. */
const opaque = artifact('host', 'tcFilters', (all) => all.map(({ program: _, ...filter }) => filter));

/** What lets a packet pass before the filter is asked. */
const bypass = (at: string, source: string, destination: string): string =>
  `tc filter add dev ${at} protocol ip pref 49151 u32 match ip src ${source}/32 match ip dst ${destination}/32 flowid 1:1`;

/** The filter of an agent that comes before all others. */
const first = artifact('host', 'tcFilters', (all) => all.map((filter) => ({ ...filter, preference: 1 })));

/** `ret 2`, which is TC_ACT_SHOT. */
const DROP_ALL = [{ code: 6, jt: 0, jf: 0, k: 2 }];

/** A filter that takes ARP alone: what is asked for is not known. */
const ofArp = (evidence: Evidence): Evidence =>
  edited(
    withoutKernel(evidence),
    uncounted('host'),
    artifact('host', 'tcFilters', (all) => all.map((filter) => ({ ...filter, protocol: 'arp', program: DROP_ALL }))),
    artifact('target', 'neighbours', () => []),
    artifact('host', 'neighbours', () => []),
  );

const ingress = {
  cause: 'veth-tc-ingress-bpf-drop',
  place: { link: 'veth-host – bridge', stage: 'tc', way: 'forward', netns: 'host', device: 'veth1_p' },
  loses: ['veth-host – bridge forward'],
  remedies: [[bypass('veth1_p ingress', '192.168.0.2', '203.0.113.5')], ['tc filter del dev veth1_p ingress']],
} as const;

const egress = {
  cause: 'veth-tc-egress-bpf-drop',
  place: { link: 'veth-host – bridge', stage: 'tc', way: 'return', netns: 'host', device: 'veth1_p' },
  loses: ['veth-host – bridge return'],
  remedies: [[bypass('veth1_p egress', '203.0.113.5', '192.168.0.2')], ['tc filter del dev veth1_p egress']],
} as const;

testCheck(tcDrop, {
  fails: [
    {
      name: 'a BPF filter at the ingress of the host veth drops the request',
      evidence: recorded('veth-tc-ingress-bpf-drop'),
      findings: [{ ...ingress, proof: 'read counted' }],
    },
    {
      name: 'the kernel says so where nothing was counted',
      evidence: edited(recorded('veth-tc-ingress-bpf-drop'), uncounted('host')),
      findings: [{ ...ingress, proof: 'read' }],
    },
    {
      name: 'the counter says so where the kernel tells of no drops, as without tracefs',
      evidence: edited(recorded('veth-tc-ingress-bpf-drop'), withoutKernel),
      findings: [{ ...ingress, proof: 'read counted' }],
    },
    {
      name: 'the kernel says so where the filters could not be read',
      evidence: edited(recorded('veth-tc-ingress-bpf-drop'), unread('host', 'tcFilters')),
      findings: [{ ...ingress, proof: 'read counted', remedies: [['tc filter del dev veth1_p ingress']] }],
    },
    {
      name: 'a BPF filter at the ingress of the uplink drops the reply that a capture there still shows',
      evidence: recorded('uplink-tc-ingress-drop'),
      findings: [
        {
          cause: 'uplink-tc-ingress-drop',
          place: { link: 'bridge – uplink', stage: 'tc', way: 'return', netns: 'host', device: 'eth0' },
          loses: ['bridge – uplink return'],
          proof: 'read counted',
          remedies: [[bypass('eth0 ingress', '203.0.113.5', '198.51.100.10')], ['tc filter del dev eth0 ingress']],
        },
      ],
    },
    {
      name: 'a BPF filter at the egress of the host veth drops the reply',
      evidence: recorded('veth-tc-egress-bpf-drop'),
      findings: [{ ...egress, proof: 'read counted' }],
    },
    {
      name: 'its program alone says so of the egress too',
      evidence: edited(recorded('veth-tc-egress-bpf-drop'), withoutKernel, uncounted('host')),
      findings: [{ ...egress, proof: 'read' }],
    },
    {
      name: 'it is the same for IPv6, of which a filter knows nothing',
      evidence: edited(recorded('veth-tc-ingress-bpf-drop'), (evidence) => ({
        ...evidence,
        flow: { ...evidence.flow, family: 6, source: '2001:db8::2', destination: '2001:db8:1::5' },
      })),
      findings: [{ ...ingress, proof: 'read counted', remedies: [['tc filter del dev veth1_p ingress']] }],
    },
    {
      name: 'its program says so where the kernel tells of no drops and nothing was counted',
      evidence: edited(recorded('veth-tc-ingress-bpf-drop'), withoutKernel, uncounted('host')),
      findings: [{ ...ingress, proof: 'read' }],
    },
    {
      name: 'nothing comes before a filter of preference 1',
      evidence: edited(recorded('veth-tc-ingress-bpf-drop'), first),
      findings: [{ ...ingress, proof: 'read counted', remedies: [['tc filter del dev veth1_p ingress']] }],
    },
    {
      name: 'of two that drop, one the packets and one ARP, both are passed by',
      evidence: edited(
        recorded('veth-tc-ingress-bpf-drop'),
        withoutKernel,
        uncounted('host'),
        artifact('host', 'tcFilters', (all) =>
          all.flatMap((filter) => [
            { ...filter, protocol: 'arp', preference: 20, program: DROP_ALL },
            { ...filter, protocol: 'ip', preference: 10 },
          ]),
        ),
        artifact('target', 'neighbours', () => []),
      ),
      findings: [
        {
          ...ingress,
          loses: ['veth-host – bridge forward', 'socket – container forward'],
          proof: 'read',
          remedies: [
            [
              'tc filter add dev veth1_p ingress protocol arp pref 9 u32 match u8 0 0 at 0 flowid 1:1',
              bypass('veth1_p ingress', '192.168.0.2', '203.0.113.5').replace('49151', '8'),
            ],
            ['tc filter del dev veth1_p ingress'],
          ],
        },
      ],
    },
    {
      name: 'one that takes ARP alone loses the packets where they wait',
      evidence: ofArp(recorded('veth-tc-ingress-bpf-drop')),
      findings: [
        {
          ...ingress,
          cause: 'tc-drop',
          loses: ['socket – container forward'],
          proof: 'read',
          remedies: [
            ['tc filter add dev veth1_p ingress protocol arp pref 49151 u32 match u8 0 0 at 0 flowid 1:1'],
            ['tc filter del dev veth1_p ingress'],
          ],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a filter that dropped nothing, where the kernel tells of no drops',
      evidence: edited(recorded('veth-tc-ingress-bpf-drop'), opaque, withoutKernel, uncounted('host')),
      because: 'the filters of tc let the packets pass',
    },
    {
      name: 'drops that the kernel puts elsewhere on the same link are not blamed on the filter',
      evidence: edited(recorded('veth-tc-ingress-bpf-drop'), opaque, (evidence) => ({
        ...evidence,
        kernelDrops: evidence.kernelDrops.map((drop) => ({
          ...drop,
          reason: 'NOT_SPECIFIED',
          function: 'br_handle_frame',
        })),
      })),
      because: 'the filters of tc let the packets pass',
    },
    {
      name: 'counted drops of hooks without a filter on this side',
      evidence: edited(
        recorded('veth-tc-ingress-bpf-drop'),
        opaque,
        withoutKernel,
        artifact('host', 'tcFilters', (all) => all.map((filter) => ({ ...filter, hook: 'egress' as const }))),
      ),
      because: 'the filters of tc let the packets pass',
    },
  ],
  notApplicable: [
    {
      name: 'a host without filters',
      evidence: recorded('br-htb-direct-qlen-0'),
      reason: 'no device on this path has filters of tc',
    },
  ],
});
