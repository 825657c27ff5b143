import type { Run } from '../../model/run.js';
import type { Scenario, ScenarioStep } from '../../model/scenario.js';
import type { Tone } from '../draw/line.js';

/** What is shown at once: one idea. */
export type Slide =
  | { readonly kind: 'briefing' }
  | { readonly kind: 'step'; readonly step: ScenarioStep; readonly number: number }
  | { readonly kind: 'debrief' };

/** What is presented, and how; does not change. */
export interface Deck {
  readonly scenario: Scenario;
  readonly slides: readonly Slide[];
  /** Without hints, answers and notes. */
  readonly audience: boolean;
}

/** The slides of a scenario: its briefing, its steps, its debrief. */
export const deckOf = (scenario: Scenario, audience: boolean): Deck => ({
  scenario,
  audience,
  slides: [
    { kind: 'briefing' },
    ...scenario.steps.map((step, index) => ({ kind: 'step', step, number: index + 1 }) as const),
    { kind: 'debrief' },
  ],
});

/** Something that was done, and what came of it; foreign text. */
export interface Output {
  readonly title: string;
  readonly rows: readonly { readonly text: string; readonly tone: Tone }[];
}

export interface PresenterState {
  /** Index of the slide. */
  readonly at: number;
  /** What runs, in words. */
  readonly doing: string | null;
  /** Whether the command of this slide has run. */
  readonly ran: boolean;
  readonly output: Output | null;
  /** The latest trace of the lab, and whether one runs. */
  readonly run: Run | null;
  readonly measuring: boolean;
  /** The hop that was jumped to. */
  readonly hop: number | null;
  /** Whether the answer was asked for once, and whether it is shown. */
  readonly asked: boolean;
  readonly revealed: boolean;
  readonly notes: boolean;
  readonly notice: string | null;
}

export type PresenterEvent =
  | { readonly type: 'pressed' }
  | { readonly type: 'went'; readonly at: number }
  | { readonly type: 'began'; readonly what: string; readonly hop?: number }
  | { readonly type: 'ended'; readonly output: Output; readonly ran?: boolean }
  /** It ended with a word instead of an output. */
  | { readonly type: 'said'; readonly message: string }
  | { readonly type: 'measuring' }
  /** `null` where the trace brought nothing. */
  | { readonly type: 'measured'; readonly run: Run | null }
  | { readonly type: 'asked' }
  | { readonly type: 'revealed' }
  | { readonly type: 'notes' }
  | { readonly type: 'told'; readonly notice: string };

const NEW_SLIDE = { ran: false, output: null, hop: null, asked: false, revealed: false, notice: null } as const;

export const BEFORE_ALL: PresenterState = {
  ...NEW_SLIDE,
  at: 0,
  doing: null,
  run: null,
  measuring: false,
  notes: false,
};

/** The state after an event. Pure. */
export const foldPresenter = (state: PresenterState, event: PresenterEvent): PresenterState => {
  switch (event.type) {
    case 'pressed':
      return { ...state, notice: null };
    case 'went':
      return { ...state, ...NEW_SLIDE, at: event.at };
    case 'began':
      return { ...state, doing: event.what, output: null, asked: false, revealed: false, hop: event.hop ?? null };
    case 'ended':
      return { ...state, doing: null, output: event.output, ran: state.ran || event.ran === true };
    case 'said':
      return { ...state, doing: null, notice: event.message };
    case 'measuring':
      return { ...state, measuring: true };
    case 'measured':
      return { ...state, measuring: false, run: event.run ?? state.run };
    case 'asked':
      return { ...state, asked: true, notice: 's again shows the answer to everybody who sees this screen' };
    case 'revealed':
      return { ...state, asked: false, revealed: true, notice: null };
    case 'notes':
      return { ...state, notes: !state.notes };
    case 'told':
      return { ...state, notice: event.notice };
  }
};
