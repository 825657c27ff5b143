import type { Finding, Proof } from '../../src/model/finding.js';
import type { TcFilter } from '../../src/model/state.js';
import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';
import { lostOn, type Passage, passages } from '../support/device-programs.js';
import { frameWords } from '../support/frame-drops.js';
import { unansweredArpProof } from '../support/proofs.js';
import { type Filtered, tcBypass } from '../support/tc-bypass.js';

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
      'The captures lose the packets at that hook of the device, and its clsact qdisc counted as many drops, the kernel gave the reason TC_INGRESS or TC_EGRESS, or the classic BPF program of a filter, run on the packet or on the ARP that it waits for, says drop.',
    byHand: ['tc filter show dev DEVICE ingress', 'tc filter show dev DEVICE egress', 'tc -s qdisc show dev DEVICE'],
    origins: [
      'Cilium or Calico, whose agent stopped and left its programs',
      'a policy or accounting agent',
      'a filter of another tool that matches too much',
    ],
    fixes: [
      "the agent's own policy, where it runs",
      'a filter before it that lets this flow pass: tc filter add dev DEVICE ingress protocol ip pref N u32 match … flowid 1:1',
      'tc filter del dev DEVICE ingress: takes every filter of that hook away',
    ],
    prevention: 'Remove the programs with the agent: cilium-dbg post-uninstall-cleanup, or a restart of the host.',
    lab: 'veth-tc-ingress-bpf-drop',
  },
  run(_artifacts, context) {
    const steps = stepsOf(context.walk, 'filter').filter(({ outcome }) => outcome !== 'pass');
    const hooked = passages(context).flatMap((passage) => hookedAt(context, passage, steps) ?? []);
    if (hooked.length === 0) return notApplicable('no device on this path has filters of tc');
    const lost = hooked.flatMap((one) => lostPackets(context, one) ?? []);
    const [first, ...more] = [...lost, ...lostNeighbours(steps, lost)].map((loss) => findingOf(context, loss));
    return first ? fail(first, ...more) : pass('the filters of tc let the packets pass');
  },
});

/** A device with hooks of tc that the packets pass, and what its filters are known to say of them. */
interface Hooked {
  readonly passage: Passage;
  readonly hooks: NonNullable<ReturnType<CheckContext['tcHooks']>>;
  readonly frames: readonly Filtered[];
}

const hookedAt = (context: CheckContext, passage: Passage, steps: readonly Filtered[]): Hooked | null => {
  const hooks = context.tcHooks(passage.hop.netns, passage.hop.ifname);
  const at = { netns: passage.hop.netns, device: passage.hop.ifname, hook: passage.side };
  return hooks && { passage, hooks, frames: steps.filter((step) => isAt(step, at) && step.way === passage.way) };
};

interface Place {
  readonly netns: string;
  readonly device: string;
  readonly hook: Passage['side'];
}

const isAt = ({ netns, device, detail }: Filtered, at: Place): boolean =>
  netns === at.netns && device === at.device && detail.walk.hook === at.hook;

/** What a device's filters lose. */
interface Loss extends Place {
  readonly cause: string;
  readonly way: Passage['way'];
  readonly link: string;
  /** Drops that the hooks counted; `null` where that proves nothing. */
  readonly counted: number | null;
  /** What is lost, as far as the walk tells: the packets, the frames that ask for a neighbour. */
  readonly frames: readonly Filtered[];
}

/** A capture sees a packet before the ingress of its device, and after the egress. */
const lostPackets = (context: CheckContext, { passage, hooks, frames }: Hooked): Loss | null => {
  const { hop, way, side } = passage;
  const link = side === 'ingress' ? passage.behind : passage.before;
  if (link === null) return null;
  const lost = lostOn(context, link, way) ?? 0;
  const drops = context.kernelDrops.filter((drop) => drop.link === link && drop.way === way);
  const told = lost > 0 && drops.some(({ reason }) => reason === REASON[side]);
  const counted = lost > 0 && hooks.dropped !== null && hooks.dropped >= lost;
  const hasFilters = hooks.filters.some(({ hook }) => hook === side);
  const dropped = frames.some(({ outcome, detail }) => outcome === 'drop' && !detail.forNeighbour);
  if (!told && !(counted && drops.length === 0 && hasFilters) && !dropped) return null;
  return {
    ...{ netns: hop.netns, device: hop.ifname, hook: side, cause: causeOf(hop.role, side), way, link },
    counted: counted ? hooks.dropped : null,
    frames: frames.filter(({ outcome, detail }) => outcome === 'drop' || !detail.forNeighbour),
  };
};

