import type { Fault } from '../../src/lab/fault.js';
import type { Seeded } from '../helpers/seeded.js';
import { type Judgement, judge } from './judge.js';
import { inParallel, runTrial } from './trial.js';
import { hide, PROGRAMS } from './witnesses.js';

/** A fault judged on a busy network, without one of the witnesses. */
export interface Robust extends Judgement {
  readonly fault: Fault;
  readonly without: string;
}

/** Traffic of the container beside the probe: to the same destination and to its router. */
const noisy = (target: string, destination: string): readonly string[] =>
  [destination, '192.168.0.1'].map(
    (address) => `ip netns exec ${target} ping -q -i 0.02 -W 1 ${address} >/dev/null 2>&1`,
  );

/** Breaks each fault in a network of its own with other traffic in it, and hides one random witness. */
export const runRobust = (
  faults: readonly Fault[],
  random: Seeded,
  { workers, log }: { readonly workers: number; log(line: string): void },
): Promise<readonly Robust[]> => {
  const names = Object.keys(PROGRAMS);
  const chosen = faults.map((fault) => ({ fault, without: names[random.below(names.length)] ?? 'nft' }));
  return inParallel(chosen, workers, async ({ fault, without }) => {
    const commands = [...fault.break, hide(PROGRAMS[without] ?? [])];
    const trial = { ...fault, commands };
    const { result } = await runTrial(
      trial,
      async () => null,
      (lab) => (lab.topology.target === 'host' ? [] : noisy(lab.topology.target, lab.topology.destination)),
    );
    const judgement = judge(fault, result.run);
    log(`${judgement.outcome.padEnd(17)} ${fault.id.padEnd(32)} without ${without}: ${judgement.said}`);
    return { ...judgement, fault, without };
  });
};
