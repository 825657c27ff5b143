/** What was chosen and typed on the start screen. */
export interface StartState {
  readonly target: string | null;
  readonly text: string;
  readonly cursor: number;
}

export const INITIAL_START: StartState = { target: null, text: '', cursor: 0 };

export type StartEvent =
  | { readonly type: 'target'; readonly target: string }
  /** `back` says whether escape may go back to the containers. */
  | { readonly type: 'key'; readonly key: string; readonly rows: number; readonly back: boolean };

const NOT_TEXT = /^(up|down|left|right|tab|pageup|pagedown|return|ctrl-.)$/;

export const foldStart = (state: StartState, event: StartEvent): StartState => {
  if (event.type === 'target') return { target: event.target, text: '', cursor: 0 };
  const { key, rows, back } = event;
  if (key === 'up') return { ...state, cursor: Math.max(0, Math.min(state.cursor, rows - 1) - 1) };
  if (key === 'down') return { ...state, cursor: Math.min(state.cursor + 1, Math.max(rows - 1, 0)) };
  if (key === 'backspace') return { ...state, text: [...state.text].slice(0, -1).join(''), cursor: 0 };
  if (key === 'escape') return back && state.text === '' ? INITIAL_START : { ...state, text: '', cursor: 0 };
  const text = key === 'space' ? ' ' : key;
  if (NOT_TEXT.test(key) || !/^[\x20-\x7e]+$/.test(text)) return state;
  return { ...state, text: `${state.text}${text}`.slice(0, 200), cursor: 0 };
};
