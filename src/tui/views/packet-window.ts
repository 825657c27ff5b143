import { type Line, line } from '../draw/line.js';
import { NO_PACKETS } from '../draw/packets.js';
import type { UiState } from '../ui-state.js';

export const packetTitle = ({ typing, filter }: UiState): string =>
  typing ? `PACKETS with: ${filter}_` : filter === '' ? 'PACKETS' : `PACKETS with: ${filter}`;

/** The last packets, or those further back when scrolled. */
export const visiblePackets = (
  lines: readonly Line[],
  { scroll, tab, filter }: UiState,
  height: number,
): readonly Line[] => {
  if (lines.length === 0) return filter === '' ? [NO_PACKETS] : [line('no packet has this text', 'faint')];
  const back = tab === 'hops' ? scroll : 0;
  return lastOf(lines, back, height);
};

/** The last rows that fit, or those so many rows further back. */
export const lastOf = (lines: readonly Line[], back: number, height: number): readonly Line[] => {
  const end = Math.max(lines.length - back, Math.min(height, lines.length));
  return lines.slice(Math.max(end - height, 0), end);
};
