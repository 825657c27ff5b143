import type { BuildPlan } from '../../model/build.js';
import { KnownError } from '../../model/errors.js';
import type { NetnsRef } from '../../model/netns.js';
import type { JournalEntry, RepairStep } from '../../model/repair.js';
import { applySteps, StepFailed } from '../apply.js';
import type { State } from '../facts/facts.js';
import { readState } from '../facts/read-state.js';
import type { Journal } from '../journal.js';
import { entryFor, keep } from '../mend.js';
import { type Undone, undoRepair } from '../undo.js';

export type BuildEvent =
  | { readonly type: 'journal'; readonly path: string }
  | { readonly type: 'step'; readonly step: RepairStep }
  | { readonly type: 'failed'; readonly message: string };

export interface ConstructOptions {
  readonly journal: Journal;
  readonly argv: readonly string[];
  readonly started: Date;
  readonly signal: AbortSignal;
  /** Called before and after everything that is written. */
  readonly boundary: () => void;
  readonly onEvent: (event: BuildEvent) => void;
  /** The namespace that the first step makes; `null` when it is there. */
  readonly makeNetns: string | null;
  /** Finds it, once it is made. */
  readonly findNetns: () => Promise<NetnsRef>;
  /** When it is taken back by itself; `null` for never. */
  readonly trialUntil: Date | null;
  /** Starts what takes it back then, before anything is changed. */
  readonly arm: (entry: JournalEntry, until: Date) => Promise<void>;
}

export type Constructed =
  | { readonly outcome: 'built'; readonly entry: JournalEntry }
  | { readonly outcome: 'rolled-back'; readonly entry: JournalEntry; readonly undone: Undone };

/**
 * Takes the steps of a plan, each in the journal before it is made. When one fails, or we are interrupted, everything is
 * put back.
 */
export const construct = async (plan: BuildPlan, options: ConstructOptions): Promise<Constructed> => {
  const { journal, boundary, signal, onEvent, makeNetns } = options;
  const steps = plan.parts.flatMap(({ step }) => step ?? []);
  let places = plan.netns;
  let state = await readState(places);
  const about = { run: plan.run, target: plan.target, destination: `its network (bridge ${plan.design.bridge})` };
  const first = entryFor({ ...about, netns: places, steps }, state, options);
  let entry: JournalEntry = makeNetns === null ? first : { ...first, madeNetns: makeNetns };
  journal.write(entry);
  onEvent({ type: 'journal', path: journal.pathOf(entry) });
  if (options.trialUntil !== null) await options.arm(entry, options.trialUntil);
  boundary();
  try {
    for (const step of steps) {
      onEvent({ type: 'step', step });
      const applied = await applySteps(entry, state, journal, {
        places,
        signal,
        boundary,
        only: step.n,
        onEntry: (current) => {
          entry = current;
        },
      });
      ({ entry, state } = applied);
      if (makeNetns === null || step !== steps[0]) continue;
      places = [...places, await options.findNetns()];
      ({ entry, state } = await withNamespace(entry, state, places));
      journal.write(entry);
      boundary();
    }
    return { outcome: 'built', entry: await keep(entry, state, places, journal, 'built') };
  } catch (error) {
    if (!(error instanceof StepFailed) && !(error instanceof KnownError) && !signal.aborted) {
      await undoRepair(entry, journal, boundary);
      throw error;
    }
    onEvent({ type: 'failed', message: signal.aborted ? 'interrupted' : (error as Error).message });
    return { outcome: 'rolled-back', entry, undone: await undoRepair(entry, journal, boundary) };
  }
};

/** From here on the entry is also about the namespace that was made, as it was when it was new. */
const withNamespace = async (
  entry: JournalEntry,
  state: State,
  places: readonly NetnsRef[],
): Promise<{ readonly entry: JournalEntry; readonly state: State }> => {
  const made = places.filter(({ id }) => !state.has(id));
  const fresh = await readState(made);
  const before = Object.fromEntries([...fresh].map(([netns, facts]) => [netns, [...facts]]));
  return {
    state: new Map([...state, ...fresh]),
    entry: { ...entry, netns: places, before: { ...entry.before, ...before } },
  };
};
