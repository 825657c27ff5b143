import { CommandLane, FULL, givenUp, inside, type Job, netnsOfCommand, programOf } from './command-lane.js';
import { MOST_LANES, startLaneGroup } from './lane-group.js';
import { catProc } from './read-proc.js';
import type { CommandOptions, CommandResult } from './run-command.js';

/** Runs a command to its end; never throws. */
export type CommandRunner = (argv: readonly string[], options?: CommandOptions) => Promise<CommandResult>;

/** Namespaces with shells of their own; commands of others pay for nsenter each. */
const MOST_NAMESPACES = 4;

/** The shells of one namespace that take the commands of one kind, and what waits for them. */
interface Place {
  readonly netns: string | null;
  /** Shells at most. */
  readonly shells: number;
  readonly waiting: Job[];
  lanes: readonly CommandLane[];
}

/**
 * Runs commands in a few shells instead of one process each: starting a process from Node copies the tables of all its
 * memory, which takes milliseconds of its only thread; starting one from a shell a fraction of one. The commands of a
 * network namespace go to shells that have entered it. A program that once gave no answer is not asked again.
 */
export class CommandBatch {
  readonly #shells: readonly number[];
  readonly #silent = new Set<string>();
  readonly #places = new Map<string | null, readonly Place[]>();
  /** The latest process of ours that entered a namespace. */
  readonly #entered = new Map<string | null, number | null>();
  readonly #running = new Set<Promise<unknown>>();
  #closing = false;

  /**
   * @param shells for each namespace, at most
   * @param others as many more for `runBeside`
   */
  constructor(shells: number, others = 0) {
    this.#shells = others === 0 ? [shells] : [shells, others];
  }

  readonly run: CommandRunner = (argv, options) => this.#run(0, argv, options);

  /** For commands that nobody waits for yet: they never stand before those of `run`. */
  readonly runBeside: CommandRunner = (argv, options) => this.#run(1, argv, options);

  /** Ends every shell when nothing waits for it any more. @returns settles when all are gone */
  async close(): Promise<void> {
    this.#closing = true;
    for (const netns of this.#places.keys()) this.#closeIdle(netns);
    while (this.#running.size > 0) await Promise.all(this.#running);
    this.#closing = false;
  }

  #run(kind: number, argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    const netns = netnsOfCommand(argv);
    const read = catProc(inside(argv, netns), { netns, pid: this.#entered.get(netns) ?? null });
    if (read) return Promise.resolve({ ...read, argv });
    return new Promise((resolve) => {
      const places = this.#placesOf(netns);
      const place = places[kind];
      if (!place) throw new TypeError('this batch has no other shells');
      place.waiting.push({ argv, options, resolve });
      this.#feed(place);
    });
  }

  #placesOf(asked: string | null): readonly Place[] {
    const netns = this.#places.has(asked) || this.#places.size < MOST_NAMESPACES ? asked : null;
    const known = this.#places.get(netns);
    if (known) return known;
    const places = this.#shells.map((shells): Place => ({ netns, shells, waiting: [], lanes: [] }));
    this.#places.set(netns, places);
    return places;
  }

  #closeIdle(netns: string | null): void {
    if (!this.#closing) return;
    for (const { waiting, lanes } of this.#places.get(netns) ?? [])
      if (waiting.length === 0) for (const lane of lanes) lane.close();
  }

  #feed(place: Place): void {
    for (let job = place.waiting[0]; job; job = place.waiting[0]) {
      if (job.options.signal?.aborted) job.resolve(givenUp(job.argv, 'cancelled', 0));
      else if (this.#silent.has(programOf(job.argv))) job.resolve(givenUp(job.argv, 'timeout', 0));
      else {
        const lane = this.#laneFor(place, job);
        if (lane.load >= FULL) return;
        lane.take(job);
      }
      place.waiting.shift();
    }
    this.#closeIdle(place.netns);
  }

  /** The one that has least to do; where all are busy a new one first, if there may be more. */
  #laneFor(place: Place, { options }: Job): CommandLane {
    const open = openLanes(place);
    const [least] = open;
    if (least && (least.load === 0 || open.length >= place.shells)) return least;
    const places = this.#placesOf(place.netns);
    const isFirst = places.every((one) => openLanes(one).length === 0);
    this.#open(isFirst ? places : [place], options.signal);
    return openLanes(place)[0] as CommandLane;
  }

  /** Starts the shells that these places of one namespace lack, as many as go into one process. */
  #open(places: readonly Place[], signal: AbortSignal | undefined): void {
    for (const place of places) place.lanes = openLanes(place);
    const owners = places
      .flatMap((place) => Array<Place>(place.shells - place.lanes.length).fill(place))
      .slice(0, MOST_LANES);
    const netns = owners[0]?.netns ?? null;
    const group = startLaneGroup(netns, owners.length, signal);
    this.#entered.set(netns, group.pid);
    group.lanes.forEach((streams, index) => {
      const place = owners[index];
      if (!place) return;
      const onFree = (): void => this.#feed(place);
      place.lanes = [...place.lanes, new CommandLane(streams, { netns, signal, group, silent: this.#silent, onFree })];
    });
    const gone = group.gone.finally(() => this.#running.delete(gone));
    this.#running.add(gone);
  }
}

/** The one that has least to do first. */
const openLanes = ({ lanes }: Place): readonly CommandLane[] =>
  lanes.filter(({ isOpen }) => isOpen).sort((one, other) => one.load - other.load);
