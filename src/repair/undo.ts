import { runCommand } from '../host/run-command.js';
import type { NetnsRef } from '../model/netns.js';
import type { Change, Facet, JournalEntry, JournalStep } from '../model/repair.js';
import { type Conflict, conflictsOf } from './conflicts.js';
import { changesOfStep, isKernelOwn, merged, type State, withChanges } from './facts/facts.js';
import { readState } from './facts/read-state.js';
import type { Journal } from './journal.js';
import { type FileConflict, fileConflicts, restoreFiles } from './persist/write-files.js';
import { inodeOfName, isBeforeReboot, remaining } from './places.js';
import { boundToUs, type Restored, restore } from './restore.js';

/** Milliseconds that a roll-back may take on a busy host, also after a signal. */
export const ROLL_BACK_MS = 60_000;

/** Settings that the kernel writes when a global switch is written. */
const WRITTEN_BY_SWITCHES = /^net\.ipv[46]\.conf\./;

export const stateBefore = (entry: JournalEntry): State =>
  new Map(Object.entries(entry.before).map(([netns, facts]) => [netns, new Map(facts)]));

/** What a step changed: as recorded, or, when it was cut short, whatever of its kind differs now. */
const changesOf = (step: JournalStep, before: State, now: State): readonly Change[] => {
  if (step.state === 'planned' || step.state === 'undone') return [];
  return step.state === 'applying' ? changesOfStep(before, now, step) : step.changes;
};

/** Everything that a repair changed up to now. */
export const changesMade = (entry: JournalEntry, now: State): readonly Change[] => {
  let state = new Map([...stateBefore(entry)].filter(([netns]) => now.has(netns))) as State;
  const changes: Change[] = [];
  for (const step of entry.steps) {
    const made = changesOf(step, state, now).filter(({ netns }) => now.has(netns));
    changes.push(...made);
    state = withChanges(state, made);
  }
  return merged(changes);
};

/** Facets with which the kernel takes away routes that need them. */
const CARRIES_ROUTES: readonly Facet[] = ['address', 'link', 'master', 'up'];

/**
 * What undoing has to arrive at: the values before; and, as they are now, the settings of others that the kernel changes
 * by itself on the way: what it writes along with a global switch, and the routes that go with an address or a link.
 */
const goalOf = (changes: readonly Change[], now: State): readonly Change[] => {
  const within = (isOne: (change: Change) => boolean) => new Set(changes.filter(isOne).map(({ netns }) => netns));
  const switched = within(({ facet, key }) => facet === 'sysctl' && /\.(ip_forward|all\.\S+)$/.test(key));
  const rerouted = within(({ facet }) => CARRIES_ROUTES.includes(facet));
  const ours = new Set(changes.map(({ netns, facet, key }) => JSON.stringify([netns, facet, key])));
  const others = [...now].flatMap(([netns, facts]) =>
    [...facts].flatMap(([joined, value]): readonly Change[] => {
      const at = joined.indexOf(' ');
      const [facet, key] = [joined.slice(0, at) as Facet, joined.slice(at + 1)];
      const isKept =
        (facet === 'sysctl' && switched.has(netns) && WRITTEN_BY_SWITCHES.test(key)) ||
        (facet === 'route' && rerouted.has(netns) && !isKernelOwn({ facet, key }));
      return isKept && !ours.has(JSON.stringify([netns, facet, key]))
        ? [{ netns, facet, key, before: value, after: value }]
        : [];
    }),
  );
  return [...changes, ...others];
};

export type Undone =
  | { readonly outcome: 'undone' | 'gone' | 'nothing'; readonly restored: Restored; readonly entry: JournalEntry }
  | { readonly outcome: 'refused'; readonly conflicts: readonly Conflict[]; readonly files: readonly FileConflict[] }
  | { readonly outcome: 'failed'; readonly restored: Restored };

const NOTHING: Restored = { commands: [], left: [], byHand: [], files: [] };

const finished = (entry: JournalEntry, note: string): JournalEntry => ({
  ...entry,
  status: 'undone',
  note,
  steps: entry.steps.map((step) => ({ ...step, state: step.state === 'planned' ? 'planned' : 'undone' })),
});

/**
 * Puts back everything that a repair changed, and checks that it is back. Nothing is changed when somebody else has
 * changed one of these settings since. It can be stopped at any moment, and called again.
 * @param boundary called before and after everything that is written
 */
export const undoRepair = async (entry: JournalEntry, journal: Journal, boundary: () => void): Promise<Undone> => {
  const kept = entry.files ?? [];
  const end = async (note: string, outcome: 'undone' | 'gone' | 'nothing', restored = NOTHING): Promise<Undone> => {
    const files = await restoreFiles(kept, boundary);
    const undone = finished(entry, note);
    journal.write(undone);
    const told = outcome === 'nothing' && files.length > 0 ? 'undone' : outcome;
    return { outcome: told, restored: { ...restored, files }, entry: undone };
  };
  const files = await fileConflicts(kept);
  if (files.length > 0) return { outcome: 'refused', conflicts: [], files };
  if (isBeforeReboot(entry)) return end('gone with a restart of the machine', 'gone');
  const places = remaining(entry);
  if (places.length === 0) return end('its namespaces are gone', 'gone');
  const goal = entry.status === 'undoing' && entry.goal ? entry.goal : await chooseGoal(entry, places);
  if ('conflicts' in goal) return { outcome: 'refused', conflicts: goal.conflicts, files: [] };
  const namespace = namespaceToRemove(entry);
  if (goal.length === 0 && namespace === null) return end('nothing had been changed', 'nothing');
  journal.write({ ...entry, status: 'undoing', goal });
  boundary();
  const restored = await restore(goal, places, boundary);
  boundary();
  if (restored.left.length > 0) return { outcome: 'failed', restored };
  if (namespace === null) return end('undone', 'undone', restored);
  const removal = ['ip', 'netns', 'del', namespace];
  const removed = await runCommand(boundToUs(removal));
  boundary();
  if (removed.failure !== null) return { outcome: 'failed', restored: { ...restored, byHand: [removal] } };
  return end('undone', 'undone', { ...restored, commands: [...restored.commands, removal] });
};

/** The namespace that a build made, while it is still the same one. */
const namespaceToRemove = ({ madeNetns, netns, steps }: JournalEntry): string | null => {
  if (madeNetns === undefined || steps[0]?.state === 'planned') return null;
  const found = inodeOfName(madeNetns);
  const known = netns.find(({ id }) => id === 'target');
  return found !== null && (known === undefined || known.inode === found) ? madeNetns : null;
};

const chooseGoal = async (
  entry: JournalEntry,
  places: readonly NetnsRef[],
): Promise<readonly Change[] | { readonly conflicts: readonly Conflict[] }> => {
  const now = await readState(places);
  const changes = changesMade(entry, now);
  const conflicts = conflictsOf(changes, stateBefore(entry), now);
  return conflicts.length > 0 ? { conflicts } : goalOf(changes, now);
};