/** Filters that lose no packet of the flow, and what it waits for: one loss for each device and side. */
const lostNeighbours = (steps: readonly Filtered[], lost: readonly Loss[]): readonly Loss[] => {
  const losses: Loss[] = [];
  for (const step of steps) {
    const { netns, device, way, link, detail } = step;
    if (step.outcome !== 'drop' || !detail.forNeighbour || device === null) continue;
    const place = { netns, device, hook: detail.walk.hook };
    if ([...lost, ...losses].some((other) => isAt(step, other))) continue;
    const frames = steps.filter((one) => one.outcome === 'drop' && one.detail.forNeighbour && isAt(one, place));
    losses.push({ ...place, cause: 'tc-drop', way, link, counted: null, frames });
  }
  return losses;
};

const findingOf = (context: CheckContext, loss: Loss): Finding => {
  const { device, hook, way, link, counted, frames } = loss;
  const netns = context.netns(loss.netns);
  const filters = (context.tcHooks(loss.netns, device)?.filters ?? []).filter((filter) => filter.hook === hook);
  const dropping = [
    ...new Set(frames.flatMap(({ outcome, detail }) => (outcome === 'drop' && detail.walk.filter) || [])),
  ];
  const suspects = dropping.length > 0 ? dropping : filters;
  const asking = frames.filter(({ outcome, detail }) => outcome === 'drop' && detail.forNeighbour);
  const bypass = tcBypass(netns, frames, suspects, filters);
  return {
    cause: loss.cause,
    title: `a tc filter at the ${hook} of ${device} drops ${wordsFor(loss)}`,
    place: { link, stage: 'tc', way, netns: loss.netns, device },
    loses: losesOf(loss, asking),
    proof: [
      filterProof(suspects, device, hook, (argv) => inside(netns, argv)),
      ...(counted === null
        ? []
        : [
            {
              kind: 'counted' as const,
              text: `the hooks of tc on ${device} dropped ${counted} packets during the probe`,
              command: inside(netns, ['tc', '-s', 'qdisc', 'show', 'dev', device]),
            },
          ]),
      ...asking.flatMap(({ detail }) => unansweredArpProof(context, detail.packet.frame)).slice(0, 1),
    ],
    remedies: [
      ...(bypass === null ? [] : [bypass]),
      {
        kind: 'runtime',
        title: `take the filters away from the ${hook} of ${device}`,
        netns: loss.netns,
        commands: [inside(netns, ['tc', 'filter', 'del', 'dev', device, hook])],
        undo: [],
        risk: 'high',
        riskText: 'no command puts a BPF program back: its owner, often the network plugin, has to attach it again',
      },
    ],
    notes: [
      hook === 'ingress'
        ? `a capture on ${device} shows the packet: captures see it before the filter`
        : `a capture on ${device} does not show the packet: the filter comes before`,
    ],
  };
};

/** Where packets are lost: behind the filter, and where they wait for a neighbour. */
const losesOf = ({ link, way, frames }: Loss, asking: readonly Filtered[]): Finding['loses'] => {
  const waiting = asking.map((step) => ({ link: step.detail.waits, way: step.way }));
  const [first, ...more] = waiting;
  return first && asking.length === frames.length ? [first, ...more] : [{ link, way }, ...waiting];
};

/** What is dropped, for a headline. */
const wordsFor = ({ frames, way }: Loss): string => {
  const [first] = frames;
  if (!first?.detail.forNeighbour || frames.some(({ detail }) => !detail.forNeighbour))
    return way === 'forward' ? 'the request' : 'the reply';
  return first.detail.packet.frame?.arp ? frameWords(first) : 'neighbour discovery';
};

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
