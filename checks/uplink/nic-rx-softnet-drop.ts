import type { Finding, Proof, Remedy } from '../../src/model/finding.js';
import type { Way } from '../../src/model/flow.js';
import type { Link } from '../../src/model/path.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { lostOn } from '../support/device-programs.js';

const COUNTER = 'Softnet.dropped';
const REASON = 'CPU_BACKLOG';
const KEY = 'net.core.netdev_max_backlog';

/** What is known of this link itself says more than a counter of the whole kernel. */
const AFTER_OTHERS = 1;

export const nicRxSoftnetDrop = defineCheck({
  meta: {
    id: 'nic-rx-softnet-drop',
    code: 'V6006',
    title: 'the processors keep up with the packets that come in',
    covers: ['nic-rx-softnet-drop'],
    requires: ['host.sysctls'],
    references: ['https://docs.kernel.org/admin-guide/sysctl/net.html (netdev_max_backlog)', 'man 8 ethtool (-S, -G)'],
  },
  page: {
    meaning:
      'The receive queue of a processor is full, so that packets are dropped as they come in by a device: every veth pair hands its packets over by that queue.',
    path: 'eth0 of the container -> veth pair -> receive queue of a processor: full, dropped -> host end. All namespaces share the queues.',
    decided:
      'The kernel names that reason; or some of the packets are lost between the two ends of a veth pair, others not, and the processors counted at least as many drops during the probe. Their counter is that of all traffic, so that it proves nothing where all packets are lost.',
    byHand: ['cat /proc/net/softnet_stat: the second column', 'ethtool -S NIC | grep -i drop', 'mpstat -P ALL 1'],
    origins: [
      'one busy flow on one processor, without RPS or several queues of the NIC',
      'interrupts that all go to one processor',
      'a virtual machine that does not get its processors',
    ],
    fixes: [
      'sysctl -w net.core.netdev_max_backlog=N',
      'ethtool -G NIC rx N, and RPS: /sys/class/net/NIC/queues/rx-0/rps_cpus',
    ],
    prevention: 'Watch the second and third column of /proc/net/softnet_stat.',
    lab: null,
  },
  run(artifacts, context) {
    const dropped = context.delta('host', COUNTER) ?? 0;
    const losses = context.path.links
      .filter(({ stages }) => stages.includes('veth'))
      .flatMap((link) => (['forward', 'return'] as const).map((way) => ({ link, way })));
    const found = losses.find(({ link, way }) => isLost(context, link, way, dropped));
    if (!found)
      return dropped === 0
        ? notApplicable('the receive queues of the processors dropped nothing during the probe')
        : pass('what the receive queues of the processors dropped is not what is lost');
    return fail(finding(found, dropped, artifacts['host.sysctls']));
  },
});

const isLost = (context: CheckContext, { id }: Link, way: Way, dropped: number): boolean => {
  const drops = context.kernelDrops.filter((drop) => drop.link === id && drop.way === way);
  if (drops.length > 0) return drops.some(({ reason }) => reason === REASON);
  const lost = lostOn(context, id, way) ?? 0;
  return context.located.answered > 0 && lost > 0 && dropped >= lost;
};

const finding = (
  { link, way }: { readonly link: Link; readonly way: Way },
  dropped: number,
  sysctls: Readonly<Record<string, string>>,
): Finding => {
  const counted: Proof = {
    kind: 'counted',
    text: `the receive queues of the processors dropped ${dropped} packets during the probe`,
    command: ['cat', '/proc/net/softnet_stat'],
  };
  return {
    cause: 'nic-rx-softnet-drop',
    title: 'the receive queue of a processor is full and drops what comes in by the veth pair',
    place: { link: link.id, stage: 'veth', turn: AFTER_OTHERS, way, netns: 'host', object: KEY },
    loses: [{ link: link.id, way }],
    proof: [
      dropped > 0
        ? counted
        : { kind: 'inferred', text: 'the reason that the kernel gives is that of a full receive queue' },
    ],
    remedies: [remedyOf(Number(sysctls[KEY]))],
  };
};

const remedyOf = (now: number): Remedy => ({
  kind: now > 0 ? 'runtime' : 'instruction',
  title:
    now > 0
      ? 'make the queues four times as long'
      : `make the queues longer: sysctl -w ${KEY}=N, in the first network namespace`,
  netns: 'host',
  commands: now > 0 ? [['sysctl', '-w', `${KEY}=${now * 4}`]] : [],
  undo: now > 0 ? [['sysctl', '-w', `${KEY}=${now}`]] : [],
  risk: 'low',
  riskText: 'packets may wait longer; a processor that cannot keep up for long still drops',
});
