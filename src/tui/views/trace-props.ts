import type { FooterFacts } from '../draw/footer.js';
import type { HeaderFacts } from '../draw/header.js';
import type { PathFacts } from '../draw/path-facts.js';
import type { Place } from '../draw/places.js';
import type { Keymap } from '../keymap.js';
import type { TraceState } from '../store/trace-state.js';
import type { Size } from '../terminal/size.js';
import { TABS, type UiState } from '../ui-state.js';

/** What both forms of the trace screen draw. */
export interface TraceProps {
  readonly state: TraceState;
  readonly ui: UiState;
  readonly facts: PathFacts | null;
  readonly places: readonly Place[];
  readonly at: Place | null;
  readonly header: HeaderFacts;
  readonly footer: FooterFacts;
  readonly keymap: Keymap;
  readonly size: Size;
}

/** Hop that is marked in the drawn path: the selected one, or where the selected link begins. */
export const focusOf = ({ ui, places }: Pick<TraceProps, 'ui' | 'places'>): string | null =>
  ui.selected === null ? null : (places[ui.selected]?.id.split('-')[0] ?? null);

/** Hops whose packets are listed: of the selected place, or all. */
export const packetHops = ({ ui, places }: Pick<TraceProps, 'ui' | 'places'>): readonly string[] | null =>
  ui.selected === null ? null : (places[ui.selected]?.id.split('-') ?? null);

/** Which tab is open, and of what place. */
export const tabNote = ({ ui, at }: TraceProps): string => {
  const number = `tab ${TABS.indexOf(ui.tab) + 1} of ${TABS.length}`;
  return ui.tab === 'hops' || at === null ? number : `${at.id} - ${number}`;
};
