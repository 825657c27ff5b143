import type { Action } from './keymap.js';

export type View = 'trace' | 'help' | 'drops' | 'plan' | 'explain';

export const TABS = ['hops', 'rules', 'state', 'log'] as const;
export type Tab = (typeof TABS)[number];

/** What the person has chosen to see. */
export interface UiState {
  readonly view: View;
  readonly tab: Tab;
  /** Whether a small screen shows the tab in place of the diagnosis. */
  readonly tabOpen: boolean;
  /** Index of the selected hop or link; `null` follows the break. */
  readonly selected: number | null;
  readonly scroll: number;
  readonly filter: string;
  /** Whether keys go into the filter. */
  readonly typing: boolean;
  readonly paused: boolean;
}

export const INITIAL_UI: UiState = {
  view: 'trace',
  tab: 'hops',
  tabOpen: false,
  selected: null,
  scroll: 0,
  filter: '',
  typing: false,
  paused: false,
};

export type UiEvent =
  | { readonly type: 'action'; readonly action: Action; readonly places: number; readonly focus: number }
  | { readonly type: 'typed'; readonly key: string };

const isTab = (action: Action): action is Tab => (TABS as readonly string[]).includes(action);

/** The choice after a key. Pure; what a key starts (a probe, a copy) is not here. */
export const foldUi = (ui: UiState, event: UiEvent): UiState =>
  event.type === 'typed' ? typed(ui, event.key) : acted(ui, event);

const typed = (ui: UiState, key: string): UiState => {
  if (key === 'return') return { ...ui, typing: false };
  if (key === 'escape') return { ...ui, typing: false, filter: '' };
  if (key === 'backspace') return { ...ui, filter: [...ui.filter].slice(0, -1).join('') };
  const text = key === 'space' ? ' ' : key;
  return /^[\x20-\x7e]+$/.test(text) && !/^(up|down|left|right|tab|pageup|pagedown|ctrl-.)$/.test(key)
    ? { ...ui, filter: `${ui.filter}${text}`.slice(0, 60) }
    : ui;
};

const acted = (ui: UiState, { action, places, focus }: UiEvent & { type: 'action' }): UiState => {
  if (isTab(action)) return { ...ui, view: 'trace', tab: action, tabOpen: true, scroll: 0 };
  switch (action) {
    case 'help':
    case 'drops':
    case 'plan':
    case 'explain':
      return { ...ui, view: ui.view === action ? 'trace' : action, scroll: 0 };
    case 'back':
      return ui.view === 'trace'
        ? { ...ui, selected: null, tabOpen: false, filter: '', scroll: 0 }
        : { ...ui, view: 'trace', scroll: 0 };
    case 'next-tab':
      return nextTab(ui);
    case 'up':
    case 'down':
      return moved(ui, action === 'up' ? -1 : 1, places, focus);
    case 'page-up':
      return { ...ui, scroll: Math.max(0, ui.scroll - 5) };
    case 'page-down':
      return { ...ui, scroll: ui.scroll + 5 };
    case 'filter':
      return { ...ui, view: 'trace', typing: true };
    case 'pause':
      return { ...ui, paused: !ui.paused };
    default:
      return ui;
  }
};

/** On a small screen the diagnosis is one of the tabs. */
const nextTab = (ui: UiState): UiState => {
  if (!ui.tabOpen) return { ...ui, view: 'trace', tabOpen: true, scroll: 0 };
  const next = TABS[TABS.indexOf(ui.tab) + 1];
  return next ? { ...ui, tab: next, scroll: 0 } : { ...ui, tab: TABS[0], tabOpen: false, scroll: 0 };
};

const moved = (ui: UiState, by: number, places: number, focus: number): UiState => {
  if (ui.view !== 'trace') return { ...ui, scroll: Math.max(0, ui.scroll + by) };
  if (places === 0) return ui;
  const from = ui.selected ?? (focus >= 0 ? focus : by > 0 ? -1 : places);
  return { ...ui, selected: Math.min(Math.max(from + by, 0), places - 1), scroll: 0 };
};
