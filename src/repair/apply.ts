import { type CommandResult, runCommand } from '../host/run-command.js';
import type { NetnsRef } from '../model/netns.js';
import type { Change, JournalEntry, JournalStep } from '../model/repair.js';
import { describeCommand } from './command.js';
import { changesBetween, changesOfStep, isKernelOwn, merged, type State, settingOf } from './facts/facts.js';
import { readAgain, readState } from './facts/read-state.js';
import type { Journal } from './journal.js';
import { boundToUs } from './restore.js';

const COMMAND_TIMEOUT_MS = 20_000;

/** A command of the plan failed. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';
}

export interface ApplyOptions {
  readonly places: readonly NetnsRef[];
  readonly signal: AbortSignal;
  /** Called before and after everything that is written. */
  readonly boundary: () => void;
  /** Told the entry as it stands in the journal. */
  readonly onEntry: (entry: JournalEntry) => void;
  /** Number of the one step to take; without it all that are planned. */
  readonly only?: number;
}

const withStep = (entry: JournalEntry, step: JournalStep): JournalEntry => ({
  ...entry,
  steps: entry.steps.map((other) => (other.n === step.n ? step : other)),
});

/**
 * Applies the planned steps of an entry, each written to the journal before and after.
 * @param state all settings now
 * @throws StepFailed when a command fails; what was applied until then is in the journal
 */
export const applySteps = async (
  entry: JournalEntry,
  state: State,
  journal: Journal,
  { places, signal, boundary, onEntry, only }: ApplyOptions,
): Promise<{ readonly entry: JournalEntry; readonly state: State }> => {
  let current: JournalEntry = { ...entry, status: 'applying' };
  let before = state;
  const record = (step: JournalStep): void => {
    current = withStep(current, step);
    journal.write(current);
    onEntry(current);
    boundary();
  };
  const next = entry.steps.filter(({ state: now, n }) => now === 'planned' && (only === undefined || n === only));
  for (const step of next) {
    signal.throwIfAborted();
    record({ ...step, state: 'applying' });
    const result = await runCommand(boundToUs(step.argv), { timeoutMs: COMMAND_TIMEOUT_MS });
    boundary();
    const after = await readAgain(before, places, step.scope);
    const changes = changesOfStep(before, after, step);
    record({ ...step, state: 'applied', changes });
    const failure = result.failure === null ? withoutEffect(step, after, changes) : failureWords(result);
    if (failure !== null) throw new StepFailed(`${step.argv.join(' ')}: ${failure}`);
    before = after;
  }
  current = { ...current, status: 'applied' };
  journal.write(current);
  onEntry(current);
  boundary();
  return { entry: current, state: before };
};

const failureWords = ({ stderr, failure, exitCode }: CommandResult): string =>
  stderr.trim() || (failure === 'exit' ? `exit code ${exitCode}` : `${failure}`);

/** Why a command that said it had succeeded has not; `null`: what it was to change is to be seen. */
const withoutEffect = (step: JournalStep, after: State, changes: readonly Change[]): string | null => {
  const isRuleSeen = step.tag === null || settingOf(after, step.netns, 'firewall-rule', step.tag) !== null;
  if (!isRuleSeen || (step.scope.includes('frame-rules') && changes.length === 0))
    return 'the rule is not to be seen; take it out by hand';
  const described = describeCommand(step.inner);
  if (described === null || described.fact === null || described.after === null) return null;
  const now = settingOf(after, step.netns, described.fact.facet, described.fact.key) ?? 'none';
  return now === described.after ? null : `it said nothing, but the value is still ${now}`;
};

/** What the kernel changed by itself meanwhile, put down to the last step. */
export const withLateChanges = async (
  entry: JournalEntry,
  state: State,
  places: readonly NetnsRef[],
): Promise<JournalEntry> => {
  const last = entry.steps.findLast((step) => step.state === 'applied');
  if (last === undefined) return entry;
  const late = changesBetween(state, await readState(places)).filter(isKernelOwn);
  return withStep(entry, { ...last, changes: merged([...last.changes, ...late]) });
};
