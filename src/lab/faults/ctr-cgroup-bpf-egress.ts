import { attachCommand, CGROUP_DROP_EGRESS } from '../bpf.js';
import { LAB_GROUP } from '../control-groups.js';
import type { Fault } from '../fault.js';
import { APPLICATION } from '../topologies/application.js';
import { DESTINATION } from '../topologies/textbook.js';

export const ctrCgroupBpfEgress: Fault = {
  id: 'ctr-cgroup-bpf-egress',
  title: "a BPF program of the container's control group refuses what it sends",
  topology: 'application',
  rootOnly: true,
  break: [
    `mkdir ${LAB_GROUP}`,
    `readlink /run/app | sed 's#.*/##' >${LAB_GROUP}/cgroup.procs`,
    attachCommand(LAB_GROUP, CGROUP_DROP_EGRESS),
  ],
  undo: [
    `readlink /run/app | sed 's#.*/##' >${LAB_GROUP}/../cgroup.procs`,
    `until rmdir ${LAB_GROUP} 2>/dev/null; do sleep 0.01; done`,
  ],
  probe: { target: APPLICATION, destination: DESTINATION, protocol: 'icmp', inCgroup: true },
  expect: {
    cause: ['ctr-cgroup-bpf-egress', 'ctr-cgroup-bpf'],
    link: ['socket', 'container'],
    stage: 'postrouting',
    way: 'forward',
  },
};
