import { CLASSIC_DROP_IPV4 } from '../../src/lab/bpf.js';
import { type Fault, rightCauses } from '../../src/lab/fault.js';
import type { Lab } from '../../src/lab/lab.js';
import type { HopRole, Stage } from '../../src/model/path.js';
import type { Seeded } from '../helpers/seeded.js';
import { blamed } from './judge.js';
import { inParallel, runTrial } from './trial.js';

/** Several faults in one network. */
export interface Stack {
  /** In the order in which the packets meet them. */
  readonly faults: readonly Fault[];
  readonly rootRight: boolean;
  readonly allNamed: boolean;
  readonly said: string;
}

const ROLES: readonly HopRole[] = ['socket', 'container', 'veth-host', 'bridge', 'uplink', 'outside'];
const STAGES: readonly Stage[] = [
  'route',
  'output',
  'neighbour',
  'veth',
  'bridge-port',
  'bridge-forward',
  'prerouting',
  'route',
  'forward',
  'postrouting',
  'qdisc',
  'wire',
];

/** Where on its way there and back a packet is lost by a fault. `null` where that is not one place of the textbook's path. */
const lossOf = ({ expect }: Fault): number | null => {
  const [from, to] = expect.link.map((role) => ROLES.indexOf(role));
  if (from === undefined || to === undefined || from < 0 || to !== from + 1 || expect.stage === undefined) return null;
  const stage = (STAGES.indexOf(expect.stage) + 1) / 100;
  return expect.way === 'forward' ? from + stage : 2 * ROLES.length - from + stage;
};

/** Where the packets wait while the question for a neighbour is lost on the bridge: that is where it is met. */
const QUESTION_ON_BRIDGE = ROLES.indexOf('veth-host');

const losesQuestion = ({ expect }: Fault): boolean =>
  expect.link[0] === 'socket' && (expect.stage === 'neighbour' || expect.stage === 'bridge-forward');

/** Rules of a bridge that it asks once it has decided where a frame goes. @see br_handle_frame_finish() in the kernel */
const isAskedLate = ({ break: commands }: Fault): boolean =>
  commands.some((command) => /\bebtables -A (INPUT|FORWARD)\b/.test(command));

const meeting = (fault: Fault): number =>
  (lossOf(fault) ?? 0) +
  (losesQuestion(fault) && fault.expect.stage === 'bridge-forward' ? QUESTION_ON_BRIDGE : 0) +
  (isAskedLate(fault) ? 0.001 : 0);

const inContainer = ({ break: commands }: Fault): readonly string[] =>
  commands.filter((command) => /^ip (netns exec|-n) net1 /.test(command));

/** Loses IPv4 alone: the question for a neighbour passes, and the packets wait for its answer. */
const passesQuestion = ({ break: commands }: Fault): boolean =>
  commands.some((command) => command.includes(CLASSIC_DROP_IPV4) || / xdp(?:generic|drv)? pinned /.test(command));

/** The container's packets go to another next hop, for which it has no entry. */
const changesNextHop = (fault: Fault): boolean =>
  inContainer(fault).some((command) => / route (add|replace) \S+ via (?!192\.168\.0\.1( |$))/.test(command));

/** The container sends to its gateway, or to anyone, without a question. */
const asksNobody = (fault: Fault, other: Fault): boolean =>
  inContainer(fault).some((command) => command.includes('arp off')) ||
  (inContainer(fault).some((command) => command.includes('nud permanent')) && !changesNextHop(other));

/** The container's packets come from another address than its own. */
const changesSource = (fault: Fault): boolean => inContainer(fault).some((line) => / default via .* src /.test(line));

/** Is about packets of the container's own address alone. */
const selectsSource = ({ break: commands }: Fault): boolean =>
  commands.some((line) => / (-s|src) 192\.168\.0\.\d+/.test(line));

/**
 * Which of two is met first. A question comes before the packets; one that is not asked is not lost, and what selects packets by the container's own
 * address does not meet those from another one: both show once the other fault is mended.
 */
const byMeeting = (one: Fault, other: Fault): number => {
  if (asksNobody(one, other) && losesQuestion(other)) return -1;
  if (asksNobody(other, one) && losesQuestion(one)) return 1;
  if (passesQuestion(one) && losesQuestion(other)) return 1;
  if (passesQuestion(other) && losesQuestion(one)) return -1;
  if (changesSource(one) && selectsSource(other)) return -1;
  if (changesSource(other) && selectsSource(one)) return 1;
  return meeting(one) - meeting(other);
};

/**
 * What a fault's commands replace or depend on, so that two of them in one network do not both hold: a chain, a default route,
 * the masquerading rule that a source is left out of, what a container has learnt of its neighbours and forgets.
 */
