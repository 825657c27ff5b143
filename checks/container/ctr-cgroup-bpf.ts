import { originLink } from '../../src/model/path-queries.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { socketErrorProof } from '../support/proofs.js';

/** The kernel's reason. @see enum skb_drop_reason, since 5.18 */
const REASON = 'BPF_CGROUP_EGRESS';

export const ctrCgroupBpf = defineCheck({
  meta: {
    id: 'ctr-cgroup-bpf',
    code: 'V1014',
    title: "no BPF program of the container's control group refuses the packets",
    covers: ['ctr-cgroup-bpf', 'ctr-cgroup-bpf-egress'],
    requires: ['target.links'],
    references: ['man 7 cgroups', 'man 8 bpftool-cgroup', 'man 5 systemd.resource-control (IPAddressDeny=)'],
  },
  page: {
    meaning: 'A BPF program that is attached to a control group refuses what the processes in it send.',
    path: 'socket -> route -> OUTPUT -> POSTROUTING -> program of the control group: refused (sendmsg: EPERM), before the device.',
    decided:
      'The probe is sent from the control group of the target (--in-cgroup), and the kernel drops it with the reason BPF_CGROUP_EGRESS. Without --in-cgroup a trace does not meet the program.',
    byHand: ['cat /proc/PID/cgroup', 'bpftool cgroup tree', 'systemctl show -p IPAddressDeny UNIT'],
    origins: [
      'IPAddressDeny= or RestrictNetworkInterfaces= of a systemd unit, or of the slice above it',
      'an agent that attached its program to the group',
    ],
    fixes: ['systemctl set-property UNIT IPAddressDeny=', 'bpftool cgroup detach GROUP egress id ID'],
    prevention: 'Look at the slices above a unit too: programs of a group hold for all groups below it.',
    lab: 'ctr-cgroup-bpf-egress',
  },
  run(_artifacts, context) {
    const { controlGroup } = context;
    if (controlGroup === null) return notApplicable('the probe was not sent from the control group of the container');
    const link = originLink(context.path);
    const drops = context.kernelDrops.filter(({ reason, way }) => reason === REASON && way === 'forward');
    if (drops.length === 0) return pass(`no program of the control group ${controlGroup} refuses the packets`);
    const where = { link: link.id, way: 'forward' as const };
    return fail({
      cause: 'ctr-cgroup-bpf-egress',
      title: "a BPF program of the container's control group refuses the packets",
      place: { ...where, stage: 'postrouting', netns: 'target', object: `control group ${controlGroup}` },
      loses: [where],
      proof: [
        {
          kind: 'read',
          text: `the probe was sent from the control group ${controlGroup}`,
          command: ['bpftool', 'cgroup', 'show', controlGroup, 'effective'],
        },
        ...socketErrorProof(context),
      ],
      remedies: [
        {
          kind: 'instruction',
          title: `see which program it is (bpftool cgroup show ${controlGroup} effective) and change what its owner was told: IPAddressDeny= of a systemd unit, or the policy of an agent`,
          netns: 'host',
          commands: [],
          undo: [],
          risk: 'medium',
          riskText: 'the program may be there on purpose; nothing is changed here',
        },
      ],
      notes: ['programs outside of the group are not hit: the host, and a ping by ip netns exec, work'],
    });
  },
});
