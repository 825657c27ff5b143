import type { TraceState } from '../store/trace-state.js';
import type { Glyphs } from '../theme.js';
import type { Tab } from '../ui-state.js';
import { hostStateOf } from './host-state.js';
import { type Line, line } from './line.js';
import { logLines } from './log.js';
import type { PathFacts } from './path-facts.js';
import { type Place, placeHead, placeRows, shownRow, windowed } from './places.js';
import { ruleLines } from './rules.js';
import { watchLines } from './watch-table.js';

export interface TabWish {
  readonly state: TraceState;
  readonly facts: PathFacts | null;
  readonly places: readonly Place[];
  /** The place that is shown: selected, or the break. */
  readonly at: Place | null;
  readonly columns: number;
  readonly height: number;
  readonly scroll: number;
  readonly glyphs: Glyphs;
}

/** The rows of a tab that filled, scrolled. */
export const tabLines = (tab: Tab, wish: TabWish): readonly Line[] => {
  const { state, facts, places, at, columns, height, scroll, glyphs } = wish;
  if (tab === 'hops') {
    if (facts === null) return [line('the path is not known yet', 'faint')];
    if (state.watched) return watchLines(state.watched, columns, glyphs);
    const rows = placeRows(places, at, facts, columns, glyphs);
    return [line(placeHead(columns), 'faint'), ...windowed(rows, shownRow(places, at), height - 1).rows];
  }
  const ifname = at?.kind === 'hop' ? at.facts.hop.ifname : null;
  const rows =
    tab === 'rules'
      ? ruleLines(state.met, at, columns, glyphs)
      : tab === 'state'
        ? hostStateOf(state.run, at, columns)
        : logLines(state.announced, ifname, columns);
  return scrolled(rows, scroll, height);
};

/** Rows from an offset on, never beyond the last page. */
export const scrolled = (rows: readonly Line[], scroll: number, height: number): readonly Line[] => {
  const start = Math.max(0, Math.min(scroll, rows.length - height));
  return rows.slice(start, start + height);
};
