import type { Fault } from '../../src/lab/fault.js';
import type { Lab } from '../../src/lab/lab.js';
import { adviceMends, reasonNames } from './baselines.js';
import { type Judgement, judge, judgeWithPeer } from './judge.js';
import { remediesMend } from './remedies.js';
import { flowOf, inParallel, runTrial } from './trial.js';

/** One fault, broken alone. */
export interface Single extends Judgement {
  readonly fault: Fault;
  readonly ms: number;
  /** The judgement of a second trace that looked at the other host too; `null` where the network has none. */
  readonly withPeer: Judgement | null;
  /** The kernel's drop reason alone would have named it. */
  readonly reasonNames: boolean;
  /** The commonest advice would have mended it. */
  readonly adviceMends: boolean;
  /** After how many diagnoses the printed commands have mended it; `null`: not. */
  readonly mendedAfter: number | null;
}

const tracedWithPeer = async (lab: Lab, fault: Fault): Promise<Judgement | null> => {
  const { peer } = lab.topology;
  if (peer === undefined) return null;
  const { run } = await lab.trace([...flowOf(lab, fault), '--peer', `netns:${peer}`]);
  return judgeWithPeer(fault, run);
};

/** Breaks each fault in a network of its own. */
export const runSingles = (
  faults: readonly Fault[],
  { workers, baselines, log }: { readonly workers: number; readonly baselines: boolean; log(line: string): void },
): Promise<readonly Single[]> =>
  inParallel(faults, workers, async (fault) => {
    const trial = { ...fault, commands: fault.break };
    const { result, more } = await runTrial(trial, async (lab, traced) => ({
      withPeer: await tracedWithPeer(lab, fault),
      mendedAfter: baselines ? await remediesMend(lab, fault, traced) : null,
    }));
    const judgement = judge(fault, result.run);
    const mark = judgement.outcome === 'right' && !judgement.linkRight ? 'right, wrong link' : judgement.outcome;
    log(`${mark.padEnd(17)} ${fault.id.padEnd(32)} ${String(result.ms).padStart(5)} ms  ${judgement.said}`);
    if (more.withPeer)
      log(`${`  ${more.withPeer.outcome}`.padEnd(17)} ${fault.id} with the other host: ${more.withPeer.said}`);
    if (result.run === null) log(`  ${result.error}`);
    if (baselines && more.mendedAfter === null) log(`  its commands do not mend ${fault.id}`);
    return {
      ...judgement,
      fault,
      ms: result.ms,
      reasonNames: reasonNames(fault, result.run),
      adviceMends: baselines && (await adviceMends(fault)),
      ...more,
    };
  });
