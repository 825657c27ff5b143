import type { Lab } from '../lab/lab.js';
import type { Scenario, ScenarioHint } from '../model/scenario.js';
import { allHold, askProbe } from './probes.js';

/** What is known of a learner when they ask for a hint. */
export interface Situation {
  /** Commands that they have run in the lab, oldest first. */
  readonly commands: readonly string[];
  readonly elapsedMs: number;
  /** Indices of the hints that they have had. */
  readonly given: readonly number[];
}

/** The answer to who asks for a hint. */
export type Advice =
  | { readonly kind: 'solved' }
  | { readonly kind: 'hint'; readonly index: number; readonly text: string; readonly again: boolean }
  /** No hint fits yet or any more. */
  | { readonly kind: 'none' };

/** Whether all but the probe of a condition is true. */
export const mayApply = ({ when }: ScenarioHint, { commands, elapsedMs }: Omit<Situation, 'given'>): boolean =>
  (when.tried === undefined || commands.some((command) => new RegExp(when.tried ?? '').test(command))) &&
  (when.notTried === undefined || !commands.some((command) => new RegExp(when.notTried ?? '').test(command))) &&
  (when.afterMs === undefined || elapsedMs >= when.afterMs);

/**
 * The hint that fits best: the first new one whose condition is true, else the last one that was given and is still true.
 * @param holds whether the probe of a hint's condition is true; asked for no more hints than needed
 */
export const chooseHint = async (
  hints: readonly ScenarioHint[],
  situation: Situation,
  holds: (hint: ScenarioHint) => Promise<boolean>,
): Promise<Exclude<Advice, { kind: 'solved' }>> => {
  const fits = async (index: number): Promise<boolean> => {
    const hint = hints[index];
    return hint !== undefined && mayApply(hint, situation) && (await holds(hint));
  };
  const answer = (index: number, again: boolean) =>
    ({ kind: 'hint', index, text: hints[index]?.text ?? '', again }) as const;
  for (const index of hints.keys())
    if (!situation.given.includes(index) && (await fits(index))) return answer(index, false);
  for (const index of situation.given.toReversed()) if (await fits(index)) return answer(index, true);
  return { kind: 'none' };
};

/** Asks the lab first whether it is solved already. */
export const adviseLearner = async (lab: Lab, scenario: Scenario, situation: Situation): Promise<Advice> => {
  if (await allHold(lab, scenario.check)) return { kind: 'solved' };
  return chooseHint(scenario.hints, situation, async ({ when }) =>
    when.probe === undefined ? true : (await askProbe(lab, when.probe)).holds,
  );
};
