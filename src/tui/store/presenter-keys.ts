import type { Binding } from '../keymap.js';
import type { Deck, PresenterEvent, PresenterState } from './presenter-state.js';

export const PRESENTER_ACTIONS = [
  'next',
  'back',
  'hop',
  'hint',
  'check',
  'answer',
  'break',
  'reset',
  'notes',
  'quit',
] as const;
export type PresenterAction = (typeof PRESENTER_ACTIONS)[number];
export type PresenterKeymap = readonly Binding<PresenterAction>[];

const KEYMAP: PresenterKeymap = [
  { action: 'next', keys: ['return'], help: "run the slide's command, then go on", footer: 'next' },
  { action: 'back', keys: ['left', 'backspace'], help: 'the slide before', footer: 'back' },
  { action: 'hop', keys: [...'123456789'], help: 'capture at a hop while a probe is sent', footer: 'to 9: hop' },
  { action: 'hint', keys: ['h'], help: 'a hint that fits', footer: 'hint' },
  { action: 'check', keys: ['c'], help: 'does it work now', footer: 'check' },
  { action: 'answer', keys: ['s'], help: 'the answer and the solution; asks twice', footer: 'answer' },
  { action: 'break', keys: ['b'], help: 'break it again', footer: 'break again' },
  { action: 'reset', keys: ['R'], help: 'build the lab anew', footer: 'reset' },
  { action: 'notes', keys: ['n'], help: "the speaker's notes on and off", footer: 'notes' },
  { action: 'quit', keys: ['q'], help: 'end', footer: 'end' },
];

const SPEAKERS: readonly PresenterAction[] = ['hint', 'answer', 'notes'];

/** The keys of a view: the audience's has none that shows a hint, an answer or a note. */
export const presenterKeymap = (audience: boolean): PresenterKeymap =>
  audience ? KEYMAP.filter(({ action }) => !SPEAKERS.includes(action)) : KEYMAP;

/** What is to be done outside the screen. */
export type Effect =
  | { readonly type: 'quit' }
  | { readonly type: 'run' | 'hint' | 'check' | 'break' | 'reset' }
  | { readonly type: 'hop'; readonly hop: number };

/** What a key means now: a change of the screen, or something to do in the lab. Pure. */
export const decide = (
  state: PresenterState,
  { slides }: Deck,
  action: PresenterAction,
  key: string,
): PresenterEvent | Effect => {
  if (action === 'quit') return { type: 'quit' };
  if (action === 'notes') return { type: 'notes' };
  if (state.doing !== null) return { type: 'told', notice: `wait: ${state.doing}` };
  const slide = slides[state.at];
  switch (action) {
    case 'next':
      if (slide?.kind === 'step' && slide.step.command !== undefined && !state.ran) return { type: 'run' };
      return state.at + 1 < slides.length
        ? { type: 'went', at: state.at + 1 }
        : { type: 'told', notice: 'this is the last slide; q ends' };
    case 'back':
      return state.at > 0 ? { type: 'went', at: state.at - 1 } : { type: 'told', notice: 'this is the first slide' };
    case 'answer':
      if (state.revealed) return { type: 'told', notice: 'the answer is shown' };
      return state.asked ? { type: 'revealed' } : { type: 'asked' };
    case 'hop':
      return { type: 'hop', hop: Number(key) };
    case 'hint':
    case 'check':
    case 'break':
    case 'reset':
      return { type: action };
  }
};
