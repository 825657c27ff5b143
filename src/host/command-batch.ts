import { CommandLane, FULL, givenUp, type Job, netnsOfCommand, programOf } from './command-lane.js';
import type { CommandOptions, CommandResult } from './run-command.js';

/** Runs a command to its end; never throws. */
export type CommandRunner = (argv: readonly string[], options?: CommandOptions) => Promise<CommandResult>;

/** Namespaces with shells of their own; commands of others pay for nsenter each. */
const MOST_NAMESPACES = 4;

/**
 * Runs commands in a few shells instead of one process each: starting a process from Node copies the tables of all its
 * memory, which takes milliseconds of its only thread; starting one from a shell a fraction of one. The commands of a
 * network namespace go to shells that have entered it. A program that once gave no answer is not asked again.
 */
export class CommandBatch {
  readonly #shells: number;
  readonly #silent = new Set<string>();
  readonly #places = new Map<string | null, { readonly waiting: Job[]; lanes: readonly CommandLane[] }>();
  readonly #running = new Set<Promise<unknown>>();
  #closing = false;

  /** @param shells for each namespace, at most */
  constructor(shells: number) {
    this.#shells = shells;
  }

  readonly run: CommandRunner = (argv, options = {}) =>
    new Promise((resolve) => {
      const netns = this.#netnsFor(argv);
      const place = this.#places.get(netns) ?? { waiting: [], lanes: [] };
      this.#places.set(netns, place);
      place.waiting.push({ argv, options, resolve });
      this.#feed(netns);
    });

  /** Ends every shell when nothing waits for it any more. @returns settles when all are gone */
  async close(): Promise<void> {
    this.#closing = true;
    for (const netns of this.#places.keys()) this.#closeIdle(netns);
    while (this.#running.size > 0) await Promise.all(this.#running);
    this.#closing = false;
  }

  #closeIdle(netns: string | null): void {
    const place = this.#places.get(netns);
    if (this.#closing && place?.waiting.length === 0) for (const lane of place.lanes) lane.close();
  }

  #netnsFor(argv: readonly string[]): string | null {
    const netns = netnsOfCommand(argv);
    return this.#places.has(netns) || this.#places.size < MOST_NAMESPACES ? netns : null;
  }

  #feed(netns: string | null): void {
    const place = this.#places.get(netns);
    for (let job = place?.waiting[0]; place && job; job = place.waiting[0]) {
      if (job.options.signal?.aborted) job.resolve(givenUp(job.argv, 'cancelled', 0));
      else if (this.#silent.has(programOf(job.argv))) job.resolve(givenUp(job.argv, 'timeout', 0));
      else {
        place.lanes = place.lanes.filter(({ isOpen }) => isOpen);
        const lane = this.#laneFor(netns, place.lanes, job);
        if (lane.load >= FULL) return;
        if (!place.lanes.includes(lane)) place.lanes = [...place.lanes, lane];
        lane.take(job);
      }
      place.waiting.shift();
    }
    this.#closeIdle(netns);
  }

  /** One that has nothing to do, else a new one, else the one that has least. */
  #laneFor(netns: string | null, lanes: readonly CommandLane[], { options }: Job): CommandLane {
    const [least] = [...lanes].sort((one, other) => one.load - other.load);
    if (least && (least.load === 0 || lanes.length >= this.#shells)) return least;
    const lane = new CommandLane({
      netns,
      signal: options.signal,
      silent: this.#silent,
      onFree: () => this.#feed(netns),
    });
    const gone = lane.gone.finally(() => this.#running.delete(gone));
    this.#running.add(gone);
    return lane;
  }
}
