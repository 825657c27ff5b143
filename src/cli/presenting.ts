import type { Lab } from '../lab/lab.js';
import { KnownError } from '../model/errors.js';
import { decide, type Effect } from '../tui/store/presenter-keys.js';
import {
  BEFORE_ALL,
  type Deck,
  foldPresenter,
  type Output,
  type PresenterEvent,
  type PresenterState,
} from '../tui/store/presenter-state.js';
import { createStore } from '../tui/store/throttled-store.js';
import type { Presentation } from '../tui/views/presenter-view.js';
import type { Baseline } from '../workshop/damage.js';
import { allHold } from '../workshop/probes.js';
import { breakScene } from '../workshop/scene.js';
import { scenarioTraceArguments } from '../workshop/trace-arguments.js';
import { checked, hinted, hopSeen, stepShown } from './presenter-outputs.js';

export interface PresentingOptions {
  readonly deck: Deck;
  readonly lab: Lab;
  readonly baseline: Baseline;
  /** Builds the lab anew. */
  rebuild(): Promise<{ readonly lab: Lab; readonly baseline: Baseline }>;
  /** Told where the presentation is, each time that it moves. */
  onMove(state: PresenterState): void;
  onQuit(): void;
  /** Told of what should not happen. */
  onFailure(error: unknown): void;
}

/** A presentation, and the way to end all that it runs. */
export interface Presenting extends Presentation {
  /** Follows the packets for the first time. */
  begin(): void;
  /** Settles when nothing runs any more. */
  stop(): Promise<void>;
}

/** Something that runs, and can be ended. */
interface Job {
  readonly controller: AbortController;
  readonly ended: Promise<void>;
}

type Work = (signal: AbortSignal) => Promise<PresenterEvent>;

/** Something to do in the lab. */
interface Task {
  /** In words. */
  readonly what: string;
  readonly work: Work;
  readonly hop?: number;
  /** Whether packets may take another way afterwards. */
  readonly moves: boolean;
}

/** Does in the lab what the keys of a presentation mean: one thing at a time, a trace between them. */
export const createPresenting = (options: PresentingOptions): Presenting => {
  const { deck, onMove, onQuit, onFailure } = options;
  const { scenario } = deck;
  const store = createStore<PresenterState, PresenterEvent>(BEFORE_ALL, foldPresenter, { intervalMs: 0 });
  let { lab, baseline } = options;
  const given: number[] = [];
  const startedMs = Date.now();
  let [job, trace]: (Job | null)[] = [null, null];
  let stopped = false;

  const tell = (event: PresenterEvent): void => {
    const { at, ran } = store.snapshot();
    store.dispatch(event);
    const now = store.snapshot();
    if (now.at !== at || now.ran !== ran) onMove(now);
  };

  const run = (work: (signal: AbortSignal) => Promise<void>): Job => {
    const controller = new AbortController();
    const ended = work(controller.signal).catch((error: unknown) => {
      if (!controller.signal.aborted) onFailure(error);
    });
    return { controller, ended };
  };

  const end = async (one: Job | null | undefined): Promise<void> => {
    one?.controller.abort();
    await one?.ended;
  };

  const measure = (): void => {
    if (stopped) return;
    tell({ type: 'measuring' });
    trace = run(async (signal) => {
      const result = await lab.trace([...scenarioTraceArguments(scenario, lab.topology), '--no-save'], { signal });
      tell({ type: 'measured', run: signal.aborted ? null : result.run });
    });
  };

  /** The packets of a trace that runs would be seen in captures, so it ends first; then packets are followed again. */
  const start = ({ what, work, hop, moves }: Task): void => {
    tell({ type: 'began', what, ...(hop === undefined ? {} : { hop }) });
    job = run(async (signal) => {
      const interrupted = store.snapshot().measuring;
      await end(trace);
      const event = await work(signal).catch((error: unknown): PresenterEvent => {
        if (!(error instanceof KnownError)) throw error;
        return { type: 'said', message: error.message };
      });
      tell(event);
      if (moves || interrupted) measure();
    });
  };

  const shows =
    (work: (signal: AbortSignal) => Promise<Output>): Work =>
    async (signal) => ({
      type: 'ended',
      output: await work(signal),
    });

  const rebuild = async (): Promise<void> => {
    ({ lab, baseline } = await options.rebuild());
  };

  const breakAgain = async (): Promise<PresenterEvent> => {
    if (scenario.break.length === 0) return { type: 'said', message: 'nothing is broken here; R begins anew' };
    if (await allHold(lab, scenario.symptom)) return { type: 'said', message: 'it is broken already' };
    try {
      await breakScene(lab, scenario);
    } catch (error) {
      if (!(error instanceof KnownError)) throw error;
      await rebuild();
    }
    const output = { title: 'it is broken again', rows: [] };
    return (await allHold(lab, scenario.symptom))
      ? { type: 'ended', output }
      : { type: 'said', message: 'it has been changed too far to break again; R begins anew' };
  };

  const runSlide = (): Task | null => {
    const slide = deck.slides[store.snapshot().at];
    if (slide?.kind !== 'step') return null;
    const { step } = slide;
    const work: Work = async (signal) => ({ type: 'ended', output: await stepShown(lab, step, signal), ran: true });
    return { what: `$ ${step.command}`, work, moves: step.changes };
  };

  const reset: Work = async () => {
    await rebuild();
    given.length = 0;
    tell({ type: 'went', at: 0 });
    return { type: 'said', message: 'the lab is as it was at the start' };
  };

  const taskOf = (effect: Exclude<Effect, { type: 'quit' }>): Task | null => {
    switch (effect.type) {
      case 'run':
        return runSlide();
      case 'hop': {
        const { hop } = effect;
        const work = shows((signal) => hopSeen(lab, scenario, store.snapshot().run, hop, signal));
        return { what: `capturing at hop ${hop}`, work, hop, moves: false };
      }
      case 'hint': {
        const work = shows(() => hinted(lab, scenario, { given, elapsedMs: Date.now() - startedMs }));
        return { what: 'asking the lab', work, moves: false };
      }
      case 'check':
        return { what: 'checking', work: shows(() => checked(lab, scenario, baseline)), moves: true };
      case 'break':
        return { what: 'breaking it again', work: breakAgain, moves: true };
      case 'reset':
        return { what: 'building the lab anew', work: reset, moves: true };
    }
  };

  return {
    deck,
    store,
    press: (action, key) => {
      tell({ type: 'pressed' });
      const decision = decide(store.snapshot(), deck, action, key);
      if (!isEffect(decision)) tell(decision);
      else if (decision.type === 'quit') onQuit();
      else {
        const task = taskOf(decision);
        if (task !== null) start(task);
      }
    },
    begin: () => {
      onMove(store.snapshot());
      measure();
    },
    stop: async () => {
      stopped = true;
      await end(job);
      await end(trace);
    },
  };
};

const EFFECTS: readonly string[] = ['run', 'hint', 'check', 'break', 'reset', 'quit', 'hop'] satisfies Effect['type'][];

const isEffect = (decision: PresenterEvent | Effect): decision is Effect => EFFECTS.includes(decision.type);
