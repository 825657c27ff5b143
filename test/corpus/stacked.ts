import type { Fault } from '../../src/lab/fault.js';
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
const meeting = ({ expect }: Fault): number | null => {
  const [from, to] = expect.link.map((role) => ROLES.indexOf(role));
  if (from === undefined || to === undefined || from < 0 || to !== from + 1 || expect.stage === undefined) return null;
  const stage = (STAGES.indexOf(expect.stage) + 1) / 100;
  return expect.way === 'forward' ? from + stage : 2 * ROLES.length - from + stage;
};

const isCompatible = (one: Fault, other: Fault): boolean => {
  const [first, second] = [meeting(one), meeting(other)];
  if (first === null || second === null || Math.floor(first) === Math.floor(second)) return false;
  return one.topology === other.topology && one.expect.cause.at(-1) !== other.expect.cause.at(-1);
};

/** Random sets of faults that lose the packets at different links, in the order in which packets meet them. */
export const chooseStacks = (
  faults: readonly Fault[],
  size: number,
  howMany: number,
  random: Seeded,
): readonly (readonly Fault[])[] => {
  const usable = faults.filter((fault) => fault.probe === undefined && meeting(fault) !== null);
  const stacks = new Map<string, readonly Fault[]>();
  for (let tries = 0; stacks.size < howMany && tries < 100 * howMany; tries++) {
    const stack: Fault[] = [];
    while (stack.length < size && usable.length > 0) {
      const next = usable[random.below(usable.length)];
      if (next === undefined || !stack.every((fault) => isCompatible(fault, next))) break;
      stack.push(next);
    }
    if (stack.length < size) continue;
    const sorted = stack.toSorted((a, b) => (meeting(a) ?? 0) - (meeting(b) ?? 0));
    stacks.set(sorted.map(({ id }) => id).join(' '), sorted);
  }
  return [...stacks.values()];
};

/** Breaks each set, the furthest first, and compares what is named. A set whose commands exclude each other is left out. */
export const runStacks = async (
  stacks: readonly (readonly Fault[])[],
  { workers, log }: { readonly workers: number; log(line: string): void },
): Promise<readonly Stack[]> => {
  const results = await inParallel(stacks, workers, async (faults): Promise<Stack | null> => {
    const [first] = faults;
    if (first === undefined) return null;
    const commands = faults.toReversed().flatMap((fault) => fault.break);
    const tried = await runTrial({ id: first.id, topology: first.topology, commands }, async () => null).catch(
      () => null,
    );
    const run = tried?.result.run ?? null;
    if (run === null) return null;
    const named = run.findings.filter(({ rank }) => rank !== 'noticed').map(({ cause }) => cause);
    const isNamed = (fault: Fault): boolean => named.some((cause) => fault.expect.cause.includes(cause));
    const rootRight = first.expect.cause.includes(run.diagnosis.cause ?? '');
    const said = blamed(run).join(', ') || run.diagnosis.status;
    const stack = { faults, rootRight, allNamed: faults.every(isNamed), said };
    log(
      `${(rootRight ? (stack.allNamed ? 'all' : 'root') : 'WRONG ROOT').padEnd(17)} ${faults.map(({ id }) => id).join(' + ')}: ${said}`,
    );
    return stack;
  });
  return results.filter((stack) => stack !== null);
};
