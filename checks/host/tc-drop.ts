import type { Finding, Proof } from '../../src/model/finding.js';
import type { TcFilter } from '../../src/model/state.js';
import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';
import { lostOn, type Passage, passages } from '../support/device-programs.js';

const REASON = { ingress: 'TC_INGRESS', egress: 'TC_EGRESS' } as const;

export const tcDrop = defineCheck({
  meta: {
    id: 'tc-drop',
    code: 'V3520',
    title: 'no filter of tc drops the packets',
    covers: ['tc-drop', 'veth-tc-ingress-bpf-drop', 'veth-tc-egress-bpf-drop', 'uplink-tc-ingress-drop'],
    requires: ['host.links'],
    references: ['man 8 tc', 'man 8 tc-bpf'],
  },
  page: {
    meaning: 'A traffic control filter at the ingress or egress of a device drops the packet: often a BPF program.',
    path: 'device -> capture -> tc ingress -> bridge or IP. On the way out: IP or bridge -> tc egress -> qdisc -> capture -> device.',
    decided:
      'The captures lose the packets at that hook of the device, and its clsact qdisc counted as many drops, the kernel gave the reason TC_INGRESS or TC_EGRESS, or the classic BPF program of a filter, run on the packet, says drop.',
    byHand: ['tc filter show dev DEVICE ingress', 'tc filter show dev DEVICE egress', 'tc -s qdisc show dev DEVICE'],
    origins: [
      'Cilium or Calico, whose agent stopped and left its programs',
      'a policy or accounting agent',
      'a filter of another tool that matches too much',
    ],
    fixes: [
      "the agent's own policy, where it runs",
      'tc filter del dev DEVICE ingress: takes every filter of that hook away',
    ],
    prevention: 'Remove the programs with the agent: cilium-dbg post-uninstall-cleanup, or a restart of the host.',
    lab: 'veth-tc-ingress-bpf-drop',
  },
  run(_artifacts, context) {
    const hooked = passages(context).flatMap((passage) => {
      const hooks = context.tcHooks(passage.hop.netns, passage.hop.ifname);
      return hooks ? [{ passage, hooks }] : [];
    });
    if (hooked.length === 0) return notApplicable('no device on this path has filters of tc');
    const [first, ...more] = hooked.flatMap((one) => findingOf(context, one) ?? []);
    return first ? fail(first, ...more) : pass('the filters of tc let the packets pass');
  },
});

interface Hooked {
  readonly passage: Passage;
  readonly hooks: NonNullable<ReturnType<CheckContext['tcHooks']>>;
}

/** A capture sees a packet before the ingress of its device, and after the egress. */
const findingOf = (context: CheckContext, { passage, hooks }: Hooked): Finding | null => {
  const { hop, way, side } = passage;
  const link = side === 'ingress' ? passage.behind : passage.before;
  if (link === null) return null;
  const lost = lostOn(context, link, way) ?? 0;
  const drops = context.kernelDrops.filter((drop) => drop.link === link && drop.way === way);
  const told = lost > 0 && drops.some(({ reason }) => reason === REASON[side]);
  const counted = lost > 0 && hooks.dropped !== null && hooks.dropped >= lost;
  const filters = hooks.filters.filter(({ hook }) => hook === side);
  const dropping = droppingFilter(context, passage);
  if (!told && !(counted && drops.length === 0 && filters.length > 0) && dropping === null) return null;
  const netns = context.netns(hop.netns);
  return {
    cause: causeOf(hop.role, side),
    title: `a tc filter at the ${side} of ${hop.ifname} drops the ${way === 'forward' ? 'request' : 'reply'}`,
    place: { link, stage: 'tc', way, netns: hop.netns, device: hop.ifname },
    loses: [{ link, way }],
    proof: [
      filterProof(dropping === null ? filters : [dropping], hop.ifname, side, (argv) => inside(netns, argv)),
      ...(counted
        ? [
            {
              kind: 'counted' as const,
              text: `the hooks of tc on ${hop.ifname} dropped ${hooks.dropped} packets during the probe`,
              command: inside(netns, ['tc', '-s', 'qdisc', 'show', 'dev', hop.ifname]),
            },
          ]
        : []),
    ],
    remedies: [
      {
        kind: 'runtime',
        title: `take the filters away from the ${side} of ${hop.ifname}`,
        netns: hop.netns,
        commands: [inside(netns, ['tc', 'filter', 'del', 'dev', hop.ifname, side])],
        undo: [],
        risk: 'high',
        riskText: 'no command puts a BPF program back: its owner, often the network plugin, has to attach it again',
      },
    ],
    notes: [
      side === 'ingress'
        ? `a capture on ${hop.ifname} shows the packet: captures see it before the filter`
        : `a capture on ${hop.ifname} does not show the packet: the filter comes before`,
    ],
  };
};

/** The filter whose program drops the packet, as far as its bytecode can be read. */
const droppingFilter = ({ walk }: CheckContext, { hop, way, side }: Passage): TcFilter | null =>
  stepsOf(walk, 'filter').find(
    ({ detail, outcome, ...step }) =>
      outcome === 'drop' &&
      detail.walk.hook === side &&
      step.way === way &&
      step.netns === hop.netns &&
      step.device === hop.ifname,
  )?.detail.walk.filter ?? null;

const filterProof = (
  filters: readonly TcFilter[],
  device: string,
  side: Passage['side'],
  at: (argv: readonly string[]) => readonly string[],
): Proof => {
  const named = filters.map(({ kind, preference, protocol }) => `${kind} (pref ${preference}, protocol ${protocol})`);
  return {
    kind: 'read',
    text:
      named.length === 0
        ? `${device} has hooks of tc, whose filters could not be read`
        : `${named.length === 1 ? 'filter' : 'filters'} at the ${side} of ${device}: ${named.join(', ')}`,
    command: at(['tc', '-s', 'filter', 'show', 'dev', device, side]),
  };
};

const causeOf = (role: Passage['hop']['role'], side: Passage['side']): string => {
  if (role === 'veth-host') return side === 'ingress' ? 'veth-tc-ingress-bpf-drop' : 'veth-tc-egress-bpf-drop';
  return role === 'uplink' && side === 'ingress' ? 'uplink-tc-ingress-drop' : 'tc-drop';
};
