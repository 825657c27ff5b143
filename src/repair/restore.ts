import { inNetns } from '../host/in-netns.js';
import { runCommand } from '../host/run-command.js';
import type { NetnsRef } from '../model/netns.js';
import type { Change } from '../model/repair.js';
import { deviceOf, isKernelOwn, type State, settingOf } from './facts/facts.js';
import { readState } from './facts/read-state.js';
import { inRestoreOrder, restoreCommands, type Wanted } from './restore-commands.js';
import { firewallCommands } from './restore-firewall.js';

/**
 * The kernel answers one change with others, which the next round puts back. So does a bridge whose ports change: its MAC
 * address and MTU follow them, and are only set, and so fixed, where they do not come back by themselves.
 */
const MAX_ROUNDS = 5;
const COMMAND_TIMEOUT_MS = 20_000;
const FIREWALL = ['firewall-rule', 'nft-chain', 'nft-table'];

/** What could not be put back, with the commands that would do it. */
export interface Restored {
  /** Every command that ran. */
  readonly commands: readonly (readonly string[])[];
  readonly left: readonly Wanted[];
  /** The commands for what is left, as a person would type them. */
  readonly byHand: readonly (readonly string[])[];
  /** Paths of the files that are as before again. */
  readonly files: readonly string[];
}

/** What differs from what it was before; without what went, or goes, with its device or namespace. */
const differences = (changes: readonly Change[], state: State): readonly Wanted[] => {
  const made = new Set(
    changes.flatMap(({ netns, facet, key, before }) =>
      facet === 'link' && before === null ? [`${netns} ${key}`] : [],
    ),
  );
  return changes.flatMap((change) => {
    const { netns, facet, key } = change;
    const current = settingOf(state, netns, facet, key);
    if (!state.has(netns) || current === change.before) return [];
    const device = deviceOf(change);
    const goes = facet !== 'link' && device !== null && made.has(`${netns} ${device}`);
    const gone = device !== null && settingOf(state, netns, 'link', device) === null;
    return goes || (gone && current === null) ? [] : [{ netns, facet, key, current, wanted: change.before }];
  });
};

/** A child that dies with us: nothing is changed any more by a repair that was killed. @see setpriv(1) */
export const boundToUs = (argv: readonly string[]): readonly string[] => [
  'setpriv',
  '--pdeathsig',
  'KILL',
  '--',
  ...argv,
];

/** What a bridge takes over from its ports, as long as nobody sets it. */
const followsPorts = ({ netns, facet, key }: Wanted, state: State): boolean =>
  facet === 'mac' || (facet === 'mtu' && settingOf(state, netns, 'link', key) === 'bridge');

const commandsFor = async (wanted: Wanted, place: NetnsRef): Promise<readonly (readonly string[])[]> => {
  if (!FIREWALL.includes(wanted.facet)) return restoreCommands(wanted);
  const ruleset = await runCommand(inNetns(place, ['nft', '-s', '-a', 'list', 'ruleset']), {
    timeoutMs: COMMAND_TIMEOUT_MS,
  });
  return firewallCommands(wanted, ruleset.stdout);
};

/**
 * Brings settings back to their values before, and reads them again until they are. Running it again goes on where it
 * was stopped.
 * @param boundary called between any two commands
 */
export const restore = async (
  changes: readonly Change[],
  places: readonly NetnsRef[],
  boundary: () => void,
): Promise<Restored> => {
  const done: (readonly string[])[] = [];
  for (let round = 0; ; round += 1) {
    const state = await readState(places);
    const left = inRestoreOrder(differences(changes, state));
    if (unresolved(left).length === 0 && round > 0) return { commands: done, left: [], byHand: [], files: [] };
    const byHand: (readonly string[])[] = [];
    for (const wanted of left) {
      const place = places.find(({ id }) => id === wanted.netns);
      if (place === undefined || (round === 0 && followsPorts(wanted, state))) continue;
      for (const inner of await commandsFor(wanted, place)) {
        const argv = inNetns(place, inner);
        byHand.push(argv);
        if (round === MAX_ROUNDS) continue;
        boundary();
        const result = await runCommand(boundToUs(argv), { timeoutMs: COMMAND_TIMEOUT_MS });
        if (result.failure === null) done.push(argv);
      }
    }
    if ((byHand.length === 0 && round > 0) || round === MAX_ROUNDS)
      return { commands: done, left: unresolved(left), byHand, files: [] };
  }
};

/** A chain or table that somebody else uses by now stays, and what the kernel sets by itself comes later: no failure. */
const unresolved = (left: readonly Wanted[]): readonly Wanted[] =>
  left.filter((wanted) => wanted.facet !== 'nft-chain' && wanted.facet !== 'nft-table' && !isKernelOwn(wanted));