const objectsOf = (fault: Fault): readonly string[] => [
  ...(fault.expect.cause.includes('nf-masq-not-applied') ? ['host nat POSTROUTING'] : []),
  ...fault.break.flatMap((command) => {
    const netns = /ip netns exec (\S+)|ip -n (\S+)/.exec(command)?.slice(1).join('') ?? 'host';
    const chain = /\s-[AIDPFR] ([A-Z][\w-]*)/.exec(command)?.[1];
    const table = /-t (\w+)/.exec(command)?.[1] ?? 'filter';
    if (chain !== undefined) return [`${netns} ${table} ${chain}`];
    if (command.includes('neigh flush')) return [`${netns} neighbours`];
    return / route (add|del|replace) default/.test(command) ? [`${netns} default route`] : [];
  }),
];

const isCompatible = (one: Fault, other: Fault): boolean => {
  const [first, second] = [lossOf(one), lossOf(other)];
  if (first === null || second === null || Math.floor(first) === Math.floor(second)) return false;
  const taken = objectsOf(one);
  if (objectsOf(other).some((object) => taken.includes(object))) return false;
  return one.topology === other.topology && one.expect.cause.at(-1) !== other.expect.cause.at(-1);
};

/** Lets a part of the packets pass: what lies behind loses those, and either may be met first. */
const isPartial = ({ expect }: Fault): boolean => expect.cause.at(-1) === 'nf-rate-limit';

/** Shows only once packets get there: it sits outside the host, or is told by the counter of a queue. */
const showsOnlyWhenMet = ({ break: commands, expect }: Fault): boolean =>
  expect.cause.at(-1) === 'qdisc-drop' || commands.every((command) => command.startsWith('ip netns exec outside '));

/** The faults as packets meet them. */
const inOrder = (stack: readonly Fault[]): readonly Fault[] => stack.toSorted(byMeeting);

/** Random sets of faults that lose the packets at different links, in the order in which packets meet them. */
export const chooseStacks = (
  faults: readonly Fault[],
  size: number,
  howMany: number,
  random: Seeded,
): readonly (readonly Fault[])[] => {
  const usable = faults.filter((fault) => fault.probe === undefined && lossOf(fault) !== null && !isPartial(fault));
  const stacks = new Map<string, readonly Fault[]>();
  for (let tries = 0; stacks.size < howMany && tries < 100 * howMany; tries++) {
    const stack: Fault[] = [];
    while (stack.length < size && usable.length > 0) {
      const next = usable[random.below(usable.length)];
      if (next === undefined || !stack.every((fault) => isCompatible(fault, next))) break;
      stack.push(next);
    }
    if (stack.length < size) continue;
    const sorted = inOrder(stack);
    if (sorted.slice(1).some(showsOnlyWhenMet)) continue;
    stacks.set(sorted.map(({ id }) => id).join(' '), sorted);
  }
  return [...stacks.values()];
};

/**
 * Whether what lies behind still loses the packets when what stands before it is undone, one after the other: a command
 * may have taken away what another one broke. The kernel says so by a ping.
 */
const holdsWithout = async (lab: Lab, faults: readonly Fault[]): Promise<boolean> => {
  const [container, destination] = [lab.topology.target, lab.topology.destination];
  for (const fault of faults.slice(0, -1)) {
    await lab.run(fault.undo);
    const ping = await lab.exec(['ping', '-q', '-c', '2', '-i', '0.1', '-W', '0.4', destination], { netns: container });
    if (ping.failure === null) return false;
  }
  return true;
};

/** Breaks each set, the furthest first, and compares what is named. A set whose commands exclude each other is left out. */
export const runStacks = async (
  stacks: readonly (readonly Fault[])[],
  { workers, log }: { readonly workers: number; log(line: string): void },
): Promise<readonly Stack[]> => {
  const results = await inParallel(stacks, workers, async (chosen): Promise<Stack | null> => {
    const faults = inOrder(chosen);
    const [first] = faults;
    if (first === undefined) return null;
    const commands = faults.toReversed().flatMap((fault) => fault.break);
    const tried = await runTrial({ id: first.id, topology: first.topology, commands }, (lab) =>
      holdsWithout(lab, faults),
    ).catch(() => null);
    if (!tried?.more) return null;
    const { run } = tried.result;
    if (run === null) {
      const said = `no run document: ${tried.result.error}`;
      log(`${'WRONG ROOT'.padEnd(17)} ${faults.map(({ id }) => id).join(' + ')}: ${said}`);
      return { faults, rootRight: false, allNamed: false, said };
    }
    const named = run.findings.filter(({ rank }) => rank !== 'noticed').map(({ cause }) => cause);
    const isNamed = (fault: Fault): boolean => named.some((cause) => rightCauses(fault).includes(cause));
    const rootRight = rightCauses(first).includes(run.diagnosis.cause ?? '');
    const said = blamed(run).join(', ') || run.diagnosis.status;
    const stack = { faults, rootRight, allNamed: faults.every(isNamed), said };
    log(
      `${(rootRight ? (stack.allNamed ? 'all' : 'root') : 'WRONG ROOT').padEnd(17)} ${faults.map(({ id }) => id).join(' + ')}: ${said}`,
    );
    return stack;
  });
  return results.filter((stack) => stack !== null);
};
