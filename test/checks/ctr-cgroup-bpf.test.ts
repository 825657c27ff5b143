import { ctrCgroupBpf } from '../../checks/container/ctr-cgroup-bpf.js';
import type { Evidence } from '../../src/model/evidence.js';
import { testCheck } from '../helpers/check-cases.js';
import { edited } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const evidence = recorded('ctr-cgroup-bpf-egress');
const { controlGroup = '', ...settings } = evidence.probeSettings;

const finding = {
  cause: 'ctr-cgroup-bpf-egress',
  place: {
    link: 'socket – container',
    stage: 'postrouting',
    way: 'forward',
    netns: 'target',
    object: `control group ${controlGroup}`,
  },
  loses: ['socket – container forward'],
  remedies: ['instruction'],
} as const;

const withReason =
  (reason: string) =>
  (whole: Evidence): Evidence => ({
    ...whole,
    kernelDrops: whole.kernelDrops.map((drop) => ({ ...drop, reason })),
  });

testCheck(ctrCgroupBpf, {
  fails: [
    {
      name: 'a program of the control group refuses what is sent from it',
      evidence,
      findings: [{ ...finding, proof: 'read' }],
    },
    {
      name: 'the sender says so itself where it is told',
      evidence: edited(evidence, (whole) => ({
        ...whole,
        probe: whole.probe && { ...whole.probe, localError: 'Operation not permitted' },
      })),
      findings: [{ ...finding, proof: 'read asked' }],
    },
    {
      name: 'it is the same for IPv6, of which the program need not know',
      evidence: edited(evidence, (whole) => ({
        ...whole,
        flow: { ...whole.flow, family: 6, source: '2001:db8::2', destination: '2001:db8:1::5' },
      })),
      findings: [{ ...finding, proof: 'read' }],
    },
  ],
  passes: [
    {
      name: 'a firewall of the container is no program of its control group',
      evidence: edited(evidence, withReason('NETFILTER_DROP')),
      because: `no program of the control group ${controlGroup} refuses the packets`,
    },
  ],
  notApplicable: [
    {
      name: 'a probe that was sent from our own control group',
      evidence: { ...evidence, probeSettings: settings },
      reason: 'the probe was not sent from the control group of the container',
    },
  ],
});
