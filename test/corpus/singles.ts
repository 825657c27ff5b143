import type { Fault } from '../../src/lab/fault.js';
import { adviceMends, reasonNames } from './baselines.js';
import { type Judgement, judge } from './judge.js';
import { remediesMend } from './remedies.js';
import { inParallel, runTrial } from './trial.js';

/** One fault, broken alone. */
export interface Single extends Judgement {
  readonly fault: Fault;
  readonly ms: number;
  /** The kernel's drop reason alone would have named it. */
  readonly reasonNames: boolean;
  /** The commonest advice would have mended it. */
  readonly adviceMends: boolean;
  /** After how many diagnoses the printed commands have mended it; `null`: not. */
  readonly mendedAfter: number | null;
}

/** Breaks each fault in a network of its own. */
export const runSingles = (
  faults: readonly Fault[],
  { workers, baselines, log }: { readonly workers: number; readonly baselines: boolean; log(line: string): void },
): Promise<readonly Single[]> =>
  inParallel(faults, workers, async (fault) => {
    const trial = { ...fault, commands: fault.break };
    const { result, more } = await runTrial(trial, (lab) =>
      baselines ? adviceMends(lab, fault) : Promise.resolve(false),
    );
    const judgement = judge(fault, result.run);
    const mark = judgement.outcome === 'right' && !judgement.linkRight ? 'right, wrong link' : judgement.outcome;
    log(`${mark.padEnd(17)} ${fault.id.padEnd(32)} ${String(result.ms).padStart(5)} ms  ${judgement.said}`);
    if (result.run === null) log(`  ${result.error}`);
    const mendedAfter = baselines ? await remediesMend(fault) : null;
    if (baselines && mendedAfter === null) log(`  its commands do not mend ${fault.id}`);
    return {
      ...judgement,
      fault,
      ms: result.ms,
      reasonNames: reasonNames(fault, result.run),
      adviceMends: more,
      mendedAfter,
    };
  });
