import { errorCode } from '../host/files.js';
import { bootId } from '../host/proc.js';
import { KnownError } from '../model/errors.js';
import type { NetnsRef } from '../model/netns.js';
import type { JournalEntry, RepairPlan, RepairStep } from '../model/repair.js';
import type { Run } from '../model/run.js';
import { applySteps, StepFailed, withLateChanges } from './apply.js';
import type { State } from './facts/facts.js';
import { readState } from './facts/read-state.js';
import type { Journal } from './journal.js';
import { fileConflicts, writeFiles } from './persist/write-files.js';
import { type Undone, undoRepair } from './undo.js';

/** Causes that hide each other are mended one after another; more than this many are not. */
const MAX_ROUNDS = 4;

export type MendEvent =
  | { readonly type: 'journal'; readonly path: string }
  | { readonly type: 'apply'; readonly plan: RepairPlan }
  | { readonly type: 'verified'; readonly run: Run; readonly works: boolean }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'rollback' };

export interface MendOptions {
  readonly journal: Journal;
  readonly argv: readonly string[];
  readonly started: Date;
  readonly signal: AbortSignal;
  readonly boundary: () => void;
  /** A new flow, after the changes. */
  readonly verify: () => Promise<Run>;
  readonly works: (run: Run) => boolean;
  /** What to do next about a flow that does not work yet; `null` when there is nothing, or the person says no. */
  readonly next: (run: Run, state: State, entry: JournalEntry) => Promise<RepairPlan | null>;
  readonly onEvent: (event: MendEvent) => void;
  /** When it is taken back by itself; `null` for never. */
  readonly trialUntil: Date | null;
  /** Starts what takes it back then, before anything is changed. */
  readonly arm: (entry: JournalEntry, until: Date) => Promise<void>;
}

export type Mended =
  | { readonly outcome: 'verified'; readonly entry: JournalEntry; readonly run: Run }
  | {
      readonly outcome: 'rolled-back';
      readonly entry: JournalEntry;
      readonly run: Run | null;
      readonly undone: Undone;
    };

export const planned = (steps: readonly RepairStep[]): JournalEntry['steps'] =>
  steps.map((step) => ({ ...step, state: 'planned', changes: [] }));

/**
 * Names in the journal the files that are written next. Until then the entry names none: undoing minds no file that we
 * have not touched. @throws StepFailed when one of them is not what it was when it was planned
 */
const withFiles = async (entry: JournalEntry, { persistence }: RepairPlan, journal: Journal): Promise<JournalEntry> => {
  if (persistence === undefined) return entry;
  const [conflict] = await fileConflicts(persistence.files);
  if (conflict !== undefined) throw new StepFailed(`${conflict.path}: somebody has changed it meanwhile`);
  const noted: JournalEntry = { ...entry, files: persistence.files };
  journal.write(noted);
  return noted;
};

const writeNoted = ({ files = [] }: JournalEntry, boundary: () => void): void => {
  try {
    writeFiles(files, boundary);
  } catch (error) {
    throw errorCode(error) === null ? error : new StepFailed((error as Error).message, { cause: error });
  }
};

/** The entry that a repair begins with. */
export const entryFor = (
  plan: Pick<RepairPlan, 'run' | 'target' | 'destination' | 'netns' | 'steps'>,
  state: State,
  { argv, started, trialUntil }: Pick<MendOptions, 'argv' | 'started' | 'trialUntil'>,
): JournalEntry => ({
  format: 1,
  id: `${started.toISOString().slice(0, 19).replaceAll(':', '')}Z-${plan.run}`,
  run: plan.run,
  started: started.toISOString(),
  status: 'planned',
  note: '',
  argv,
  target: plan.target,
  destination: plan.destination,
  boot: bootId(),
  netns: plan.netns,
  before: Object.fromEntries([...state].map(([netns, facts]) => [netns, [...facts]])),
  steps: planned(plan.steps),
  ...(trialUntil === null ? {} : { trial: { until: trialUntil.toISOString(), kept: false } }),
});

/**
 * Applies a plan and checks it with a new flow. What the first change uncovers is mended as well; when the flow does not
 * work in the end, or anything fails, everything is put back.
 */
export const mend = async (plan: RepairPlan, options: MendOptions): Promise<Mended> => {
  const { journal, boundary, onEvent, signal } = options;
  const places: readonly NetnsRef[] = plan.netns;
  let state = await readState(places);
  let entry = entryFor(plan, state, options);
  journal.write(entry);
  onEvent({ type: 'journal', path: journal.pathOf(entry) });
  if (options.trialUntil !== null) await options.arm(entry, options.trialUntil);
  boundary();
  let run: Run | null = null;
  let next: RepairPlan | null = plan;
  try {
    for (let round = 1; next !== null; round += 1) {
      onEvent({ type: 'apply', plan: next });
      const applied = await applySteps(entry, state, journal, {
        places,
        signal,
        boundary,
        onEntry: (current) => {
          entry = current;
        },
      });
      ({ entry, state } = applied);
      run = await options.verify();
      const works = options.works(run);
      onEvent({ type: 'verified', run, works });
      if (works) {
        entry = await withFiles(entry, next, journal);
        writeNoted(entry, boundary);
        return { outcome: 'verified', run, entry: await keep(entry, state, places, journal, 'the flow works') };
      }
      next = round < MAX_ROUNDS ? await options.next(run, state, entry) : null;
      if (next !== null) entry = { ...entry, steps: [...entry.steps, ...planned(next.steps)] };
    }
  } catch (error) {
    if (!(error instanceof StepFailed) && !(error instanceof KnownError) && !signal.aborted) {
      await undoRepair(entry, journal, boundary);
      throw error;
    }
    onEvent({ type: 'failed', message: signal.aborted ? 'interrupted' : (error as Error).message });
  }
  onEvent({ type: 'rollback' });
  return { outcome: 'rolled-back', entry, run, undone: await undoRepair(entry, journal, boundary) };
};

/** What was changed stays: the entry says so. */
export const keep = async (
  entry: JournalEntry,
  state: State,
  places: readonly NetnsRef[],
  journal: Journal,
  note: string,
): Promise<JournalEntry> => {
  const late = await withLateChanges(entry, state, places);
  const kept: JournalEntry = {
    ...late,
    status: 'verified',
    note,
    steps: late.steps.map((step) => ({ ...step, state: 'verified' })),
  };
  journal.write(kept);
  return kept;
};
